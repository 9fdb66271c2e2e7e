# SPDX-License-Identifier: ISC
#
# Mistakes planted in the relay's core and libmux: `make mutation', which
# takes long, and MUTATE_FLAGS='--count 30 --seed 2' for some of them.

EXTRA_DIST += tests/mutate/Equivalent.pm tests/mutate/Mutants.pm \
	tests/mutate/equivalent tests/mutate/mutate

mutation: $(check_PROGRAMS) $(check_LTLIBRARIES)
	@$(AM_TESTS_ENVIRONMENT) \
	MUTATE_COMPILE='$(COMPILE) -I$(srcdir)/src' \
	MUTATE_LINK='$(CC) $(AM_CFLAGS) $(CFLAGS) $(AM_LDFLAGS) $(LDFLAGS)' \
	MUTATE_LIBS='$(src_librelay_la_LIBADD) $(LIBS)' \
	MUTATE_LIBMUX='$(tests_lib_libmux_epoll_OBJECTS)' \
	MUTATE_UNITS='$(tests_src_units_OBJECTS)' \
	MUTATE_REFUSALS='$(tests_src_refusals_OBJECTS)' \
	MUTATE_WRAP_REFUSALS='$(tests_src_refusals_LDFLAGS)' \
	MUTATE_SIM='$(tests_sim_sim_epoll_OBJECTS)' \
	MUTATE_KQUEUE='$(tests_sim_sim_kqueue_OBJECTS)' \
	MUTATE_WRAP_SIM='$(tests_sim_sim_epoll_LDFLAGS)' \
	MUTATE_LOGGING='$(tests_relay_logging_muxproxy_OBJECTS)' \
	MUTATE_MUXPROXY='$(src_muxproxy_OBJECTS)' \
	$(PERL) $(srcdir)/tests/mutate/mutate $(MUTATE_FLAGS)

.PHONY: mutation
