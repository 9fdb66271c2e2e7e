# SPDX-License-Identifier: ISC
#
# The benchmark: `make bench' builds the load generator, `make benchmark' runs
# the same work through muxproxy and its peers, `make waiting' measures the
# backends by themselves, see bench/README.  Never installed.

check_PROGRAMS += bench/muxload
bench_muxload_SOURCES = \
	bench/bulk.c \
	bench/client.c \
	bench/histogram.c \
	bench/histogram.h \
	bench/load.c \
	bench/load.h \
	bench/muxload.c \
	bench/ping.c \
	bench/report.c \
	bench/ring.c \
	bench/ring.h \
	bench/rush.c \
	bench/serve.c \
	bench/serve.h \
	bench/tcp.c \
	bench/tcp.h \
	bench/watch.c \
	bench/watch.h
bench_muxload_LDADD = $(MUX_LIBS)

# What one wait costs, once with each backend that this system has
waiting_programs =
if HAVE_EPOLL
waiting_programs += bench/waiting-epoll
endif
bench_waiting_epoll_SOURCES = bench/waiting.c
bench_waiting_epoll_LDADD = lib/libcore.la lib/libbackend-epoll.la

if HAVE_KQUEUE
waiting_programs += bench/waiting-kqueue
endif
bench_waiting_kqueue_SOURCES = bench/waiting.c
bench_waiting_kqueue_LDADD = lib/libcore.la lib/libbackend-kqueue.la

if HAVE_POLL
waiting_programs += bench/waiting-poll
endif
bench_waiting_poll_SOURCES = bench/waiting.c
bench_waiting_poll_LDADD = lib/libcore.la lib/libbackend-poll.la

if HAVE_SELECT
waiting_programs += bench/waiting-select
endif
bench_waiting_select_SOURCES = bench/waiting.c
bench_waiting_select_LDADD = lib/libcore.la lib/libbackend-select.la

check_PROGRAMS += $(waiting_programs)

EXTRA_DIST += bench/README bench/measured.svg bench/run bench/waits \
	bench/Calls.pm bench/Network.pm bench/Peers.pm bench/Picture.pm \
	bench/Report.pm bench/Rows.pm bench/Spread.pm

bench: bench/muxload$(EXEEXT) src/muxproxy$(EXEEXT)

benchmark: bench
	MUX_BUILDDIR='$(abs_top_builddir)' $(PERL) $(srcdir)/bench/run $(BENCH_FLAGS)

waiting: $(waiting_programs)
	@MUX_BUILDDIR='$(abs_top_builddir)' $(PERL) $(srcdir)/bench/waits $(WAITING_FLAGS)

.PHONY: bench benchmark waiting
