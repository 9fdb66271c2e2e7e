# SPDX-License-Identifier: ISC
#
# MUX_JOINS: --enable-so-splice has OpenBSD's or FreeBSD's kernel join sockets.
# Nobody has run it on one yet, so it is not the default.
AC_DEFUN([MUX_JOINS], [
AC_ARG_ENABLE([so-splice],
	[AS_HELP_STRING([--enable-so-splice],
		[have the kernel join sockets (OpenBSD, FreeBSD; experimental)])],
	[], [enable_so_splice=no])
AS_IF([test "$enable_so_splice" != no], [
	AC_CHECK_TYPE([struct splice],
		[AC_DEFINE([USE_SO_SPLICE], [1], [Join sockets by SO_SPLICE.])],
		[AC_MSG_ERROR([--enable-so-splice: this system has no SO_SPLICE])],
		[#include <sys/types.h>
#include <sys/socket.h>])
])
])
