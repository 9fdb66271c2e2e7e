# SPDX-License-Identifier: ISC

# the benchmark works; what it measures is not looked at
bench_tests = tests/bench/muxload.t tests/bench/run.t tests/bench/waiting.t
TESTS += $(bench_tests)
EXTRA_DIST += $(bench_tests)
