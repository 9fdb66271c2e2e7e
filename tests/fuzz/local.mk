# SPDX-License-Identifier: ISC
#
# Fuzz targets.  In `make check' each runs on its corpus, with any compiler;
# `make fuzz FUZZ_SECONDS=60' has libFuzzer look for more, with clang.

fuzz_programs = \
	tests/fuzz/replay-activation \
	tests/fuzz/replay-address \
	tests/fuzz/replay-expand \
	tests/fuzz/replay-file \
	tests/fuzz/replay-handover \
	tests/fuzz/replay-log \
	tests/fuzz/replay-logfmt \
	tests/fuzz/replay-options \
	tests/fuzz/replay-prefix \
	tests/fuzz/replay-target \
	tests/fuzz/replay-text \
	tests/fuzz/replay-units
check_PROGRAMS += $(fuzz_programs)
TESTS += $(fuzz_programs)
EXTRA_DIST += tests/fuzz/run tests/fuzz/words.dict tests/fuzz/corpus

FUZZ_CPPFLAGS = $(src_librelay_la_CPPFLAGS) -I$(srcdir)/tests/lib
FUZZ_SOURCES = tests/fuzz/fuzz.h tests/fuzz/replay.c tests/lib/tap.c \
	tests/lib/tap.h
FUZZ_LDADD = src/librelay.la $(MUX_LIBS)

tests_fuzz_replay_activation_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_replay_activation_SOURCES = tests/fuzz/activation.c $(FUZZ_SOURCES)
tests_fuzz_replay_activation_LDADD = $(FUZZ_LDADD)

tests_fuzz_replay_address_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_replay_address_SOURCES = tests/fuzz/address.c $(FUZZ_SOURCES)
tests_fuzz_replay_address_LDADD = $(FUZZ_LDADD)

tests_fuzz_replay_expand_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_replay_expand_SOURCES = tests/fuzz/expand.c $(FUZZ_SOURCES)
tests_fuzz_replay_expand_LDADD = $(FUZZ_LDADD)

tests_fuzz_replay_file_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_replay_file_SOURCES = tests/fuzz/file.c $(FUZZ_SOURCES)
tests_fuzz_replay_file_LDADD = $(FUZZ_LDADD)

tests_fuzz_replay_handover_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_replay_handover_SOURCES = tests/fuzz/handover.c $(FUZZ_SOURCES)
tests_fuzz_replay_handover_LDADD = $(FUZZ_LDADD)

tests_fuzz_replay_log_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_replay_log_SOURCES = tests/fuzz/log.c $(FUZZ_SOURCES)
tests_fuzz_replay_log_LDADD = $(FUZZ_LDADD)

tests_fuzz_replay_logfmt_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_replay_logfmt_SOURCES = tests/fuzz/logfmt.c $(FUZZ_SOURCES)
tests_fuzz_replay_logfmt_LDADD = $(FUZZ_LDADD)

tests_fuzz_replay_options_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_replay_options_SOURCES = tests/fuzz/options.c $(FUZZ_SOURCES)
tests_fuzz_replay_options_LDADD = $(FUZZ_LDADD)

tests_fuzz_replay_prefix_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_replay_prefix_SOURCES = tests/fuzz/prefix.c $(FUZZ_SOURCES)
tests_fuzz_replay_prefix_LDADD = $(FUZZ_LDADD)

tests_fuzz_replay_target_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_replay_target_SOURCES = tests/fuzz/target.c $(FUZZ_SOURCES)
tests_fuzz_replay_target_LDADD = $(FUZZ_LDADD)

tests_fuzz_replay_text_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_replay_text_SOURCES = tests/fuzz/text.c $(FUZZ_SOURCES)
tests_fuzz_replay_text_LDADD = $(FUZZ_LDADD)

tests_fuzz_replay_units_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_replay_units_SOURCES = tests/fuzz/units.c $(FUZZ_SOURCES)
tests_fuzz_replay_units_LDADD = $(FUZZ_LDADD)

FUZZ_SECONDS = 60

fuzz:
	$(AM_TESTS_ENVIRONMENT) FUZZ_SECONDS=$(FUZZ_SECONDS) \
	$(srcdir)/tests/fuzz/run || test $$? -eq 77

.PHONY: fuzz
