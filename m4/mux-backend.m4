dnl SPDX-License-Identifier: ISC
dnl
dnl MUX_BACKEND
dnl Finds the kernel interfaces that this system has and picks the one that
dnl libmux and muxproxy are linked with: --with-backend, or the best.
dnl Sets mux_backend, mux_backends, KQUEUE_CFLAGS, KQUEUE_LIBS.

AC_DEFUN([MUX_BACKEND], [
AC_ARG_WITH([backend],
	[AS_HELP_STRING([--with-backend=NAME],
		[wait by auto, epoll, kqueue, poll or select @<:@auto@:>@])],
	[], [with_backend=auto])

AC_CHECK_FUNC([epoll_create1], [mux_have_epoll=yes], [mux_have_epoll=no])
AC_CHECK_FUNC([poll], [mux_have_poll=yes], [mux_have_poll=no])
AC_CHECK_FUNC([select], [mux_have_select=yes], [mux_have_select=no])

# kqueue is the system's own, or on Linux that of libkqueue
KQUEUE_CFLAGS=
KQUEUE_LIBS=
AC_CHECK_FUNC([kqueue], [mux_have_kqueue=yes], [
	mux_have_kqueue=no
	AC_CHECK_TOOL([PKG_CONFIG], [pkg-config], [false])
	AC_MSG_CHECKING([for libkqueue])
	AS_IF([$PKG_CONFIG --exists libkqueue 2>/dev/null], [
		mux_have_kqueue=yes
		KQUEUE_CFLAGS=`$PKG_CONFIG --cflags libkqueue`
		KQUEUE_LIBS=`$PKG_CONFIG --libs libkqueue`
	])
	AC_MSG_RESULT([$mux_have_kqueue])
])
AC_SUBST([KQUEUE_CFLAGS])
AC_SUBST([KQUEUE_LIBS])

mux_backends=
AS_IF([test "$mux_have_epoll" = yes], [mux_backends="$mux_backends epoll"])
AS_IF([test "$mux_have_kqueue" = yes], [mux_backends="$mux_backends kqueue"])
AS_IF([test "$mux_have_poll" = yes], [mux_backends="$mux_backends poll"])
AS_IF([test "$mux_have_select" = yes], [mux_backends="$mux_backends select"])
mux_backends=`AS_ECHO(["$mux_backends"]) | sed 's/^ //'`

AC_MSG_CHECKING([for the backend])
mux_backend=
AS_CASE([$with_backend],
	[auto|yes], [
		for mux_try in $mux_backends; do
			mux_backend=$mux_try
			break
		done],
	[epoll|kqueue|poll|select], [
		for mux_try in $mux_backends; do
			AS_IF([test "$mux_try" = "$with_backend"],
				[mux_backend=$mux_try])
		done],
	[AC_MSG_ERROR([--with-backend=$with_backend: there is no such backend; choose auto, epoll, kqueue, poll or select])])
AS_IF([test -z "$mux_backend"],
	[AC_MSG_ERROR([--with-backend=$with_backend: this system has only: $mux_backends])])
AC_MSG_RESULT([$mux_backend])

AC_SUBST([MUX_BACKEND_NAME], [$mux_backend])
AC_SUBST([MUX_BACKENDS], [$mux_backends])
AM_CONDITIONAL([BACKEND_EPOLL], [test "$mux_backend" = epoll])
AM_CONDITIONAL([BACKEND_KQUEUE], [test "$mux_backend" = kqueue])
AM_CONDITIONAL([BACKEND_POLL], [test "$mux_backend" = poll])
AM_CONDITIONAL([BACKEND_SELECT], [test "$mux_backend" = select])
AM_CONDITIONAL([HAVE_EPOLL], [test "$mux_have_epoll" = yes])
AM_CONDITIONAL([HAVE_KQUEUE], [test "$mux_have_kqueue" = yes])
AM_CONDITIONAL([HAVE_POLL], [test "$mux_have_poll" = yes])
AM_CONDITIONAL([HAVE_SELECT], [test "$mux_have_select" = yes])
])
