/* SPDX-License-Identifier: ISC */

/* target.c - a place to listen on or to connect to, as users write it. */

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/target.h"
#include "base/text.h"

#define UNIX_PREFIX	"unix:"
#define BUILTIN_PREFIX	"builtin:"
#define SYSTEMD_PREFIX	"systemd:"

static const char *const services[] = {
	[SERVICE_ECHO] = "echo",
	[SERVICE_DISCARD] = "discard",
	[SERVICE_CHARGEN] = "chargen",
};

static bool
is_port(const char *text, size_t length, uint64_t *port)
{
	return (text_number(text, length, UINT16_MAX, port) && *port != 0);
}

/* FIRST-LAST; `text' has a hyphen. */
static const char *
parse_range(struct target *target, const char *text)
{
	const char *last = strchr(text, '-') + 1;
	uint64_t low, high;

	if (!is_port(text, (size_t)(last - 1 - text), &low) ||
	    !is_port(last, strlen(last), &high))
		return ("a range of ports is two numbers from 1 to 65535, such as 8000-8010");
	if (low > high)
		return ("the range of ports is the wrong way round; write the lower one first");
	if (low == high)
		return ("the range has a single port; write that alone");
	target->port = (uint16_t)low;
	target->ports = (uint16_t)(high - low + 1);
	return (NULL);
}

static const char *
parse_port(struct target *target, const char *text)
{
	uint64_t port;

	if (*text == '\0')
		return ("the port is missing");
	if (strchr(text, '-') != NULL && text[strspn(text, "0123456789-")] == '\0')
		return (parse_range(target, text));
	if (!is_port(text, strlen(text), &port))
		return ("the port must be a number from 1 to 65535");
	target->port = (uint16_t)port;
	target->ports = 1;
	return (NULL);
}

/* A name or an address; what it means is found out when it is used. */
static const char *
parse_host(struct target *target, const char *text, size_t length)
{
	size_t i;

	if (length > TARGET_HOST_MAX)
		return ("the host name is too long");
	for (i = 0; i < length; i++) {
		if ((unsigned char)text[i] <= ' ' || text[i] == 0x7f)
			return ("the host name has a blank or control character");
		if (strchr("/,=[]*", text[i]) != NULL)
			return ("the host name has a character that no name has");
	}
	/* getaddrinfo(3) would take 8888 for the address 0.0.34.184 */
	if (length > 0 && strspn(text, "0123456789") >= length)
		return ("the host is a bare number; write NAME:PORT or ADDRESS:PORT");
	memcpy(target->host, text, length);
	target->host[length] = '\0';
	return (NULL);
}

static bool
has_two(const char *text, char c)
{
	const char *first = strchr(text, c);

	return (first != NULL && strchr(first + 1, c) != NULL);
}

/* What somebody means who writes more than one colon. */
static const char *
two_colons(const char *text)
{
	if (strchr(text, ',') != NULL)
		return ("several upstreams are written as separate words");
	if (strspn(text, "0123456789abcdefABCDEF:") == strlen(text))
		return ("an IPv6 address needs brackets: [::1]:8888");
	return ("write HOST:PORT, without a scheme or a second colon");
}

/* host:port or [address]:port; `text' has a colon. */
static const char *
parse_host_port(struct target *target, const char *text)
{
	const char *colon, *wrong, *end;

	if (*text == '[') {
		end = strchr(text, ']');
		if (end == NULL)
			return ("the closing bracket of the address is missing");
		if (end == text + 1)
			return ("there is no address between the brackets");
		if (end[1] == '\0')
			return ("the port is missing");
		if (end[1] != ':')
			return ("a colon and a port must follow the bracket");
		text++;
		colon = end + 1;
	} else {
		end = colon = strrchr(text, ':');
		if (has_two(text, ':'))
			return (two_colons(text));
	}
	wrong = parse_host(target, text, (size_t)(end - text));
	return (wrong != NULL ? wrong : parse_port(target, colon + 1));
}

static const char *
parse_path(struct target *target, const char *path)
{
	const size_t length = strlen(path);

	if (length == 0)
		return ("the path is missing");
	if (length > TARGET_PATH_MAX)
		return ("the path is longer than a UNIX socket may have (107 bytes on Linux)");
	target->kind = TARGET_UNIX;
	memcpy(target->path, path, length + 1);
	return (NULL);
}

static const char *
parse_service(struct target *target, const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(services) / sizeof(services[0]); i++) {
		if (strcmp(services[i], name) == 0) {
			target->kind = TARGET_BUILTIN;
			target->service = (enum target_service)i;
			return (NULL);
		}
	}
	return ("the built-in services are builtin:echo, builtin:discard and builtin:chargen");
}

/* A name as sd_listen_fds_with_names(3) gives them. */
static const char *
parse_systemd(struct target *target, const char *name)
{
	const size_t length = strlen(name);
	size_t i;

	if (length == 0)
		return ("the name of the service manager's socket is missing");
	if (length > TARGET_HOST_MAX)
		return ("the name of a socket has at most 255 characters");
	for (i = 0; i < length; i++) {
		if (name[i] == ':')
			return ("the name of a socket has no colon");
		if ((unsigned char)name[i] < ' ' || (unsigned char)name[i] >= 0x7f)
			return ("the name of a socket is printable ASCII");
	}
	target->kind = TARGET_SYSTEMD;
	memcpy(target->host, name, length + 1);
	return (NULL);
}

