# SPDX-License-Identifier: ISC
#
# Programs to read and to try, those of doc/tutorial.md in its order first;
# built, tested and shipped, never installed.

noinst_PROGRAMS += examples/echo-blocking
examples_echo_blocking_SOURCES = examples/echo-blocking.c $(echo_sources)

if HAVE_SELECT
noinst_PROGRAMS += examples/echo-select
endif
examples_echo_select_SOURCES = examples/echo-select.c $(echo_sources)

if HAVE_POLL
noinst_PROGRAMS += examples/echo-poll
endif
examples_echo_poll_SOURCES = examples/echo-poll.c $(echo_sources)

if HAVE_EPOLL
noinst_PROGRAMS += examples/echo-epoll
endif
examples_echo_epoll_SOURCES = examples/echo-epoll.c $(echo_sources)

echo_sources = examples/echo.c examples/echo.h

noinst_PROGRAMS += examples/echo-client examples/echo-server

examples_echo_client_SOURCES = examples/echo-client.c
examples_echo_client_LDADD = lib/libmux.la

examples_echo_server_SOURCES = examples/echo-server.c
examples_echo_server_LDADD = lib/libmux.la
