# SPDX-License-Identifier: ISC
#
# Real programs through the relay; each test skips what is not installed.

real_tests = \
	tests/real/http.t \
	tests/real/iperf.t \
	tests/real/netcat.t \
	tests/real/redis.t \
	tests/real/ssh.t
TESTS += $(real_tests)
EXTRA_DIST += $(real_tests)
