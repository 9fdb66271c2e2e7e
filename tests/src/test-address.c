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

static bool
is_loopback(const char *host)
{
	struct address address;

	return (address_parse(&address, host, 1) &&
	    address_is_loopback(&address));
}

void
test_address(void)
{
	const struct address local = { .sa.sa_family = AF_UNIX };
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
	ok(is_loopback("127.0.0.1") && is_loopback("127.255.0.9"),
	    "127.0.0.0/8 is the loopback");
	ok(is_loopback("::1") && is_loopback("::ffff:127.0.0.1"),
	    "so is ::1, and 127.0.0.1 within IPv6");
	ok(!is_loopback("126.0.0.1") && !is_loopback("128.0.0.1") &&
	    !is_loopback("1.0.0.127"), "other IPv4 addresses are not");
	ok(!is_loopback("::2") && !is_loopback("2001:db8::7f00:1") &&
	    !is_loopback("::ffff:1.0.0.127"), "nor are other IPv6 addresses");
	ok(!address_is_loopback(&local), "nor is a UNIX-domain socket");
}
