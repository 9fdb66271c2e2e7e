/* SPDX-License-Identifier: ISC */

/* prefix.c - the addresses that begin with the same bits, and lists of them. */

#include <sys/types.h>
#include <sys/socket.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/prefix.h"
#include "base/text.h"

#define BITS_MAX	128

/* How the address of a mapped IPv4 address begins, RFC 4291 2.5.5.2. */
static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

static bool
is_ipv4(const struct prefix *prefix)
{
	return (prefix->bits >= PREFIX_IPV4_BITS &&
	    memcmp(prefix->bytes, mapped, sizeof(mapped)) == 0);
}

/* Keeps the first bits; false if that has changed anything. */
static bool
cut(struct prefix *prefix, unsigned bits)
{
	bool had_more = false;
	unsigned i, kept;
	uint8_t mask;

	prefix->bits = (uint8_t)bits;
	for (i = bits / 8; i < sizeof(prefix->bytes); i++) {
		kept = i == bits / 8 ? bits % 8 : 0;
		mask = (uint8_t)(0xff << (8 - kept));
		had_more |= (prefix->bytes[i] & ~mask) != 0;
		prefix->bytes[i] &= mask;
	}
	return (!had_more);
}

static void
set_ipv4(struct prefix *prefix, const struct in_addr *in)
{
	memcpy(prefix->bytes, mapped, sizeof(mapped));
	memcpy(prefix->bytes + sizeof(mapped), in, sizeof(*in));
	prefix->bits = BITS_MAX;
}

/* Reads an address without a length. */
static const char *
read_address(struct prefix *prefix, const char *text, size_t length,
    bool *is_dotted)
{
	char host[INET6_ADDRSTRLEN];
	struct in_addr in;

	if (memchr(text, '%', length) != NULL)
		return ("a prefix has no zone: leave out the % and what follows");
	*is_dotted = memchr(text, ':', length) == NULL;
	if (length >= sizeof(host))
		length = 0;
	memcpy(host, text, length);
	host[length] = '\0';
	if (inet_pton(AF_INET6, host, prefix->bytes) == 1) {
		prefix->bits = BITS_MAX;
		return (NULL);
	}
	if (inet_pton(AF_INET, host, &in) == 1) {
		set_ipv4(prefix, &in);
		return (NULL);
	}
	return ("write an address or a prefix, such as 192.0.2.1, 10.0.0.0/8 "
	    "or 2001:db8::/32");
}

static const char *
read_bits(const char *text, bool is_dotted, unsigned *bits)
{
	const uint64_t max = is_dotted ? 32 : BITS_MAX;
	uint64_t number;

	if (!text_number(text, strlen(text), max, &number))
		return (is_dotted ? "the length after the slash of an IPv4 "
		    "prefix is a number from 0 to 32" :
		    "the length after the slash of an IPv6 prefix is a number "
		    "from 0 to 128");
	*bits = (unsigned)number + (is_dotted ? PREFIX_IPV4_BITS : 0);
	return (NULL);
}

/* `text' is an address with a valid length: it is short and plain. */
static const char *
beyond(const char *text, const struct prefix *prefix)
{
	static _Thread_local char words[2 * PREFIX_TEXT_SIZE + 64];
	char right[PREFIX_TEXT_SIZE];

	(void)snprintf(words, sizeof(words),
	    "%.*s has bits beyond the prefix: write %s", (int)PREFIX_TEXT_SIZE,
	    text, prefix_format(right, sizeof(right), prefix));
	return (words);
}

const char *
prefix_parse(struct prefix *prefix, const char *text)
{
	const size_t length = strcspn(text, "/");
	struct prefix read;
	const char *problem;
	unsigned bits = BITS_MAX;
	bool is_dotted;

	problem = read_address(&read, text, length, &is_dotted);
	if (problem == NULL && text[length] == '/')
		problem = read_bits(text + length + 1, is_dotted, &bits);
	if (problem == NULL && !cut(&read, bits))
		problem = beyond(text, &read);
	if (problem == NULL)
		*prefix = read;
	return (problem);
}

char *
prefix_format(char *out, size_t size, const struct prefix *prefix)
{
	const bool dotted = is_ipv4(prefix);
	char host[INET6_ADDRSTRLEN];

	(void)inet_ntop(dotted ? AF_INET : AF_INET6,
	    prefix->bytes + (dotted ? sizeof(mapped) : 0), host, sizeof(host));
	if (prefix->bits == BITS_MAX)
		(void)snprintf(out, size, "%s", host);
	else
		(void)snprintf(out, size, "%s/%d", host,
		    prefix->bits - (dotted ? PREFIX_IPV4_BITS : 0));
	return (out);
}

bool
prefix_of(struct prefix *prefix, const struct address *address,
    uint8_t ipv4_bits, uint8_t ipv6_bits)
{
	*prefix = (struct prefix){ .bits = 0 };
	if (address->sa.sa_family == AF_INET)
		set_ipv4(prefix, &address->in.sin_addr);
	else if (address->sa.sa_family == AF_INET6) {
		memcpy(prefix->bytes, &address->in6.sin6_addr,
		    sizeof(prefix->bytes));
		prefix->bits = BITS_MAX;
	} else
		return (false);
	(void)cut(prefix, is_ipv4(prefix) ? PREFIX_IPV4_BITS + ipv4_bits :
	    ipv6_bits);
	return (true);
}

bool
prefix_covers(const struct prefix *prefix, const struct prefix *other)
{
	const unsigned whole = prefix->bits / 8, rest = prefix->bits % 8;

	if (is_ipv4(prefix) != is_ipv4(other) || prefix->bits > other->bits ||
	    memcmp(prefix->bytes, other->bytes, whole) != 0)
		return (false);
	return (rest == 0 || (prefix->bytes[whole] ^ other->bytes[whole]) >>
	    (8 - rest) == 0);
}

/* IPv6 after IPv4; what is within another comes after it. */
static int
compare(const void *a, const void *b)
{
	const struct prefix *first = a, *second = b;
	int order;

	order = is_ipv4(second) - is_ipv4(first);
	if (order == 0)
		order = memcmp(first->bytes, second->bytes,
		    sizeof(first->bytes));
	return (order == 0 ? first->bits - second->bits : order);
}

size_t
prefixes_sort(struct prefix *list, size_t count)
{
	size_t i, kept = 0;

	if (count > 1)
		qsort(list, count, sizeof(*list), compare);
	for (i = 0; i < count; i++) {
		if (kept == 0 || !prefix_covers(&list[kept - 1], &list[i]))
			list[kept++] = list[i];
	}
	return (kept);
}

bool
prefixes_contain(const struct prefix *list, size_t count,
    const struct address *address)
{
	struct prefix host;
	size_t low = 0, high = count, middle;

	if (count == 0 || !prefix_of(&host, address, 32, BITS_MAX))
		return (false);
	/*
	 * Since none is within another, only the last of those that are not
	 * after the address can have it.
	 */
	while (low < high) {
		middle = low + (high - low) / 2;
		if (compare(&list[middle], &host) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	return (low > 0 && prefix_covers(&list[low - 1], &host));
}

bool
prefix_allows(const struct prefix *allow, size_t allow_count,
    const struct prefix *deny, size_t deny_count,
    const struct address *address)
{
	if (address->sa.sa_family == AF_UNIX)
		return (true);
	if (address->sa.sa_family == AF_UNSPEC)
		return (allow_count == 0 && deny_count == 0);
	return (!prefixes_contain(deny, deny_count, address) &&
	    (allow_count == 0 || prefixes_contain(allow, allow_count, address)));
}
