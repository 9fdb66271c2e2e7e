/* SPDX-License-Identifier: ISC */

/* target.c - a place to listen on or to connect to, as users write it. */

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/target.h"
#include "base/text.h"

#define UNIX_PREFIX	"unix:"
#define BUILTIN_PREFIX	"builtin:"

static const char *const services[] = {
	[SERVICE_ECHO] = "echo",
	[SERVICE_DISCARD] = "discard",
	[SERVICE_CHARGEN] = "chargen",
};

static const char *
parse_port(struct target *target, const char *text)
{
	uint64_t port;

	if (*text == '\0')
		return ("the port is missing");
	if (!text_number(text, strlen(text), UINT16_MAX, &port) || port == 0)
		return ("the port must be a number from 1 to 65535");
	target->port = (uint16_t)port;
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
	    strcmp(host, "builtin") == 0);
}

char *
target_format(char *out, size_t size, const struct target *target)
{
	const bool bare = !needs_brackets(target->host);

	switch (target->kind) {
	case TARGET_UNIX:
		(void)snprintf(out, size, UNIX_PREFIX "%s", target->path);
		break;
	case TARGET_BUILTIN:
		(void)snprintf(out, size, BUILTIN_PREFIX "%s",
		    services[target->service]);
		break;
	case TARGET_INET:
		(void)snprintf(out, size, bare ? "%s:%u" : "[%s]:%u",
		    target->host[0] == '\0' ? "*" : target->host,
		    (unsigned)target->port);
		break;
	}
	return (out);
}

bool
target_equal(const struct target *a, const struct target *b)
{
	if (a->kind != b->kind)
		return (false);
	switch (a->kind) {
	case TARGET_UNIX:
		return (strcmp(a->path, b->path) == 0);
	case TARGET_BUILTIN:
		return (a->service == b->service);
	case TARGET_INET:
		break;
	}
	return (a->port == b->port && strcasecmp(a->host, b->host) == 0);
}
