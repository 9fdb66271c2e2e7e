/* SPDX-License-Identifier: ISC */

/* units.c - runs the tests of parts of src by themselves. */

#include "tap.h"
#include "units.h"

int
main(void)
{
	tap_begin("text");
	test_text();
	tap_begin("target");
	test_target();
	tap_begin("address");
	test_address();
	tap_begin("shortage");
	test_shortage();
	tap_begin("endpoint");
	test_endpoint();
	tap_begin("flow");
	test_flow();
	tap_begin("queue");
	test_queue();
	tap_begin("pipes");
	test_pipes();
	tap_begin("log");
	test_log();
	tap_begin("mailbox");
	test_mailbox();
	return (tap_done());
}