static bool
has_prefix(const char *text, const char *prefix)
{
	return (strncmp(text, prefix, strlen(prefix)) == 0);
}

const char *
target_parse_listen(struct target *target, const char *text)
{
	*target = (struct target){ .kind = TARGET_INET };
	if (*text == '\0')
		return ("it is empty; write a port, ADDRESS:PORT or unix:PATH");
	if (has_prefix(text, UNIX_PREFIX))
		return (parse_path(target, text + strlen(UNIX_PREFIX)));
	if (has_prefix(text, BUILTIN_PREFIX))
		return ("a built-in service can only be an UPSTREAM");
	if (has_prefix(text, SYSTEMD_PREFIX))
		return (parse_systemd(target, text + strlen(SYSTEMD_PREFIX)));
	if (strchr(text, ':') == NULL && text[strcspn(text, "0123456789")] == '\0')
		return ("the port is missing; write ADDRESS:PORT");
	if (strchr(text, ':') == NULL)
		return (parse_port(target, text));
	if (strncmp(text, "*:", 2) == 0)
		text++;		/* all addresses, as other programs have it */
	return (parse_host_port(target, text));
}

const char *
target_parse_upstream(struct target *target, const char *text)
{
	*target = (struct target){ .kind = TARGET_INET };
	if (*text == '\0')
		return ("it is empty; write HOST:PORT, unix:PATH or builtin:echo");
	if (has_prefix(text, UNIX_PREFIX))
		return (parse_path(target, text + strlen(UNIX_PREFIX)));
	if (has_prefix(text, BUILTIN_PREFIX))
		return (parse_service(target, text + strlen(BUILTIN_PREFIX)));
	if (has_prefix(text, SYSTEMD_PREFIX))
		return ("a socket of the service manager can only be a LISTEN");
	if (*text == '/')
		return ("for a UNIX socket write unix:PATH");
	if (strchr(text, ':') == NULL)
		return ("write HOST:PORT; for a port of this machine, localhost:PORT");
	if ((*text == ':' && !has_two(text, ':')) || strncmp(text, "*:", 2) == 0)
		return ("the host is missing; for this machine write localhost:PORT");
	return (parse_host_port(target, text));
}

/* A host that would be read as something else when written bare. */
static bool
needs_brackets(const char *host)
{
	return (strchr(host, ':') != NULL || strcmp(host, "unix") == 0 ||
	    strcmp(host, "builtin") == 0 || strcmp(host, "systemd") == 0);
}

static unsigned
last_port(const struct target *target)
{
	return (target->port + (target->ports > 1 ? target->ports - 1U : 0));
}

static void
format_inet(char *out, size_t size, const struct target *target)
{
	char range[sizeof("-65535")] = "";

	if (target->ports > 1)
		(void)snprintf(range, sizeof(range), "-%u",
		    last_port(target) & UINT16_MAX);
	(void)snprintf(out, size, needs_brackets(target->host) ?
	    "[%s]:%u%s" : "%s:%u%s", target->host[0] == '\0' ? "*" :
	    target->host, (unsigned)target->port, range);
}

char *
target_format(char *out, size_t size, const struct target *target)
{
	switch (target->kind) {
	case TARGET_UNIX:
		(void)snprintf(out, size, UNIX_PREFIX "%s", target->path);
		break;
	case TARGET_BUILTIN:
		(void)snprintf(out, size, BUILTIN_PREFIX "%s",
		    services[target->service]);
		break;
	case TARGET_SYSTEMD:
		(void)snprintf(out, size, SYSTEMD_PREFIX "%s", target->host);
		break;
	case TARGET_INET:
		format_inet(out, size, target);
		break;
	}
	return (out);
}

bool
target_equal(const struct target *a, const struct target *b)
{
	return (target_overlaps(a, b) && (a->kind != TARGET_INET ||
	    (a->port == b->port && last_port(a) == last_port(b))));
}

bool
target_overlaps(const struct target *a, const struct target *b)
{
	if (a->kind != b->kind)
		return (false);
	switch (a->kind) {
	case TARGET_UNIX:
		return (strcmp(a->path, b->path) == 0);
	case TARGET_BUILTIN:
		return (a->service == b->service);
	case TARGET_SYSTEMD:
		return (strcmp(a->host, b->host) == 0);
	case TARGET_INET:
		break;
	}
	return (a->port <= last_port(b) && b->port <= last_port(a) &&
	    strcasecmp(a->host, b->host) == 0);
}

bool
target_pairs(const struct target *listener, const struct target *upstream,
    char *out, size_t size)
{
	char from[TARGET_TEXT_SIZE], to[TARGET_TEXT_SIZE];
	const unsigned has = listener->kind == TARGET_INET ?
	    last_port(listener) - listener->port + 1U : 0;

	if (upstream->kind != TARGET_INET || upstream->ports <= 1 ||
	    upstream->ports == has)
		return (true);
	(void)target_format(from, sizeof(from), listener);
	(void)target_format(to, sizeof(to), upstream);
	if (has == 0)
		(void)snprintf(out, size, "'%s' has no port, and '%s' has %u; "
		    "a range needs as many on both sides", from, to,
		    (unsigned)upstream->ports);
	else
		(void)snprintf(out, size, "'%s' has %u port%s, and '%s' has "
		    "%u; a range needs as many on both sides", from, has,
		    has == 1 ? "" : "s", to, (unsigned)upstream->ports);
	return (false);
}
