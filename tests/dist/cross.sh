# SPDX-License-Identifier: ISC
#
# What the checks for other machines and C libraries share; after lib.sh.

# Puts the files of Debian's packages $2 for the architecture $1 into $root;
# nothing in there is run to install them.
debian_root() {
	root=$DIST_WORK/root
	need mmdebstrap
	debian_suite
	mmdebstrap --quiet --arch="$1" --variant=extract --include="$2" "$suite" "$root" \
		$(apt-get indextargets --format '$(RELEASE) $(REPO_URI)' 'Created-By: Packages' |
			sed -n "s/^$suite //p" | sed 1q) ||
		skip "Debian's packages for $1 cannot be had"
}

# Makes the directory $headers: of those below $1, for the architecture that
# GNU calls $2, the kernel's, which no other C library has, and uthash, which
# is one header.  All of them would bring that of the system's own C library.
own_headers() {
	headers=$DIST_WORK/headers
	mkdir "$headers"
	for name in linux asm asm-generic uthash.h; do
		for directory in "$1/$2" "$1"; do
			test ! -e "$directory/$name" ||
				{ ln -s "$directory/$name" "$headers/$name"; break; }
		done
	done
}

# Prints the programs that were built here to be run.
programs() {
	find src tests bench examples -type f -perm -100 ! -name '*.*' ! -name '*-bin' |
	while read -r file; do
		! head -c 4 "$file" | grep -q ELF || echo "$file"
	done
}

# Has the emulator $* run each of the programs that were built here, by a
# script in its place: so it is for the tests too, and for a relay that starts
# its successor.
emulate() {
	for program in $(programs); do
		mv "$program" "$program-bin"
		cat >"$program" <<-EOT
			#!/bin/sh
			exec $* -0 "\$0" "$PWD/$program-bin" "\$@"
		EOT
		chmod +x "$program"
	done
}

# Builds the release, all of it, as configure is told by $*.
build() {
	unpack
	cd "$source"
	./configure --quiet --enable-werror PKG_CONFIG=false "$@"
	make -s -j"$jobs"
	make -s -j"$jobs" check TESTS=
}

# The same, without shared libraries, and with programs that need none, but for
# those of tests that put calls of their own in the place of the C library's:
# they would also get those that it makes itself.  $static says which programs.
static='(examples|src|tests/relay)/.*'
build_static() {
	build --disable-shared "$@"
	shipped=$(programs | grep -x -E "$static")
	rm $shipped
	# which its tests can do without
	case $static in *tests/lib/*) echo >tests/lib/wrap.flags ;; esac
	# libtool's word; configure links without it
	make -s -j"$jobs" LDFLAGS=-all-static $shipped
	for program in $shipped; do
		! readelf -l "$program" | grep INTERP || fail "$program is not static"
	done
}

# Runs the tests $*, or all of them, and leaves in $told what came of that.
run_tests() {
	status=0
	find tests -name '*.trs' -exec rm -f {} +
	make -s -j"$jobs" check VERBOSE=1 ${1+TESTS="$*"} || status=1
	told=$(find tests -name '*.trs' -exec cat {} + | awk '
		$1 == ":test-result:" { count[$2]++ }
		END { printf "%d tests passed, %d skipped, %d failed", count["PASS"] + count["XFAIL"],
		    count["SKIP"], count["FAIL"] + count["XPASS"] + count["ERROR"] }')
	test $status -eq 0 || fail "$told"
}

# What an emulator of Linux can carry.  What is preloaded would be of the wrong
# machine (faults.t, names.t, tuning.t); refusals hangs in qemu where a thread
# begins while calls fail; and it is no kernel to hold the simulated one against.
carried='tests/lib/libmux-.*|tests/src/units|tests/sim/sim-.*|tests/fuzz/replay-.*'
carried="$carried|tests/config/.*\.t|tests/relay/(basic|builtin|ending|families|halfclose"
carried="$carried|limits|log|reload|reset|splice|timeouts)\.t"

emulated_tests() {
	export MUX_TEST_QUICK=1 MUX_TEST_TIMEOUT=300 MUX_TEST_EMULATED=1
	run_tests $(make -s print-tests | sed "s|^$source/||; s|^\./||" | grep -x -E "$carried")
}
