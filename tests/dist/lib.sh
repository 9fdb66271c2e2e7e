# SPDX-License-Identifier: ISC
#
# What the checks of the release share; each begins with
#
#	set -eu
#	. "$MUX_SRCDIR/tests/dist/lib.sh"

jobs=$(nproc 2>/dev/null || echo 2)
source=$PWD/muxproxy-$DIST_VERSION

# Ends the check, for $* cannot be had here.
skip() {
	echo "skipped: $*"
	exit 77
}

# Ends the check because of $*.
fail() {
	echo "failed: $*"
	exit 1
}

have() {
	command -v "$1" >/dev/null 2>&1
}

# Ends the check unless all of the programs $* are there.
need() {
	for program; do
		have "$program" || skip "$program is not installed"
	done
}

# Unpacks the release into $source.
unpack() {
	tar -xf "$DIST_TARBALL"
}

# Leaves in $suite which Debian this machine has: packages are built for that.
debian_suite() {
	suite=$(. /etc/os-release && test "$ID" = debian && echo "${VERSION_CODENAME-}") || :
	test -n "$suite" || skip 'this is not Debian'
}

# Leaves in $base a Debian of nothing but what packages are built with, as a
# tar.gz that is made once a week and kept beside the checks.  DIST_MIRROR may
# name a mirror, as mmdebstrap(1) takes it.
base_tarball() {
	need mmdebstrap
	test "$(id -u)" = 0 || skip 'only root makes chroots'
	debian_suite
	base=$MUX_BUILDDIR/dist-check/base-$suite.tar.gz
	test -z "$(find "$base" -mtime -7 2>/dev/null)" || return 0
	mmdebstrap --variant=buildd "$suite" "$base.new.tar.gz" ${DIST_MIRROR-} ||
		skip 'mmdebstrap found no mirror of Debian'
	mv "$base.new.tar.gz" "$base"
}
