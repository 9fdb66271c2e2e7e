# SPDX-License-Identifier: ISC
#
# What service managers, shells, editors and packagers need; dist/README tells the
# last.  The units of systemd are installed; the scripts for others are made with
# the paths of this build, for who packages it.  dist/fill makes the recipes.

dist_units = dist/muxproxy.service dist/muxproxy@.service
dist_scripts = \
	dist/freebsd/muxproxy \
	dist/launchd/muxproxy.plist \
	dist/netbsd/muxproxy \
	dist/openbsd/muxproxy \
	dist/openrc/muxproxy

if HAVE_SYSTEMD_UNITS
systemdsystemunit_DATA = $(dist_units)
endif
noinst_DATA = $(dist_units) $(dist_scripts)

examplesdir = $(docdir)/examples
dist_examples_DATA = dist/muxproxy.socket dist/muxproxy.yaml

$(dist_units) $(dist_scripts): Makefile
	$(AM_V_GEN)$(MKDIR_P) $(@D) && \
	$(SED) -e 's|@bindir[@]|$(bindir)|g' \
	    -e 's|@localstatedir[@]|$(localstatedir)|g' \
	    -e 's|@sysconfdir[@]|$(sysconfdir)|g' '$(srcdir)/$@.in' >$@.tmp && \
	case $@ in */muxproxy) chmod +x $@.tmp ;; esac && \
	mv $@.tmp $@

dist/muxproxy.service: dist/muxproxy.service.in
dist/muxproxy@.service: dist/muxproxy@.service.in
dist/freebsd/muxproxy: dist/freebsd/muxproxy.in
dist/launchd/muxproxy.plist: dist/launchd/muxproxy.plist.in
dist/netbsd/muxproxy: dist/netbsd/muxproxy.in
dist/openbsd/muxproxy: dist/openbsd/muxproxy.in
dist/openrc/muxproxy: dist/openrc/muxproxy.in

# Completions; each shell finds them by these names
if HAVE_BASHCOMPDIR
dist_bashcomp_DATA = dist/completions/muxproxy
endif
if HAVE_ZSHCOMPDIR
dist_zshcomp_DATA = dist/completions/_muxproxy
endif
if HAVE_FISHCOMPDIR
dist_fishcomp_DATA = dist/completions/muxproxy.fish
endif

# What editors check a configuration file by
dist_pkgdata_DATA = dist/muxproxy.schema.json

CLEANFILES += $(dist_units) $(dist_scripts)
EXTRA_DIST += \
	dist/README \
	dist/alpine/APKBUILD.in \
	dist/arch/PKGBUILD.in \
	dist/container/Containerfile.in \
	dist/fill \
	dist/freebsd/muxproxy.in \
	dist/freebsd/port/Makefile.in \
	dist/freebsd/port/distinfo.in \
	dist/freebsd/port/pkg-descr \
	dist/freebsd/port/pkg-plist \
	dist/homebrew/muxproxy.rb.in \
	dist/launchd/muxproxy.plist.in \
	dist/muxproxy.logrotate \
	dist/muxproxy.service.in \
	dist/muxproxy@.service.in \
	dist/netbsd/muxproxy.in \
	dist/nix/package.nix.in \
	dist/openbsd/muxproxy.in \
	dist/openbsd/port/Makefile.in \
	dist/openbsd/port/distinfo.in \
	dist/openbsd/port/pkg/DESCR \
	dist/openbsd/port/pkg/PLIST \
	dist/openrc/muxproxy.in \
	dist/rpm/muxproxy.rpmlintrc \
	dist/rpm/muxproxy.spec.in
