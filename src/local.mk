# SPDX-License-Identifier: ISC
#
# muxproxy.  One convenience library, so that the tests link what ships; its
# headers are named by room: "relay/session.h".

noinst_LTLIBRARIES += src/librelay.la
src_librelay_la_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/src
src_librelay_la_SOURCES = \
	src/base/address.c \
	src/base/address.h \
	src/base/bucket.c \
	src/base/bucket.h \
	src/base/log.c \
	src/base/log.h \
	src/base/logfmt.c \
	src/base/logfmt.h \
	src/base/prefix.c \
	src/base/prefix.h \
	src/base/siphash.c \
	src/base/siphash.h \
	src/base/socket.c \
	src/base/socket.h \
	src/base/target.c \
	src/base/target.h \
	src/base/text.c \
	src/base/text.h \
	src/base/thread.c \
	src/base/thread.h \
	src/base/tuning.c \
	src/base/tuning.h \
	src/base/units.c \
	src/base/units.h \
	src/config/check.c \
	src/config/check.h \
	src/config/conflicts.c \
	src/config/conflicts.h \
	src/config/expand.c \
	src/config/expand.h \
	src/config/file.c \
	src/config/file.h \
	src/config/files.h \
	src/config/help.c \
	src/config/help.h \
	src/config/include.c \
	src/config/keys.c \
	src/config/keys.h \
	src/config/node.c \
	src/config/options.c \
	src/config/options.h \
	src/config/origin.c \
	src/config/plan.c \
	src/config/plan.h \
	src/config/print.c \
	src/config/print.h \
	src/config/problems.c \
	src/config/problems.h \
	src/config/quote.c \
	src/config/quote.h \
	src/config/reading.c \
	src/config/reading.h \
	src/config/source.c \
	src/config/source.h \
	src/config/suggest.c \
	src/config/suggest.h \
	src/config/syntax.c \
	src/config/syntax.h \
	src/config/tables.c \
	src/config/tree.c \
	src/config/tree.h \
	src/config/utf8.c \
	src/config/utf8.h \
	src/config/values.c \
	src/config/values.h \
	src/config/values-net.c \
	src/config/yaml.c \
	src/control/activation.c \
	src/control/activation.h \
	src/control/bind.c \
	src/control/bind.h \
	src/control/crew.c \
	src/control/crew.h \
	src/control/daemon.c \
	src/control/daemon.h \
	src/control/deployment.c \
	src/control/deployment.h \
	src/control/dispatch.c \
	src/control/dispatch.h \
	src/control/failure.c \
	src/control/failure.h \
	src/control/herald.c \
	src/control/herald.h \
	src/control/identity.c \
	src/control/identity.h \
	src/control/limits.c \
	src/control/limits.h \
	src/control/listen.c \
	src/control/listen.h \
	src/control/journal.c \
	src/control/journal.h \
	src/control/log-form.c \
	src/control/log-form.h \
	src/control/log-sink.c \
	src/control/log-sink.h \
	src/control/log-sinks.c \
	src/control/log-writer.c \
	src/control/log-writer.h \
	src/control/logger.c \
	src/control/logger.h \
	src/control/member.c \
	src/control/member.h \
	src/control/notify.c \
	src/control/notify.h \
	src/control/names.c \
	src/control/names.h \
	src/control/operation.c \
	src/control/operation.h \
	src/control/pidfile.c \
	src/control/pidfile.h \
	src/control/process.c \
	src/control/process.h \
	src/control/report.c \
	src/control/report.h \
	src/control/turning.c \
	src/control/turning.h \
	src/control/watchdog.c \
	src/control/watchdog.h \
	src/relay/acceptor.c \
	src/relay/acceptor.h \
	src/relay/arrival.h \
	src/relay/blocks.c \
	src/relay/blocks.h \
	src/relay/endpoint.c \
	src/relay/endpoint.h \
	src/relay/flow.c \
	src/relay/flow.h \
	src/relay/interval.c \
	src/relay/interval.h \
	src/relay/line.c \
	src/relay/line.h \
	src/relay/listener.c \
	src/relay/listener.h \
	src/relay/mailbox.c \
	src/relay/mailbox.h \
	src/relay/joins.c \
	src/relay/joins.h \
	src/relay/pipes.c \
	src/relay/pipes.h \
	src/relay/queue.c \
	src/relay/queue.h \
	src/relay/reason.c \
	src/relay/reason.h \
	src/relay/route.c \
	src/relay/route.h \
	src/relay/session-end.c \
	src/relay/session-end.h \
	src/relay/session-log.c \
	src/relay/session-log.h \
	src/relay/session.c \
	src/relay/session.h \
	src/relay/settle.c \
	src/relay/settle.h \
	src/relay/sources.c \
	src/relay/sources.h \
	src/relay/supplies.c \
	src/relay/supplies.h \
	src/relay/worker.c \
	src/relay/worker.h \
	src/upstream/addresses.c \
	src/upstream/builtin.c \
	src/upstream/builtin.h \
	src/upstream/connect.c \
	src/upstream/connect.h \
	src/upstream/pool.c \
	src/upstream/pool.h \
	src/upstream/race.c \
	src/upstream/race.h \
	src/upstream/resolver.c \
	src/upstream/resolver.h

# The program carries its own copy of libmux: it can be moved and upgraded
# by itself, and no call on the data path goes through a jump table.
src_librelay_la_LIBADD = @FYAML_LIBS@ @JANSSON_LIBS@ @SECCOMP_LIBS@

bin_PROGRAMS += src/muxproxy
src_muxproxy_CPPFLAGS = $(src_librelay_la_CPPFLAGS)
src_muxproxy_SOURCES = src/main.c
src_muxproxy_LDADD = src/librelay.la $(MUX_LIBS)
