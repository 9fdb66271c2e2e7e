# SPDX-License-Identifier: ISC
#
# What is released: `make dist-check', or `make dist-check CHECKS="debian rpm"'.

dist_checks = \
	tests/dist/aarch64 \
	tests/dist/abi \
	tests/dist/container \
	tests/dist/debian \
	tests/dist/debian-clean \
	tests/dist/debian-systemd \
	tests/dist/debian-user \
	tests/dist/distcheck \
	tests/dist/i686 \
	tests/dist/musl \
	tests/dist/recipes \
	tests/dist/rpm \
	tests/dist/s390x \
	tests/dist/tarball

CHECKS = $(dist_checks)
dist-check: all
	@$(AM_TESTS_ENVIRONMENT) $(srcdir)/tests/dist/run $(CHECKS)

# What tests/dist/abi compares with; for the processor that this runs on
abi-baseline: all
	@$(AM_TESTS_ENVIRONMENT) ABI_BASELINE=write $(srcdir)/tests/dist/run abi

EXTRA_DIST += $(dist_checks) tests/dist/lib.sh tests/dist/run
EXTRA_DIST += tests/dist/cross.sh tests/dist/debian-systemd.pl tests/dist/debian-user.pl
EXTRA_DIST += tests/dist/debian.sh tests/dist/Guest.pm
EXTRA_DIST += tests/dist/libmux-x86_64.abi
EXTRA_DIST += \
	tests/dist/recipes.d/formula.rb \
	tests/dist/recipes.d/freebsd/bsd.port.mk \
	tests/dist/recipes.d/image.pl \
	tests/dist/recipes.d/lib.sh \
	tests/dist/recipes.d/openbsd/bsd.port.mk \
	tests/dist/recipes.d/package.nix

.PHONY: abi-baseline dist-check
