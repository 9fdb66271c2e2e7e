# SPDX-License-Identifier: ISC

check_PROGRAMS += tests/config/read-file
tests_config_read_file_CPPFLAGS = $(src_librelay_la_CPPFLAGS)
tests_config_read_file_SOURCES = tests/config/read-file.c
tests_config_read_file_LDADD = src/librelay.la $(MUX_LIBS)

config_tests = \
	tests/config/agree.t \
	tests/config/errors.t \
	tests/config/include.t \
	tests/config/limits.t \
	tests/config/options.t

dist_check_SCRIPTS += $(config_tests)
TESTS += $(config_tests)
EXTRA_DIST += \
	tests/config/ConfigTest.pm \
	tests/config/errors.txt \
	tests/config/validate.py
