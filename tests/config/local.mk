# SPDX-License-Identifier: ISC

check_PROGRAMS += tests/config/read-file
tests_config_read_file_CPPFLAGS = $(src_librelay_la_CPPFLAGS)
tests_config_read_file_SOURCES = tests/config/read-file.c
tests_config_read_file_LDADD = src/librelay.la $(MUX_LIBS)

# Memory that comes to an end, where programs are not static; in the ways of Linux
if HAVE_EPOLL
if SHARED
check_LTLIBRARIES += tests/config/fake-memory.la
endif
endif
tests_config_fake_memory_la_SOURCES = tests/config/fake-memory.c
tests_config_fake_memory_la_LDFLAGS = $(AM_LDFLAGS) -module -shared -avoid-version -rpath /nowhere

config_tests = \
	tests/config/agree.t \
	tests/config/errors.t \
	tests/config/include.t \
	tests/config/limits.t \
	tests/config/memory.t \
	tests/config/options.t

dist_check_SCRIPTS += $(config_tests)
TESTS += $(config_tests)
EXTRA_DIST += \
	tests/config/ConfigTest.pm \
	tests/config/errors.txt \
	tests/config/validate.py
