dnl SPDX-License-Identifier: ISC
dnl
dnl MUX_SYSTEMD
dnl
dnl Decides where the units of systemd go: to the directory that
dnl --with-systemdsystemunitdir=DIR names; without one, on Linux, to the one that
dnl pkg-config tells of when the prefix is /usr, and else below the prefix, where
dnl systemd looks as well for /usr/local.  What is installed so never leaves the
dnl prefix.  Sets systemdsystemunitdir and the conditional HAVE_SYSTEMD_UNITS.

AC_DEFUN([MUX_SYSTEMD], [
AC_REQUIRE([AC_CANONICAL_HOST])
AC_ARG_WITH([systemdsystemunitdir],
	[AS_HELP_STRING([--with-systemdsystemunitdir=DIR],
		[install the units of systemd there, or not (no)
		(default: on Linux, PREFIX/lib/systemd/system)])],
	[], [with_systemdsystemunitdir=auto])
AS_IF([test "x$with_systemdsystemunitdir" = xauto ||
    test "x$with_systemdsystemunitdir" = xyes], [
	AS_CASE([$with_systemdsystemunitdir:$host_os],
		[yes:* | auto:linux*],
		    [with_systemdsystemunitdir='${prefix}/lib/systemd/system'
		mux_told=
		AS_IF([test "x$prefix" = x/usr],
		    [mux_told=`pkg-config --variable=systemdsystemunitdir \
			systemd 2>/dev/null`])
		AS_IF([test -n "$mux_told"],
		    [with_systemdsystemunitdir=$mux_told])],
		[with_systemdsystemunitdir=no])
])
AS_IF([test "x$with_systemdsystemunitdir" != xno],
	[AC_SUBST([systemdsystemunitdir], [$with_systemdsystemunitdir])])
AM_CONDITIONAL([HAVE_SYSTEMD_UNITS],
	[test "x$with_systemdsystemunitdir" != xno])
])
