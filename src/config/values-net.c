/* SPDX-License-Identifier: ISC */

/* values-net.c - addresses and socket options of a configuration file. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "config/values.h"

#define COUNT(list)	(sizeof(list) / sizeof((list)[0]))

/* Without the zero at the end: IFNAMSIZ and TCP_CA_NAME_MAX, 16, of Linux. */
#define NAME_BYTES_MAX	15

static const char out_of_memory[] = "out of memory";

/* As the command line has several. */
static bool
has_several(const char *text)
{
	return (strncmp(text, "unix:", 5) != 0 &&
	    strncmp(text, "systemd:", 8) != 0 && strpbrk(text, ", ") != NULL &&
	    strpbrk(text, ":") != NULL);
}

static const char write_list[] = "write several as a list, such as [a:1, b:2]";

/* NULL, or what is wrong; no text empties the list. */
static const char *
add_target(const struct reading *reading, const struct target **list,
    size_t *count, plan_parse_fn *parse, const char *text)
{
	const char *why;

	if (text == NULL) {
		*count = 0;
		return (NULL);
	}
	if (has_several(text))
		return (write_list);
	return (plan_add_target(reading->plan, list, count, parse, text,
	    &why) ? why : out_of_memory);
}

const char *
value_listen(const struct reading *reading, const struct key *key,
    const char *text, void *field)
{
	struct route *route = field;
	const char *why;

	(void)key;
	why = add_target(reading, &route->listen, &route->listen_count,
	    target_parse_listen, text);
	/* the first one is the name of a route that has none */
	if (why == NULL && route->listen_count == 1 && route->name == NULL) {
		route->name = plan_copy(reading->plan, text);
		why = route->name == NULL ? out_of_memory : NULL;
	}
	return (why);
}

const char *
value_upstream(const struct reading *reading, const struct key *key,
    const char *text, void *field)
{
	struct route *route = field;

	(void)key;
	return (add_target(reading, &route->upstreams,
	    &route->upstreams_count, target_parse_upstream, text));
}

static const char *
add_prefix(const struct reading *reading, const char *text,
    const struct prefix **prefixes, size_t *count)
{
	struct prefix *list;
	const char *why;

	if (text == NULL) {
		*count = 0;
		return (NULL);
	}
	list = plan_grow(reading->plan, *prefixes, *count + 1, sizeof(*list));
	if (list == NULL)
		return (out_of_memory);
	*prefixes = list;
	why = prefix_parse(&list[*count], text);
	if (why == NULL)
		(*count)++;
	return (why);
}

const char *
value_allow(const struct reading *reading, const struct key *key,
    const char *text, void *field)
{
	struct route *route = field;

	(void)key;
	return (add_prefix(reading, text, &route->allow, &route->allow_count));
}

const char *
value_deny(const struct reading *reading, const struct key *key,
    const char *text, void *field)
{
	struct route *route = field;

	(void)key;
	return (add_prefix(reading, text, &route->deny, &route->deny_count));
}

const char *
value_source(const struct reading *reading, const struct key *key,
    const char *text, void *field)
{
	struct address source;

	(void)reading;
	(void)key;
	if (*text == '[')
		return ("write the address without brackets");
	errno = 0;
	if (*text != '\0' && address_parse(&source, text, 0)) {
		if (source.sa.sa_family == AF_INET6 &&
		    IN6_IS_ADDR_V4MAPPED(&source.in6.sin6_addr))
			return ("an IPv4 address is written without ::ffff:");
		*(struct address *)field = source;
		return (NULL);
	}
	return (errno == ENOMEM ? out_of_memory : "write a numeric address "
	    "of this machine without a port, such as 192.0.2.1 or 2001:db8::1");
}

/* A name that the kernel keeps in 16 bytes. */
static const char *
read_name(const struct reading *reading, const struct key *key,
    const char *text, void *field)
{
	static _Thread_local char words[64];

	if (strlen(text) > NAME_BYTES_MAX) {
		(void)snprintf(words, sizeof(words),
		    "the name is too long; it has at most %d characters",
		    NAME_BYTES_MAX);
		return (words);
	}
	if (strpbrk(text, " /") != NULL)
		return ("the name has a blank or a slash");
	return (value_text(reading, key, text, field));
}

const char *
value_interface(const struct reading *reading, const struct key *key,
    const char *text, void *field)
{
	return (read_name(reading, key, text, field));
}

const char *
value_congestion(const struct reading *reading, const struct key *key,
    const char *text, void *field)
{
	return (read_name(reading, key, text, field));
}

/* Code points with a name: RFC 2474, 2597, 3246, 5865 and 8622. */
static const struct code_point {
	const char *name;
	uint8_t value;
} code_points[] = {
	{ "cs0", 0 }, { "cs1", 8 }, { "cs2", 16 }, { "cs3", 24 },
	{ "cs4", 32 }, { "cs5", 40 }, { "cs6", 48 }, { "cs7", 56 },
	{ "af11", 10 }, { "af12", 12 }, { "af13", 14 },
	{ "af21", 18 }, { "af22", 20 }, { "af23", 22 },
	{ "af31", 26 }, { "af32", 28 }, { "af33", 30 },
	{ "af41", 34 }, { "af42", 36 }, { "af43", 38 },
	{ "ef", 46 }, { "le", 1 }, { "voice-admit", 44 },
};

const char *
value_dscp(const struct reading *reading, const struct key *key,
    const char *text, void *field)
{
	struct tuning *tuning = field;
	uint64_t value = 0;
	size_t i;

	(void)reading;
	for (i = 0; i < COUNT(code_points); i++) {
		if (strcasecmp(code_points[i].name, text) == 0)
			break;
	}
	if (i < COUNT(code_points))
		value = code_points[i].value;
	else if (!text_number(text, strlen(text), key->max, &value))
		return ("write a number from 0 to 63, or a name: ef, le, "
		    "voice-admit, cs0 to cs7, af11 to af43");
	tuning->has_dscp = true;
	tuning->dscp = (uint8_t)value;
	return (NULL);
}

const char *
value_mark(const struct reading *reading, const struct key *key,
    const char *text, void *field)
{
	struct tuning *tuning = field;
	const char *digits = text + (strncmp(text, "0x", 2) == 0 ? 2 : 0);
	uint64_t value = 0;

	(void)reading;
	if (digits != text && *digits != '\0' && strlen(digits) <= 8 &&
	    digits[strspn(digits, "0123456789abcdefABCDEF")] == '\0')
		value = strtoul(digits, NULL, 16);
	else if (!text_number(text, strlen(text), key->max, &value))
		return ("write a number from 0 to 4294967295, or 0x and up "
		    "to eight hexadecimal digits");
	tuning->has_mark = true;
	tuning->mark = (uint32_t)value;
	return (NULL);
}
