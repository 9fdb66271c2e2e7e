/* SPDX-License-Identifier: ISC */

/* refusals.c - runs the tests of the parts of src when the system says no. */

#include "refusals.h"
#include "tap.h"

int
main(void)
{
	tap_begin("options");
	test_options();
	tap_begin("socket");
	test_socket();
	tap_begin("listen");
	test_listen();
	tap_begin("elsewhere");
	test_elsewhere();
	tap_begin("pidfile");
	test_pidfile();
	tap_begin("identity");
	test_identity();
	tap_begin("limits");
	test_limits();
	tap_begin("daemon");
	test_daemon();
	tap_begin("process");
	test_process();
	tap_begin("logger");
	test_logger();
	test_log_change();
	tap_begin("resolver");
	test_resolver();
	tap_begin("pool");
	test_pool();
	tap_begin("worker");
	test_worker();
	tap_begin("accept");
	test_accept();
	tap_begin("tuning");
	test_tuning_refused();
	tap_begin("crowd");
	test_crowd();
	return (tap_done());
}
