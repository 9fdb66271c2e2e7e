# SPDX-License-Identifier: ISC
#
# Programs to read and to try; built, tested and shipped, never installed.

noinst_PROGRAMS += examples/echo-client examples/echo-server

examples_echo_client_SOURCES = examples/echo-client.c
examples_echo_client_LDADD = lib/libmux.la

examples_echo_server_SOURCES = examples/echo-server.c
examples_echo_server_LDADD = lib/libmux.la
