/* SPDX-License-Identifier: ISC */

/* test-prefix.c - prefixes: parse, write, compare, lists of them. */

#include <string.h>

#include "base/prefix.h"
#include "tap.h"
#include "units.h"

#define LIST_MAX	5000

static struct prefix
prefix(const char *text)
{
	struct prefix read = { .bits = 0 };
	const char *problem = prefix_parse(&read, text);

	if (problem != NULL) {
		diag("%s: %s", text, problem);
		bail_out("a test has a wrong prefix");
	}
	return (read);
}

static struct address
peer(const char *host)
{
	struct address address;

	if (!address_parse(&address, host, 4711))
		bail_out(host);
	return (address);
}

static bool
contains(const char *text, const char *host)
{
	const struct prefix one = prefix(text);
	const struct address address = peer(host);

	return (prefixes_contain(&one, 1, &address));
}

static void
test_reading(void)
{
	static const struct {
		const char *text, *want;
	} good[] = { { "10.0.0.0/8", NULL }, { "0.0.0.0/0", NULL },
	    { "192.0.2.1", NULL }, { "192.0.2.1/32", "192.0.2.1" },
	    { "192.0.2.0/31", NULL }, { "2001:db8::/32", NULL },
	    { "2001:DB8:0::/32", "2001:db8::/32" }, { "::/0", NULL },
	    { "::1", NULL }, { "::1/128", "::1" }, { "fe80::/10", NULL },
	    { "::ffff:10.0.0.0/104", "10.0.0.0/8" },
	    { "::ffff:0:0/96", "0.0.0.0/0" },
	    { "::ffff:192.0.2.1", "192.0.2.1" },
	    { "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe/127", NULL } };
	static const struct {
		const char *text, *says;
	} bad[] = { { "", "write an address" }, { "/8", "write an address" },
	    { "10.0.0/8", "write an address" }, { "host", "write an address" },
	    { "10.0.0.0:80", "write an address" },
	    { "[::1]", "write an address" }, { "10.0.0.0 /8", "write an" },
	    { "1111111111111111111111111111111111111111111111111", "write" },
	    { "10.0.0.0/", "0 to 32" }, { "10.0.0.0/33", "0 to 32" },
	    { "10.0.0.0/-1", "0 to 32" }, { "10.0.0.0/8/8", "0 to 32" },
	    { "10.0.0.0/255.0.0.0", "0 to 32" }, { "::/129", "0 to 128" },
	    { "::/x", "0 to 128" }, { "fe80::1%eth0", "no zone" },
	    { "fe80::%1/10", "no zone" },
	    { "10.1.2.3/8", "10.1.2.3/8 has bits beyond the prefix: "
	    "write 10.0.0.0/8" },
	    { "1.2.3.4/0", "write 0.0.0.0/0" },
	    { "192.0.2.1/31", "write 192.0.2.0/31" },
	    { "2001:db8::1/64", "write 2001:db8::/64" },
	    { "2001:db8:ffff::/33", "write 2001:db8:8000::/33" },
	    { "::ffff:10.1.0.0/104", "write 10.0.0.0/8" } };
	char out[PREFIX_TEXT_SIZE];
	struct prefix one;
	const char *want, *problem;
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		one = prefix(good[i].text);
		want = good[i].want == NULL ? good[i].text : good[i].want;
		ok(prefix_format(out, sizeof(out), &one) == out &&
		    strcmp(out, want) == 0, "%s is written %s", good[i].text,
		    want);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		one.bits = 77;
		problem = prefix_parse(&one, bad[i].text);
		if (!ok(problem != NULL && one.bits == 77 &&
		    strstr(problem, bad[i].says) != NULL, "'%s': %s",
		    bad[i].text, bad[i].says))
			diag("%s", problem == NULL ? "is read" : problem);
	}
}

