# SPDX-License-Identifier: ISC

# muxproxy on each backend that this system has
if HAVE_EPOLL
check_PROGRAMS += tests/relay/muxproxy-epoll
endif
tests_relay_muxproxy_epoll_CPPFLAGS = $(src_librelay_la_CPPFLAGS)
tests_relay_muxproxy_epoll_SOURCES = src/main.c
tests_relay_muxproxy_epoll_LDADD = src/librelay.la lib/libcore.la lib/libbackend-epoll.la

if HAVE_KQUEUE
check_PROGRAMS += tests/relay/muxproxy-kqueue
endif
tests_relay_muxproxy_kqueue_CPPFLAGS = $(src_librelay_la_CPPFLAGS)
tests_relay_muxproxy_kqueue_SOURCES = src/main.c
tests_relay_muxproxy_kqueue_LDADD = src/librelay.la lib/libcore.la lib/libbackend-kqueue.la

if HAVE_POLL
check_PROGRAMS += tests/relay/muxproxy-poll
endif
tests_relay_muxproxy_poll_CPPFLAGS = $(src_librelay_la_CPPFLAGS)
tests_relay_muxproxy_poll_SOURCES = src/main.c
tests_relay_muxproxy_poll_LDADD = src/librelay.la lib/libcore.la lib/libbackend-poll.la

if HAVE_SELECT
check_PROGRAMS += tests/relay/muxproxy-select
endif
tests_relay_muxproxy_select_CPPFLAGS = $(src_librelay_la_CPPFLAGS)
tests_relay_muxproxy_select_SOURCES = src/main.c
tests_relay_muxproxy_select_LDADD = src/librelay.la lib/libcore.la lib/libbackend-select.la
