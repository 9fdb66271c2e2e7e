/* SPDX-License-Identifier: ISC */

/* test-address.c - addresses: parse, write, compare. */

#include <string.h>

#include "base/address.h"
#include "tap.h"
#include "units.h"

static void
writes(const char *host, const char *want)
{
	char out[ADDRESS_TEXT_SIZE];
	struct address address;

	if (!ok(address_parse(&address, host, 8080) && strcmp(
	    address_format(out, sizeof(out), &address), want) == 0,
	    "%s is written %s", host, want))
		diag("%s", out);
}

static bool
equal(const char *a, uint16_t a_port, const char *b, uint16_t b_port)
{
	struct address first, second;

	return (address_parse(&first, a, a_port) &&
	    address_parse(&second, b, b_port) &&
	    address_equal(&first, &second));
}

void
test_address(void)
{
	struct address address;

	writes("127.0.0.1", "127.0.0.1:8080");
	writes("::1", "[::1]:8080");
	writes("2001:DB8:0::1", "[2001:db8::1]:8080");
	writes("::ffff:192.0.2.1", "192.0.2.1:8080");
	writes("fe80::1%1", "[fe80::1%1]:8080");
	writes("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
	    "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:8080");
	ok(!address_parse(&address, "localhost", 1), "a name is no address");
	ok(!address_parse(&address, "127.0.0.1.", 1), "nor is a typing error");
	ok(equal("::1", 1, "0:0::1", 1), "the same in other words");
	ok(!equal("::1", 1, "::1", 2), "another port");
	ok(!equal("127.0.0.1", 1, "127.0.0.2", 1), "another address");
	ok(!equal("127.0.0.1", 1, "::1", 1), "another family");
	ok(!equal("fe80::1%1", 1, "fe80::1", 1), "another zone");
}
