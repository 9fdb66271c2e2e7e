# SPDX-License-Identifier: ISC
#
# Tests of the tree itself: its direction, its style, what it installs.

tree_tests = \
	tests/tree/completions.t \
	tests/tree/events.t \
	tests/tree/formats.t \
	tests/tree/header.t \
	tests/tree/includes.t \
	tests/tree/install.t \
	tests/tree/interface.t \
	tests/tree/manuals.t \
	tests/tree/quickstart.t \
	tests/tree/style.t \
	tests/tree/symbols.t \
	tests/tree/tutorial.t \
	tests/tree/units.t

dist_check_SCRIPTS += $(tree_tests)
TESTS += $(tree_tests)
EXTRA_DIST += \
	tests/portcheck \
	tests/portcheck.d/package-lock.json \
	tests/portcheck.d/package.json \
	tests/tree/Tree.pm \
	tests/tree/complete.bash \
	tests/tree/complete.fish \
	tests/tree/complete.zsh
