# SPDX-License-Identifier: ISC
#
# What the relay's own code costs, in instructions: `make cost'.

tests_cost_sessions_CPPFLAGS = $(SIM_CPPFLAGS)
tests_cost_sessions_SOURCES = tests/cost/sessions.c \
	tests/sim/names.c \
	tests/sim/names.h \
	$(SIM_KERNEL_SOURCES)
tests_cost_sessions_LDFLAGS = $(AM_LDFLAGS) $(SIM_WRAP_FLAGS)
tests_cost_sessions_LDADD = $(SIM_LDADD) lib/libbackend-epoll.la
if HAVE_EPOLL
check_PROGRAMS += tests/cost/sessions
endif

EXTRA_DIST += tests/cost/cost tests/cost/expected

cost: tests/cost/sessions$(EXEEXT)
	@$(AM_TESTS_ENVIRONMENT) CC='$(CC)' CFLAGS='$(CFLAGS)' \
	    $(PERL) $(srcdir)/tests/cost/cost

.PHONY: cost
