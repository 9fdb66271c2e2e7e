dnl SPDX-License-Identifier: ISC
dnl
dnl MUX_COMPLETIONS
dnl
dnl Decides where the completions for shells go: to the directories that
dnl --with-bashcompdir, --with-zshcompdir and --with-fishcompdir name, and else
dnl below the prefix, where each shell looks when the prefix is one of the
dnl system's.  No other package is asked where it lives, so that what is
dnl installed never leaves the prefix.  Sets bashcompdir, zshcompdir, fishcompdir
dnl and the conditionals HAVE_BASHCOMPDIR, HAVE_ZSHCOMPDIR, HAVE_FISHCOMPDIR.

AC_DEFUN([MUX_COMPLETIONS], [
_MUX_COMPLETION([bash], [bash-completion/completions])
_MUX_COMPLETION([zsh], [zsh/site-functions])
_MUX_COMPLETION([fish], [fish/vendor_completions.d])
])

dnl _MUX_COMPLETION(SHELL, DIRECTORY)
AC_DEFUN([_MUX_COMPLETION], [
AC_ARG_WITH([$1compdir],
	[AS_HELP_STRING([--with-$1compdir=DIR],
		[install the completion for $1 there, or not (no)
		(default: DATADIR/$2)])],
	[], [with_$1compdir=yes])
AS_IF([test "x$with_$1compdir" = xyes], [with_$1compdir='${datadir}/$2'])
AS_IF([test "x$with_$1compdir" != xno],
	[AC_SUBST([$1compdir], [$with_$1compdir])])
AM_CONDITIONAL([HAVE_]m4_toupper([$1])[COMPDIR],
	[test "x$with_$1compdir" != xno])
])
