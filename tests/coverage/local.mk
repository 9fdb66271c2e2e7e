# SPDX-License-Identifier: ISC
#
# How much of lib and src the tests run, in a build with --enable-coverage.
# What counts, and what does not, stands in gcovr.cfg.

EXTRA_DIST += gcovr.cfg

# in per cent; below them make fails
COVERAGE_LINES = 97
COVERAGE_BRANCHES = 90
COVERAGE_SIM_BRANCHES = 95

COVERAGE_SIM_LIVES = 40000
COVERAGE_SIM_SEED = 1

GCOVR = gcovr --root $(srcdir) --config $(srcdir)/gcovr.cfg

# what of src is not the relay's core, nor the table of sources, whose branches
# are mostly those of uthash's macros; tests/src has a model of it
COVERAGE_SIM_FLAGS = --exclude '.*/src/base/' --exclude '.*/src/config/' \
	--exclude '.*/src/control/' --exclude '.*/src/main' \
	--exclude '.*/src/relay/sources' \
	--exclude '.*/src/upstream/builtin' --exclude '.*/src/upstream/resolver'

coverage-simulation: $(sim_programs)
	@test $(COVERAGE_ENABLED) = yes || \
	    { echo 'coverage: needs configure --enable-coverage' >&2; exit 1; }
	@find . -name '*.gcda' -exec rm -f {} +
	@for program in $(sim_programs); do \
		$$program --lives $(COVERAGE_SIM_LIVES) --seed $(COVERAGE_SIM_SEED) || exit 1; \
	done
	@$(GCOVR) $(COVERAGE_SIM_FLAGS) --branches --fail-under-branch $(COVERAGE_SIM_BRANCHES) \
	    lib src

# What looks at files runs nothing of ours.  The simulation has run: it is kept
# from running at the side of other tests, because the lock of a file with counts
# is of no effect in the simulation.  Other users that the relay becomes write
# into these files too, so all programs are built before.
coverage: coverage-simulation
	@$(MAKE) check TESTS=
	@for notes in `find lib src -name '*.gcno'`; do \
		counts=$${notes%gcno}gcda; \
		touch $$counts && chmod a+rw $$counts || exit 1; \
	done
	@tests=; \
	for test in $(TESTS); do \
		case " $(sim_programs) $(tree_tests) " in \
		*" $$test "*) ;; \
		*) tests="$$tests $$test" ;; \
		esac; \
	done; \
	$(MAKE) check TESTS="$$tests"
	@$(GCOVR) lib src
	@$(GCOVR) --branches --print-summary --fail-under-line $(COVERAGE_LINES) \
	    --fail-under-branch $(COVERAGE_BRANCHES) lib src

.PHONY: coverage coverage-simulation