static void
test_containing(void)
{
	const struct prefix all4 = prefix("0.0.0.0/0"), all6 = prefix("::/0");
	const struct address local = { .sa.sa_family = AF_UNIX };

	ok(contains("10.0.0.0/8", "10.255.0.1"), "an address within");
	ok(!contains("10.0.0.0/8", "11.0.0.0"), "and one that is not");
	ok(contains("10.0.0.0/8", "::ffff:10.1.2.3"), "one that is mapped");
	ok(contains("::ffff:10.0.0.0/104", "10.1.2.3"), "a prefix that is");
	ok(contains("192.0.2.6/31", "192.0.2.7") &&
	    !contains("192.0.2.6/31", "192.0.2.5") &&
	    !contains("192.0.2.6/31", "192.0.2.8"), "a part of a byte");
	ok(contains("2001:db8::/33", "2001:db8:7fff::1") &&
	    !contains("2001:db8::/33", "2001:db8:8000::"), "IPv6");
	ok(contains("::1", "::1") && !contains("::1", "::2"), "one address");
	ok(contains("fe80::/10", "fe80::1%1"), "an address with a zone");
	ok(contains("::/0", "2001:db8::1") && !contains("::/0", "10.0.0.1") &&
	    !contains("::/0", "::ffff:10.0.0.1"), "::/0 is IPv6 alone");
	ok(contains("0.0.0.0/0", "::ffff:10.0.0.1") &&
	    !contains("0.0.0.0/0", "::1"), "0.0.0.0/0 is IPv4 alone");
	ok(!prefixes_contain(&all4, 1, &local) &&
	    !prefixes_contain(&all6, 1, &local),
	    "none has a peer without an address");
}

static bool
source_is(const char *host, uint8_t bits4, uint8_t bits6, const char *want)
{
	const struct address address = peer(host);
	char out[PREFIX_TEXT_SIZE];
	struct prefix one;

	return (prefix_of(&one, &address, bits4, bits6) &&
	    strcmp(prefix_format(out, sizeof(out), &one), want) == 0);
}

static void
test_cutting(void)
{
	const struct address local = { .sa.sa_family = AF_UNIX };
	struct prefix one;

	ok(source_is("192.0.2.77", 32, 64, "192.0.2.77") &&
	    source_is("192.0.2.77", 24, 64, "192.0.2.0/24") &&
	    source_is("::ffff:192.0.2.77", 24, 64, "192.0.2.0/24") &&
	    source_is("192.0.2.77", 0, 64, "0.0.0.0/0"),
	    "the first bits of an IPv4 address");
	ok(source_is("2001:db8::1:2:3:4", 32, 64, "2001:db8::/64") &&
	    source_is("2001:db8::1", 32, 128, "2001:db8::1") &&
	    source_is("2001:db8::1", 32, 0, "::/0"), "of an IPv6 address");
	ok(!prefix_of(&one, &local, 32, 64) && one.bits == 0 &&
	    one.bytes[0] == 0, "and none of a UNIX-domain peer");
}

/* Few bits differ, so that prefixes lie within each other and are met. */
static struct prefix
random_prefix(void)
{
	struct address address = { .sa.sa_family = AF_INET };
	struct prefix one;
	const unsigned bits = (unsigned)random_below(17);

	if (random_below(2) == 0) {
		address.in.sin_addr.s_addr = htonl(0x0a000000 |
		    (uint32_t)random_below(65536));
		(void)prefix_of(&one, &address, (uint8_t)(16 + bits), 0);
		return (one);
	}
	address.in6.sin6_family = AF_INET6;
	address.in6.sin6_addr = (struct in6_addr){ .s6_addr = { 0x20, 1 } };
	address.in6.sin6_addr.s6_addr[8] = (uint8_t)random_below(256);
	address.in6.sin6_addr.s6_addr[9] = (uint8_t)random_below(256);
	(void)prefix_of(&one, &address, 0, (uint8_t)(64 + bits));
	return (one);
}

static struct address
random_peer(void)
{
	const struct prefix one = random_prefix();
	struct address address = { .in6 = { .sin6_family = AF_INET6 } };

	memcpy(&address.in6.sin6_addr, one.bytes, sizeof(one.bytes));
	return (address);
}

