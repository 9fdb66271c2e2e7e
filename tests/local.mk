# SPDX-License-Identifier: ISC
#
# Every test speaks TAP: `make check' runs it by automake's driver, and
# `prove $(make -s print-tests)' by Perl's.

TEST_EXTENSIONS = .t
LOG_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh
T_LOG_DRIVER = $(LOG_DRIVER)
T_LOG_COMPILER = $(PERL) -I$(top_srcdir)/tests

AM_TESTS_ENVIRONMENT = \
	MUX_SRCDIR='$(abs_top_srcdir)'; \
	MUX_BUILDDIR='$(abs_top_builddir)'; \
	MUX_BACKENDS='@MUX_BACKENDS@'; \
	MUX_BACKEND='@MUX_BACKEND_NAME@'; \
	export MUX_SRCDIR MUX_BUILDDIR MUX_BACKENDS MUX_BACKEND;

print-tests:
	@for t in $(TESTS); do \
		test -f $$t || t=$(srcdir)/$$t; \
		echo $$t; \
	done

# Those of check where there are threads, for --enable-sanitizers=thread:
# libmux's, the log, names, and the process
threaded_tests = tests/src/units tests/relay/daemon.t tests/relay/log.t \
	tests/relay/names.t tests/relay/reload.t tests/relay/signals.t \
	tests/relay/upgrade.t tests/relay/workers.t
check-threads:
	@tests='$(threaded_tests)'; \
	for backend in $(MUX_BACKENDS); do \
		tests="$$tests tests/lib/libmux-$$backend"; \
	done; \
	$(MAKE) check TESTS="$$tests"

# Those of check that a compiler, or the backend that was chosen, may make a
# difference to; the others are the same in every build.
build_tests = tests/lib/libmux-$(MUX_BACKEND_NAME) tests/src/units \
	tests/src/refusals $(sim_programs) tests/relay/basic.t \
	tests/relay/reset.t tests/relay/workers.t $(real_tests) \
	$(examples_tests)
check-build:
	$(MAKE) check TESTS='$(build_tests)'

# Whether what is packed is all that is needed: a few tests of each kind tell.
packed_tests = tests/lib/libmux-$(MUX_BACKEND_NAME) tests/src/units \
	tests/relay/basic.t tests/relay/faults.t tests/relay/names.t \
	tests/real/netcat.t tests/examples/echo.t tests/examples/steps.t \
	tests/bench/muxload.t tests/bench/waiting.t tests/tree/install.t \
	tests/tree/manuals.t tests/tree/tutorial.t
check-packed:
	$(MAKE) check TESTS='$(packed_tests)'

# Those of check that run what was built; what tests/tree looks at is the same in
# every build.
check-code:
	@tests=; \
	for test in $(TESTS); do \
		case " $(tree_tests) " in \
		*" $$test "*) ;; \
		*) tests="$$tests $$test" ;; \
		esac; \
	done; \
	$(MAKE) check TESTS="$$tests"

# Static analysis, see tests/analyze
analyze: config.status
	$(AM_TESTS_ENVIRONMENT) KQUEUE_CFLAGS='$(KQUEUE_CFLAGS)' \
	$(PERL) $(srcdir)/tests/analyze || test $$? -eq 77

# Every figure of reliability, see tests/reliability
ROWS =
reliability: all $(check_PROGRAMS) $(check_LTLIBRARIES)
	@$(AM_TESTS_ENVIRONMENT) $(srcdir)/tests/reliability $(ROWS)

# A sample of the tests under valgrind, see tests/memcheck
memcheck: all $(check_PROGRAMS) $(check_LTLIBRARIES)
	$(AM_TESTS_ENVIRONMENT) \
	$(PERL) $(srcdir)/tests/memcheck || test $$? -eq 77

EXTRA_DIST += tests/reliability
EXTRA_DIST += .clang-tidy tests/analyze tests/analyze.d/accepted
EXTRA_DIST += tests/memcheck tests/memcheck.supp

.PHONY: analyze check-build check-code check-packed check-threads memcheck \
	print-tests reliability

include tests/lib/local.mk
include tests/src/local.mk
include tests/sim/local.mk
include tests/relay/local.mk
include tests/config/local.mk
include tests/real/local.mk
include tests/examples/local.mk
include tests/bench/local.mk
include tests/fuzz/local.mk
include tests/torture/local.mk
include tests/mutate/local.mk
include tests/tree/local.mk
include tests/dist/local.mk
include tests/coverage/local.mk
include tests/cost/local.mk
