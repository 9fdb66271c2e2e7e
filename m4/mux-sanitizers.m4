dnl SPDX-License-Identifier: ISC
dnl
dnl MUX_SANITIZERS
dnl Sets SANITIZER_FLAGS, for compiling and linking, to what
dnl --enable-sanitizers=LIST names.

AC_DEFUN([MUX_SANITIZERS], [
AC_ARG_ENABLE([sanitizers],
	[AS_HELP_STRING([--enable-sanitizers=LIST],
		[build with sanitizers: address,undefined when no LIST is given, leak, thread, ... @<:@no@:>@])],
	[], [enable_sanitizers=no])
AS_IF([test "$enable_sanitizers" = yes], [enable_sanitizers=address,undefined])

SANITIZER_FLAGS=
AS_IF([test "$enable_sanitizers" != no], [
	SANITIZER_FLAGS="-fsanitize=$enable_sanitizers -fno-sanitize-recover=all -fno-omit-frame-pointer"
	mux_saved_cflags=$CFLAGS
	CFLAGS="$CFLAGS $SANITIZER_FLAGS"
	AC_MSG_CHECKING([whether $CC builds with -fsanitize=$enable_sanitizers])
	AC_LINK_IFELSE([AC_LANG_PROGRAM()], [AC_MSG_RESULT([yes])], [
		AC_MSG_RESULT([no])
		AC_MSG_ERROR([--enable-sanitizers=$enable_sanitizers: $CC cannot link with it (a runtime library may be missing)])
	])
	CFLAGS=$mux_saved_cflags
])
AC_SUBST([SANITIZER_FLAGS])
])
