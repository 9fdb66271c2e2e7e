# SPDX-License-Identifier: ISC

examples_tests = \
	tests/examples/echo.t \
	tests/examples/errors.t \
	tests/examples/hangup.t \
	tests/examples/manual.t \
	tests/examples/steps.t \
	tests/examples/waiting.t

dist_check_SCRIPTS += $(examples_tests)
EXTRA_DIST += tests/examples/Examples.pm
TESTS += $(examples_tests)
