# SPDX-License-Identifier: ISC
#
# What the checks of Debian's packages share, after lib.sh.

# Lays out the source package here, as version $1 if it is given: the release as
# the original, and unpacked with debian/, which is in git alone.
debian_source() {
	test -d "$MUX_SRCDIR/debian" || skip 'debian/ is not in a released tarball'
	need dpkg-buildpackage dh
	cp "$DIST_TARBALL" "muxproxy_$DIST_VERSION.orig.tar.xz"
	rm -rf "$source"
	unpack
	cp -R "$MUX_SRCDIR/debian" "$source/debian"
	test $# -eq 0 || bump_version "$1"
	version=$(dpkg-parsechangelog -l "$source/debian/changelog" -S Version)
	test "${version%-*}" = "$DIST_VERSION" ||
		fail "debian/changelog has $version, the release is $DIST_VERSION"
}

bump_version() {
	{
		sed -n "1s/(.*)/($1)/p" "$MUX_SRCDIR/debian/changelog"
		printf '\n  * To upgrade to.\n\n'
		sed -n '/^ -- /{p;q;}' "$MUX_SRCDIR/debian/changelog"
		echo
		cat "$MUX_SRCDIR/debian/changelog"
	} >"$source/debian/changelog"
}

# Builds in $source by dpkg-buildpackage $2..., with the log $1.
debian_build() {
	log=$PWD/$1
	shift
	(cd "$source" && dpkg-checkbuilddeps) || skip 'what the package is built with is missing'
	(cd "$source" && DEB_BUILD_OPTIONS="parallel=$jobs ${DEB_BUILD_OPTIONS-}" \
		dpkg-buildpackage -us -uc "$@") >"$log" 2>&1 ||
		{ tail -n 60 "$log"; fail "dpkg-buildpackage $*"; }
}

# Unpacks the base system into the directory $1.
new_root() {
	mkdir "$1"
	tar -xf "$base" -C "$1"
	cp /etc/resolv.conf /etc/hosts "$1/etc/"
}

# Runs the command $2... in the system $1, in namespaces of its own, so that what
# is mounted and started there ends with it.
inside() {
	in_namespaces "" "$@"
}

# The same without a network but for loopback.
inside_alone() {
	in_namespaces --net "$@"
}

in_namespaces() {
	options=$1
	root=$2
	shift 2
	need unshare ip
	unshare --mount --pid --fork --kill-child $options sh -c '
		mount -t proc proc "$0/proc" &&
		mount -t tmpfs tmpfs "$0/dev/shm" &&
		mount -t devpts devpts "$0/dev/pts" &&
		ip link set lo up &&
		exec env -i DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 \
			PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
			chroot "$0" "$@"' "$root" "$@"
}
