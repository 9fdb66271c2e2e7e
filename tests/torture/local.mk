# SPDX-License-Identifier: ISC
#
# Every single fault on the shipped program: `make torture', which takes a
# while, and TORTURE_FLAGS='--share 10' for a tenth of it.

# built when it is asked for: it needs glibc
EXTRA_LTLIBRARIES += tests/torture/shim.la
tests_torture_shim_la_SOURCES = tests/torture/shim.c tests/torture/shim.h \
	tests/torture/shim-calls.c tests/torture/shim-libraries.c \
	tests/torture/shim-process.c tests/torture/shim-sockets.c
tests_torture_shim_la_LDFLAGS = $(AM_LDFLAGS) -module -shared -avoid-version -rpath /nowhere

EXTRA_DIST += tests/torture/torture tests/torture/Changes.pm \
	tests/torture/Control.pm tests/torture/Faults.pm tests/torture/Lines.pm \
	tests/torture/Operation.pm tests/torture/Scenarios.pm \
	tests/torture/Unseen.pm tests/torture/Victim.pm

# their waits fail too
torture_programs = src/muxproxy$(EXEEXT)
if HAVE_POLL
torture_programs += tests/relay/muxproxy-poll$(EXEEXT)
endif
if HAVE_SELECT
torture_programs += tests/relay/muxproxy-select$(EXEEXT)
endif

# with a limit that the program raises
torture: $(torture_programs) tests/torture/shim.la
	$(AM_TESTS_ENVIRONMENT) ulimit -S -n 512; $(PERL) -I$(top_srcdir)/tests \
	    $(srcdir)/tests/torture/torture $(TORTURE_FLAGS)

.PHONY: torture
