# SPDX-License-Identifier: ISC

check_PROGRAMS += tests/src/units
TESTS += tests/src/units
tests_src_units_CPPFLAGS = $(src_librelay_la_CPPFLAGS) -I$(srcdir)/tests/lib
tests_src_units_SOURCES = \
	tests/lib/tap.c \
	tests/lib/tap.h \
	tests/src/plans-differ.c \
	tests/src/plans.c \
	tests/src/plans.h \
	tests/src/test-activation.c \
	tests/src/test-address.c \
	tests/src/test-bucket.c \
	tests/src/test-shortage.c \
	tests/src/test-config.c \
	tests/src/test-endpoint.c \
	tests/src/test-flow.c \
	tests/src/test-handover.c \
	tests/src/test-herald.c \
	tests/src/test-route.c \
	tests/src/test-log.c \
	tests/src/test-logfmt.c \
	tests/src/test-log-form.c \
	tests/src/test-mailbox.c \
	tests/src/test-notify.c \
	tests/src/test-pipes.c \
	tests/src/test-prefix.c \
	tests/src/test-problems.c \
	tests/src/test-print.c \
	tests/src/test-queue.c \
	tests/src/test-quote.c \
	tests/src/test-siphash.c \
	tests/src/test-sizes.c \
	tests/src/test-sources.c \
	tests/src/test-succession.c \
	tests/src/test-target.c \
	tests/src/test-text.c \
	tests/src/test-tuning-check.c \
	tests/src/test-tuning.c \
	tests/src/units.c \
	tests/src/units.h
tests_src_units_LDADD = src/librelay.la $(MUX_LIBS)

# What confined threads try, in the ways of Linux
if HAVE_EPOLL
check_PROGRAMS += tests/src/confined
TESTS += tests/src/confined
endif
tests_src_confined_CPPFLAGS = $(tests_src_units_CPPFLAGS) -I$(srcdir)/tests/src
tests_src_confined_SOURCES = \
	tests/lib/tap.c \
	tests/lib/tap.h \
	tests/src/attempts-calls.c \
	tests/src/attempts-files.c \
	tests/src/attempts.c \
	tests/src/attempts.h \
	tests/src/confined.c \
	tests/src/confined.h
tests_src_confined_LDADD = src/librelay.la $(MUX_LIBS)

# What OpenBSD would be told
if HAVE_EPOLL
check_PROGRAMS += tests/src/openbsd
TESTS += tests/src/openbsd
endif
tests_src_openbsd_CPPFLAGS = $(tests_src_units_CPPFLAGS)
tests_src_openbsd_SOURCES = \
	tests/lib/tap.c \
	tests/lib/tap.h \
	tests/src/openbsd.c
tests_src_openbsd_LDADD = src/librelay.la $(MUX_LIBS)

# What the tests have fail goes through refuse.c; needs a linker with --wrap
# and the calls of Linux.
REFUSE_WRAP_FLAGS = \
	-Wl,--wrap=_exit -Wl,--wrap=accept4 -Wl,--wrap=bind -Wl,--wrap=calloc \
	-Wl,--wrap=connect -Wl,--wrap=epoll_create1 -Wl,--wrap=epoll_ctl \
	-Wl,--wrap=epoll_wait -Wl,--wrap=fcntl -Wl,--wrap=flock \
	-Wl,--wrap=fork -Wl,--wrap=fstat \
	-Wl,--wrap=ftruncate -Wl,--wrap=getaddrinfo -Wl,--wrap=getegid \
	-Wl,--wrap=geteuid -Wl,--wrap=getgroups -Wl,--wrap=getpeername \
	-Wl,--wrap=getresgid -Wl,--wrap=getresuid -Wl,--wrap=getrlimit \
	-Wl,--wrap=getsockname -Wl,--wrap=getsockopt \
	-Wl,--wrap=initgroups -Wl,--wrap=ioctl -Wl,--wrap=listen \
	-Wl,--wrap=lstat -Wl,--wrap=malloc -Wl,--wrap=open -Wl,--wrap=pipe \
	-Wl,--wrap=pread \
	-Wl,--wrap=pthread_create -Wl,--wrap=pwrite -Wl,--wrap=read \
	-Wl,--wrap=realloc -Wl,--wrap=recv -Wl,--wrap=send \
	-Wl,--wrap=seteuid -Wl,--wrap=setgid -Wl,--wrap=setrlimit \
	-Wl,--wrap=setsockopt -Wl,--wrap=setuid \
	-Wl,--wrap=sigaction -Wl,--wrap=socket -Wl,--wrap=socketpair \
	-Wl,--wrap=stat -Wl,--wrap=strdup \
	-Wl,--wrap=unlink -Wl,--wrap=waitpid -Wl,--wrap=write \
	$(REFUSE_WRAP_64)

# What the same calls are called on 32 bits, for large files
REFUSE_WRAP_64 = \
	-Wl,--wrap=fcntl64 -Wl,--defsym=__wrap_fcntl64=__wrap_fcntl \
	-Wl,--wrap=open64 -Wl,--defsym=__wrap_open64=__wrap_open

if HAVE_EPOLL
check_PROGRAMS += tests/src/refusals
TESTS += tests/src/refusals
endif
tests_src_refusals_CPPFLAGS = $(tests_src_units_CPPFLAGS) -I$(srcdir)/tests/src
tests_src_refusals_LDFLAGS = $(AM_LDFLAGS) $(REFUSE_WRAP_FLAGS)
tests_src_refusals_SOURCES = \
	tests/lib/tap.c \
	tests/lib/tap.h \
	tests/src/refusals.c \
	tests/src/refusals.h \
	tests/src/refuse.c \
	tests/src/refuse.h \
	tests/src/test-accept.c \
	tests/src/test-crowd.c \
	tests/src/test-daemon.c \
	tests/src/test-elsewhere.c \
	tests/src/test-listen.c \
	tests/src/test-log-change.c \
	tests/src/test-logger.c \
	tests/src/test-options.c \
	tests/src/test-pool.c \
	tests/src/test-process.c \
	tests/src/test-resolver.c \
	tests/src/test-socket.c \
	tests/src/test-start.c \
	tests/src/test-tuning-refused.c \
	tests/src/test-worker.c
tests_src_refusals_LDADD = src/librelay.la lib/libcore.la lib/libbackend-epoll.la
