# SPDX-License-Identifier: ISC
#
# Every single fault on the shipped program: `make torture', which takes a
# while, and TORTURE_FLAGS='--share 10 --seed 1' for a tenth of it.

# built when it is asked for: it needs glibc
EXTRA_LTLIBRARIES += tests/torture/shim.la
tests_torture_shim_la_SOURCES = tests/torture/shim.c
tests_torture_shim_la_LDFLAGS = $(AM_LDFLAGS) -module -shared -avoid-version -rpath /nowhere

EXTRA_DIST += tests/torture/torture

torture: src/muxproxy$(EXEEXT) tests/torture/shim.la $(check_LTLIBRARIES)
	$(AM_TESTS_ENVIRONMENT) $(PERL) -I$(top_srcdir)/tests \
	    $(srcdir)/tests/torture/torture $(TORTURE_FLAGS)

.PHONY: torture
