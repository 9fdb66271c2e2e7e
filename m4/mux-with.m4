dnl SPDX-License-Identifier: ISC
dnl
dnl MUX_WITH(NAME, HEADER, LIBRARY, FUNCTION, WHAT)
dnl
dnl Decides whether the library NAME is used, for WHAT.  --with-NAME fails
dnl where it is missing, --without-NAME does without, and unless either is told,
dnl it is used where it is there.  LIBRARY may be empty, for one that is all
dnl header.  Sets NAME_LIBS, the conditional HAVE_NAME, and the macro HAVE_NAME.

AC_DEFUN([MUX_WITH], [
AC_ARG_WITH([$1],
	[AS_HELP_STRING([--with-$1], [$5 (default: where it is there)])],
	[], [with_$1=auto])
have_$1=no
m4_toupper([$1])_LIBS=
AS_IF([test "x$with_$1" != xno], [
	AC_CHECK_HEADER([$2], [
		m4_ifval([$3],
		    [AC_CHECK_LIB([$3], [$4], [have_$1=yes
			m4_toupper([$1])_LIBS=-l$3])],
		    [have_$1=yes])
	])
	AS_IF([test "x$with_$1$have_$1" = xyesno],
	    [AC_MSG_ERROR([--with-$1: there is no $2, or no library for it])])
])
AS_IF([test "x$have_$1" = xyes],
	[AC_DEFINE([HAVE_]m4_toupper([$1]), [1], [$5.])])
AC_SUBST(m4_toupper([$1])[_LIBS])
AM_CONDITIONAL([HAVE_]m4_toupper([$1]), [test "x$have_$1" = xyes])
])
