# SPDX-License-Identifier: ISC
#
# What is released: `make dist-check', or `make dist-check CHECKS="debian rpm"'.

dist_checks = \
	tests/dist/distcheck \
	tests/dist/tarball

CHECKS = $(dist_checks)
dist-check: all
	@$(AM_TESTS_ENVIRONMENT) $(srcdir)/tests/dist/run $(CHECKS)

EXTRA_DIST += $(dist_checks) tests/dist/lib.sh tests/dist/run


.PHONY: dist-check
