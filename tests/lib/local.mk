# SPDX-License-Identifier: ISC
#
# The tests of libmux: compiled once, linked with every backend that this
# system has.  `tests/lib/libmux-NAME SUBJECT...' runs a part of them.

check_LTLIBRARIES += tests/lib/libsuite.la
tests_lib_libsuite_la_SOURCES = \
	tests/lib/suite.c \
	tests/lib/suite.h \
	tests/lib/tap.c \
	tests/lib/tap.h \
	tests/lib/test-clock.c \
	tests/lib/test-errors.c \
	tests/lib/test-failure.c \
	tests/lib/test-fds.c \
	tests/lib/test-heap.c \
	tests/lib/test-interrupts.c \
	tests/lib/test-loop.c \
	tests/lib/test-many.c \
	tests/lib/test-memory.c \
	tests/lib/test-nesting.c \
	tests/lib/test-resources.c \
	tests/lib/test-reuse.c \
	tests/lib/test-signals.c \
	tests/lib/test-threads.c \
	tests/lib/test-timers.c \
	tests/lib/test-wakeups.c \
	tests/lib/wrap.c \
	tests/lib/wrap.h

# What wrap.c takes the place of, if the linker lets it: the file holds the
# flags for that, or nothing where it does not know them.
LIBMUX_WRAPPED = calloc clock_gettime epoll_ctl epoll_wait kevent malloc \
	poll realloc select

tests/lib/wrap.flags: Makefile
	$(AM_V_GEN)$(MKDIR_P) tests/lib; \
	flags=; \
	for name in $(LIBMUX_WRAPPED); do \
		flags="$$flags -Wl,--wrap=$$name"; \
	done; \
	echo 'int main(void) { return (0); }' >tests/lib/wraptest.c; \
	$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) $$flags -o tests/lib/wraptest \
		tests/lib/wraptest.c 2>/dev/null || flags=; \
	rm -f tests/lib/wraptest tests/lib/wraptest.c; \
	echo "$$flags" >$@

CLEANFILES += tests/lib/wrap.flags

LIBMUX_WRAP_FLAGS = `cat tests/lib/wrap.flags`
LIBMUX_SUITE = tests/lib/libsuite.la lib/libcore.la

if HAVE_EPOLL
check_PROGRAMS += tests/lib/libmux-epoll
TESTS += tests/lib/libmux-epoll
endif
tests_lib_libmux_epoll_SOURCES = tests/lib/main.c
tests_lib_libmux_epoll_LDFLAGS = $(AM_LDFLAGS) $(LIBMUX_WRAP_FLAGS)
tests_lib_libmux_epoll_LDADD = $(LIBMUX_SUITE) lib/libbackend-epoll.la
EXTRA_tests_lib_libmux_epoll_DEPENDENCIES = tests/lib/wrap.flags

if HAVE_KQUEUE
check_PROGRAMS += tests/lib/libmux-kqueue
TESTS += tests/lib/libmux-kqueue
endif
tests_lib_libmux_kqueue_SOURCES = tests/lib/main.c
tests_lib_libmux_kqueue_LDFLAGS = $(AM_LDFLAGS) $(LIBMUX_WRAP_FLAGS)
tests_lib_libmux_kqueue_LDADD = $(LIBMUX_SUITE) lib/libbackend-kqueue.la
EXTRA_tests_lib_libmux_kqueue_DEPENDENCIES = tests/lib/wrap.flags

if HAVE_POLL
check_PROGRAMS += tests/lib/libmux-poll
TESTS += tests/lib/libmux-poll
endif
tests_lib_libmux_poll_SOURCES = tests/lib/main.c
tests_lib_libmux_poll_LDFLAGS = $(AM_LDFLAGS) $(LIBMUX_WRAP_FLAGS)
tests_lib_libmux_poll_LDADD = $(LIBMUX_SUITE) lib/libbackend-poll.la
EXTRA_tests_lib_libmux_poll_DEPENDENCIES = tests/lib/wrap.flags

if HAVE_SELECT
check_PROGRAMS += tests/lib/libmux-select
TESTS += tests/lib/libmux-select
endif
tests_lib_libmux_select_SOURCES = tests/lib/main.c
tests_lib_libmux_select_LDFLAGS = $(AM_LDFLAGS) $(LIBMUX_WRAP_FLAGS)
tests_lib_libmux_select_LDADD = $(LIBMUX_SUITE) lib/libbackend-select.la
EXTRA_tests_lib_libmux_select_DEPENDENCIES = tests/lib/wrap.flags
