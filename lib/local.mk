# SPDX-License-Identifier: ISC
#
# libmux: the core is compiled once; one backend completes it.  Tests link
# the core with each backend that this system has.

include_HEADERS += lib/mux.h
lib_LTLIBRARIES += lib/libmux.la
pkgconfig_DATA += lib/libmux.pc

LIBMUX_CFLAGS = $(AM_CFLAGS) -fvisibility=hidden

noinst_LTLIBRARIES += lib/libcore.la
lib_libcore_la_CFLAGS = $(LIBMUX_CFLAGS)
lib_libcore_la_SOURCES = \
	lib/backend.h \
	lib/clock.c \
	lib/fds.c \
	lib/loop.c \
	lib/loop.h \
	lib/mux.h \
	lib/signals.c \
	lib/timers.c \
	lib/wakeups.c

if HAVE_EPOLL
noinst_LTLIBRARIES += lib/libbackend-epoll.la
endif
lib_libbackend_epoll_la_CFLAGS = $(LIBMUX_CFLAGS)
lib_libbackend_epoll_la_SOURCES = lib/backend-epoll.c

if HAVE_KQUEUE
noinst_LTLIBRARIES += lib/libbackend-kqueue.la
endif
lib_libbackend_kqueue_la_CFLAGS = $(LIBMUX_CFLAGS) $(KQUEUE_CFLAGS)
lib_libbackend_kqueue_la_SOURCES = lib/backend-kqueue.c
lib_libbackend_kqueue_la_LIBADD = $(KQUEUE_LIBS)

if HAVE_POLL
noinst_LTLIBRARIES += lib/libbackend-poll.la
endif
lib_libbackend_poll_la_CFLAGS = $(LIBMUX_CFLAGS)
lib_libbackend_poll_la_SOURCES = lib/backend-poll.c

if HAVE_SELECT
noinst_LTLIBRARIES += lib/libbackend-select.la
endif
lib_libbackend_select_la_CFLAGS = $(LIBMUX_CFLAGS)
lib_libbackend_select_la_SOURCES = lib/backend-select.c

# Version information, CURRENT:REVISION:AGE:
# - code changed, interface did not: REVISION + 1
# - interface added to: CURRENT + 1, REVISION 0, AGE + 1
# - interface removed or changed: CURRENT + 1, REVISION 0, AGE 0
LIBMUX_VERSION_INFO = 0:0:0

lib_libmux_la_SOURCES =
lib_libmux_la_LDFLAGS = $(AM_LDFLAGS) -version-info $(LIBMUX_VERSION_INFO) \
	-no-undefined
lib_libmux_la_LIBADD = lib/libcore.la lib/libbackend-@MUX_BACKEND_NAME@.la

# what programs of this tree that are not tests of a backend link
MUX_LIBS = lib/libcore.la lib/libbackend-@MUX_BACKEND_NAME@.la
