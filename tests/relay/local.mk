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

# With a log that no option asks for
check_PROGRAMS += tests/relay/logging-muxproxy
tests_relay_logging_muxproxy_CPPFLAGS = $(src_librelay_la_CPPFLAGS)
tests_relay_logging_muxproxy_SOURCES = tests/relay/logs.c
tests_relay_logging_muxproxy_LDADD = src/librelay.la $(MUX_LIBS)

# With less patience for the process that is to take over
check_PROGRAMS += tests/relay/impatient-muxproxy
tests_relay_impatient_muxproxy_CPPFLAGS = $(src_librelay_la_CPPFLAGS)
tests_relay_impatient_muxproxy_SOURCES = tests/relay/upgrades.c
tests_relay_impatient_muxproxy_LDADD = src/librelay.la $(MUX_LIBS)

# What is preloaded, where programs are not static
if SHARED
check_LTLIBRARIES += tests/relay/fake-faults.la tests/relay/fake-names.la \
	tests/relay/tell-options.la
endif

# Host names of the tests' own, for muxproxy to look up
tests_relay_fake_names_la_SOURCES = tests/relay/fake-names.c
tests_relay_fake_names_la_LDFLAGS = $(AM_LDFLAGS) -module -shared -avoid-version -rpath /nowhere

# System calls that fail while a test wants it
tests_relay_fake_faults_la_SOURCES = tests/relay/fake-faults.c
tests_relay_fake_faults_la_LDFLAGS = $(AM_LDFLAGS) -module -shared -avoid-version -rpath /nowhere

# Tells what options connections have
tests_relay_tell_options_la_SOURCES = tests/relay/tell-options.c
tests_relay_tell_options_la_LDFLAGS = $(AM_LDFLAGS) -module -shared -avoid-version -rpath /nowhere

relay_tests = \
	tests/relay/backpressure.t \
	tests/relay/basic.t \
	tests/relay/builtin.t \
	tests/relay/cli.t \
	tests/relay/connecting.t \
	tests/relay/daemon.t \
	tests/relay/elsewhere.t \
	tests/relay/ending.t \
	tests/relay/families.t \
	tests/relay/faults.t \
	tests/relay/halfclose.t \
	tests/relay/held.t \
	tests/relay/limits.t \
	tests/relay/log.t \
	tests/relay/logs.t \
	tests/relay/many.t \
	tests/relay/memory.t \
	tests/relay/names.t \
	tests/relay/pausing.t \
	tests/relay/quiet.t \
	tests/relay/reload-state.t \
	tests/relay/reload-wrong.t \
	tests/relay/reload.t \
	tests/relay/reset.t \
	tests/relay/route-access.t \
	tests/relay/route-limits.t \
	tests/relay/sandbox.t \
	tests/relay/scripts.t \
	tests/relay/service.t \
	tests/relay/signals.t \
	tests/relay/storm.t \
	tests/relay/splice.t \
	tests/relay/stuck.t \
	tests/relay/timeouts.t \
	tests/relay/tuning.t \
	tests/relay/upgrade-fails.t \
	tests/relay/upgrade-orders.t \
	tests/relay/upgrade.t \
	tests/relay/urgent.t \
	tests/relay/workers.t
TESTS += $(relay_tests)
EXTRA_DIST += $(relay_tests) \
	tests/MuxTest.pm \
	tests/MuxTest/Loop.pm \
	tests/MuxTest/Manager.pm \
	tests/MuxTest/Net.pm \
	tests/MuxTest/Peer.pm \
	tests/MuxTest/Plan.pm \
	tests/MuxTest/Process.pm \
	tests/MuxTest/Relay.pm \
	tests/MuxTest/Routes.pm \
	tests/MuxTest/Stream.pm
