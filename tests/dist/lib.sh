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
