/* SPDX-License-Identifier: ISC */

/* units.c - runs the tests of parts of src by themselves. */

#include <stdint.h>

#include "tap.h"
#include "units.h"

/* splitmix64, by Sebastiano Vigna */
size_t
random_below(size_t count)
{
	static uint64_t state;
	uint64_t z = (state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return ((size_t)((z ^ (z >> 31)) % count));
}

int
main(void)
{
	tap_begin("text");
	test_text();
	tap_begin("sizes and rates");
	test_sizes_and_rates();
	tap_begin("target");
	test_target();
	tap_begin("address");
	test_address();
	tap_begin("prefix");
	test_prefix();
	tap_begin("bucket");
	test_bucket();
	tap_begin("siphash");
	test_siphash();
	tap_begin("tuning");
	test_tuning_check();
	test_tuning();
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
	test_logfmt();
	test_log_form();
	tap_begin("mailbox");
	test_mailbox();
	tap_begin("problems");
	test_problems();
	tap_begin("config");
	test_config();
	tap_begin("notify");
	test_notify();
	tap_begin("activation");
	test_activation();
	tap_begin("handover");
	test_handover();
	tap_begin("herald");
	test_herald();
	tap_begin("route");
	test_routes();
	tap_begin("succession");
	test_succession();
	tap_begin("quote");
	test_quote();
	tap_begin("print");
	test_print();
	/* last, since it leaves much memory to be had */
	tap_begin("sources");
	test_sources();
	return (tap_done());
}
