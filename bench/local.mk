# SPDX-License-Identifier: ISC
#
# The benchmark: `make bench' builds the load generator, `make benchmark' runs
# the same work through muxproxy and its peers, see bench/README.  Never
# installed.

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

EXTRA_DIST += bench/README bench/measured.svg bench/run bench/Calls.pm \
	bench/Network.pm bench/Peers.pm bench/Picture.pm bench/Report.pm \
	bench/Rows.pm bench/Spread.pm

bench: bench/muxload$(EXEEXT) src/muxproxy$(EXEEXT)

benchmark: bench
	MUX_BUILDDIR='$(abs_top_builddir)' $(PERL) $(srcdir)/bench/run $(BENCH_FLAGS)

.PHONY: bench benchmark
