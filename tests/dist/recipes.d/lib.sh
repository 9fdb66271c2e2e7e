# SPDX-License-Identifier: ISC
#
# What the checks of recipes share, beside ../lib.sh.

recipes=$DIST_WORK/recipes

# Fills the recipes in, by the script of the tarball, into $recipes.
fill() {
	unpack
	perl "$source/dist/fill" "$DIST_TARBALL" "$recipes"
	if grep -r '@[A-Z0-9_]*@' "$recipes"; then fail 'this was not filled in'; fi
}

# What `make install' puts below the prefix, without units of systemd and files
# of libtool: after the list of the port of FreeBSD, which tests/dist/recipes
# holds against what is installed.
install_list() {
	sed -e '/^@/d' -e 's|^%%PORTEXAMPLES%%%%EXAMPLESDIR%%|share/doc/muxproxy/examples|' \
		-e 's|^%%PORTDOCS%%%%DOCSDIR%%|share/doc/muxproxy|' \
		-e 's|^%%DATADIR%%|share/muxproxy|' -e 's|^libdata/|lib/|' -e 's|\.gz$||' \
		"$recipes/freebsd/pkg-plist"
}

# The files below the directory $1, as from there.
files_below() {
	(cd "$1" && find . ! -type d | sed 's|^\./||' | LC_ALL=C sort)
}

# Fails unless the directory $1 has the files that standard input names.
holds() {
	LC_ALL=C sort >"$1.expected"
	files_below "$1" >"$1.files"
	diff "$1.expected" "$1.files" || fail "$(basename "$1") has other files"
}
