dnl SPDX-License-Identifier: ISC
dnl
dnl MUX_WARNINGS
dnl Sets WARN_CFLAGS to every warning of a strict set that the compiler knows,
dnl and that the system's own macros do not set off, as FD_SET of musl does with
dnl -Wsign-conversion; with -Werror under --enable-werror.

AC_DEFUN([MUX_WARNINGS], [
AC_ARG_ENABLE([werror],
	[AS_HELP_STRING([--enable-werror], [make warnings fatal @<:@no@:>@])],
	[], [enable_werror=no])

WARN_CFLAGS=
mux_saved_cflags=$CFLAGS
for mux_flag in -Wall -Wextra -Wpedantic -Wshadow -Wconversion \
	-Wsign-conversion -Wstrict-prototypes -Wmissing-prototypes \
	-Wold-style-definition -Wpointer-arith -Wcast-qual -Wwrite-strings \
	-Wundef -Wformat=2 -Wnull-dereference -Wvla -Wswitch-enum \
	-Wimplicit-fallthrough -Wduplicated-cond -Wlogical-op
do
	AC_MSG_CHECKING([whether $CC takes $mux_flag])
	CFLAGS="$mux_saved_cflags -Werror $mux_flag"
	AC_COMPILE_IFELSE([AC_LANG_PROGRAM([[#include <sys/select.h>]], [[
		fd_set set;
		int fd = 0;

		FD_ZERO(&set);
		FD_SET(fd, &set);
		FD_CLR(fd, &set);
		if (FD_ISSET(fd, &set))
			return (1);
	]])], [
		AC_MSG_RESULT([yes])
		WARN_CFLAGS="$WARN_CFLAGS $mux_flag"
	], [AC_MSG_RESULT([no])])
done
CFLAGS=$mux_saved_cflags
AS_IF([test "$enable_werror" = yes], [WARN_CFLAGS="$WARN_CFLAGS -Werror"])
AC_SUBST([WARN_CFLAGS])
])
