# SPDX-License-Identifier: ISC

check_PROGRAMS += tests/src/units
TESTS += tests/src/units
tests_src_units_CPPFLAGS = $(src_librelay_la_CPPFLAGS) -I$(srcdir)/tests/lib
tests_src_units_SOURCES = \
	tests/lib/tap.c \
	tests/lib/tap.h \
	tests/src/test-address.c \
	tests/src/test-log.c \
	tests/src/test-queue.c \
	tests/src/test-target.c \
	tests/src/test-text.c \
	tests/src/units.c \
	tests/src/units.h
tests_src_units_LDADD = src/librelay.la $(MUX_LIBS)
