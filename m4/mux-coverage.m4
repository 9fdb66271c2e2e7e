dnl SPDX-License-Identifier: ISC
dnl
dnl MUX_COVERAGE
dnl Sets COVERAGE_FLAGS, for compiling and linking, so that programs note
dnl which lines and branches they ran.  The counters are atomic, because the
dnl relay has threads.

AC_DEFUN([MUX_COVERAGE], [
AC_ARG_ENABLE([coverage],
	[AS_HELP_STRING([--enable-coverage],
		[count what the tests run, for `make coverage'; wants CFLAGS='-g -O0' @<:@no@:>@])],
	[], [enable_coverage=no])

COVERAGE_FLAGS=
AS_IF([test "$enable_coverage" != no], [
	COVERAGE_FLAGS="--coverage -fprofile-update=atomic -fno-inline"
	mux_saved_cflags=$CFLAGS
	CFLAGS="$CFLAGS $COVERAGE_FLAGS"
	AC_MSG_CHECKING([whether $CC builds with $COVERAGE_FLAGS])
	AC_LINK_IFELSE([AC_LANG_PROGRAM()], [AC_MSG_RESULT([yes])], [
		AC_MSG_RESULT([no])
		AC_MSG_ERROR([--enable-coverage: $CC cannot link with it (a runtime library may be missing)])
	])
	CFLAGS=$mux_saved_cflags
])
AC_SUBST([COVERAGE_FLAGS])
AC_SUBST([COVERAGE_ENABLED], [$enable_coverage])
])