/* The same answers as a walk over the list as it was. */
static bool
agree(size_t count)
{
	static struct prefix list[LIST_MAX], plain[LIST_MAX];
	struct address address;
	size_t i, j, kept;
	bool want;

	for (i = 0; i < count; i++)
		list[i] = plain[i] = random_prefix();
	kept = prefixes_sort(list, count);
	if (kept > count || prefixes_sort(list, kept) != kept)
		return (false);
	for (i = 0; i < 500; i++) {
		address = random_peer();
		want = false;
		for (j = 0; j < count && !want; j++)
			want = prefixes_contain(&plain[j], 1, &address);
		if (prefixes_contain(list, kept, &address) != want)
			return (false);
	}
	return (true);
}

static void
test_lists(void)
{
	struct prefix list[] = { prefix("::/0"), prefix("10.1.0.0/16"),
	    prefix("10.0.0.0/8"), prefix("10.0.0.0/8"), prefix("10.2.3.4"),
	    prefix("9.0.0.0/8") };
	size_t i, good = 0;

	is((long long)prefixes_sort(list, 6), 3,
	    "what is within another is left out");
	ok(list[0].bytes[12] == 9 && list[1].bytes[12] == 10 &&
	    list[1].bits == 104 && list[2].bits == 0, "in order");
	is((long long)prefixes_sort(NULL, 0), 0, "an empty list stays so");
	for (i = 0; i < 200; i++)
		good += agree(random_below(40));
	is((long long)good, 200, "short lists answer like a plain walk");
	ok(agree(LIST_MAX), "and so does a long one");
}

static bool
covers(const char *text, const char *other)
{
	const struct prefix outer = prefix(text), inner = prefix(other);

	return (prefix_covers(&outer, &inner));
}

static void
test_covering(void)
{
	ok(covers("10.0.0.0/8", "10.1.0.0/16") && covers("::/0", "2001:db8::/32") &&
	    covers("10.6.6.6", "10.6.6.6"), "what is within is covered");
	ok(!covers("10.1.0.0/16", "10.0.0.0/8") &&
	    !covers("10.0.0.0/9", "10.128.0.0/16"), "what is not, is not");
	ok(!covers("::/0", "10.0.0.0/8") && !covers("::/64", "0.0.0.0/0") &&
	    !covers("0.0.0.0/0", "::1"), "nor is one family by the other");
}

static bool
allows(const char *allow, const char *deny, const char *host)
{
	const struct address address = peer(host);
	struct prefix yes = { .bits = 0 }, no = { .bits = 0 };

	if (allow != NULL)
		yes = prefix(allow);
	if (deny != NULL)
		no = prefix(deny);
	return (prefix_allows(&yes, allow != NULL, &no, deny != NULL,
	    &address));
}

static void
test_allowing(void)
{
	const struct address local = { .sa.sa_family = AF_UNIX };
	const struct address unknown = { .sa.sa_family = AF_UNSPEC };
	const struct prefix all = prefix("0.0.0.0/0");

	ok(allows(NULL, NULL, "10.0.0.1"), "no list lets everybody in");
	ok(allows("10.0.0.0/8", NULL, "10.0.0.1") &&
	    !allows("10.0.0.0/8", NULL, "11.0.0.1") &&
	    !allows("10.0.0.0/8", NULL, "::1"), "allow, who is in it");
	ok(!allows(NULL, "10.0.0.0/8", "::ffff:10.0.0.1") &&
	    allows(NULL, "10.0.0.0/8", "11.0.0.1"), "deny, who is not");
	ok(!allows("10.0.0.0/8", "10.6.6.6", "10.6.6.6") &&
	    allows("10.0.0.0/8", "10.6.6.6", "10.6.6.7") &&
	    !allows("10.6.6.6", "10.0.0.0/8", "10.6.6.6"), "deny wins");
	ok(prefix_allows(&all, 1, &all, 1, &local),
	    "a UNIX-domain client is let in by its path");
	ok(prefix_allows(NULL, 0, NULL, 0, &unknown) &&
	    !prefix_allows(&all, 1, NULL, 0, &unknown) &&
	    !prefix_allows(NULL, 0, &all, 1, &unknown),
	    "a client that nobody knows is let in without lists");
}

void
test_prefix(void)
{
	test_reading();
	test_containing();
	test_cutting();
	test_lists();
	test_covering();
	test_allowing();
}
