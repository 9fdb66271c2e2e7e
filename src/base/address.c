/* SPDX-License-Identifier: ISC */

/* address.c - an IP address with its port. */

#include <sys/types.h>
#include <sys/socket.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>

#include "base/address.h"

bool
address_set(struct address *address, const struct sockaddr *sa,
    socklen_t length)
{
	*address = (struct address){ .in6 = { .sin6_family = AF_UNSPEC } };
	if (sa->sa_family == AF_INET && length >= sizeof(address->in)) {
		memcpy(&address->in, sa, sizeof(address->in));
		return (true);
	}
	if (sa->sa_family == AF_INET6 && length >= sizeof(address->in6)) {
		memcpy(&address->in6, sa, sizeof(address->in6));
		return (true);
	}
	return (false);
}

bool
address_parse(struct address *address, const char *host, uint16_t port)
{
	const struct addrinfo hints = { .ai_family = AF_UNSPEC,
	    .ai_socktype = SOCK_STREAM,
	    .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV };
	struct addrinfo *found;
	char service[sizeof("65535")];
	int error;
	bool ok;

	(void)snprintf(service, sizeof(service), "%u", (unsigned)port);
	error = getaddrinfo(host, service, &hints, &found);
	if (error != 0) {
		errno = error == EAI_MEMORY ? ENOMEM : EINVAL;
		return (false);
	}
	ok = address_set(address, found->ai_addr, found->ai_addrlen);
	freeaddrinfo(found);
	return (ok);
}

void
address_add_port(struct address *address, uint16_t offset)
{
	in_port_t *port = address->sa.sa_family == AF_INET6 ?
	    &address->in6.sin6_port : &address->in.sin_port;

	*port = htons((uint16_t)(ntohs(*port) + offset));
}

socklen_t
address_length(const struct address *address)
{
	return (address->sa.sa_family == AF_INET6 ? sizeof(address->in6) :
	    sizeof(address->in));
}

bool
address_equal(const struct address *a, const struct address *b)
{
	if (a->sa.sa_family != b->sa.sa_family)
		return (false);
	if (a->sa.sa_family == AF_INET)
		return (a->in.sin_port == b->in.sin_port &&
		    a->in.sin_addr.s_addr == b->in.sin_addr.s_addr);
	if (a->sa.sa_family == AF_INET6)
		return (a->in6.sin6_port == b->in6.sin6_port &&
		    a->in6.sin6_scope_id == b->in6.sin6_scope_id &&
		    memcmp(&a->in6.sin6_addr, &b->in6.sin6_addr,
		    sizeof(a->in6.sin6_addr)) == 0);
	return (true);
}

bool
address_is_any(const struct address *address)
{
	if (address->sa.sa_family == AF_INET)
		return (address->in.sin_addr.s_addr == htonl(INADDR_ANY));
	return (address->sa.sa_family == AF_INET6 &&
	    IN6_IS_ADDR_UNSPECIFIED(&address->in6.sin6_addr));
}

bool
address_is_loopback(const struct address *address)
{
	const struct in6_addr *in6 = &address->in6.sin6_addr;

	if (address->sa.sa_family == AF_INET)
		return (ntohl(address->in.sin_addr.s_addr) >> 24 ==
		    IN_LOOPBACKNET);
	if (address->sa.sa_family != AF_INET6)
		return (false);
	return (IN6_IS_ADDR_LOOPBACK(in6) || (IN6_IS_ADDR_V4MAPPED(in6) &&
	    in6->s6_addr[12] == IN_LOOPBACKNET));
}

static char *
format_in6(char *out, size_t size, const struct sockaddr_in6 *in6)
{
	char host[INET6_ADDRSTRLEN];
	const unsigned port = ntohs(in6->sin6_port);

	if (IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr)) {
		(void)inet_ntop(AF_INET, &in6->sin6_addr.s6_addr[12], host,
		    sizeof(host));
		(void)snprintf(out, size, "%s:%u", host, port);
		return (out);
	}
	(void)inet_ntop(AF_INET6, &in6->sin6_addr, host, sizeof(host));
	if (in6->sin6_scope_id != 0)
		(void)snprintf(out, size, "[%s%%%u]:%u", host,
		    (unsigned)in6->sin6_scope_id, port);
	else
		(void)snprintf(out, size, "[%s]:%u", host, port);
	return (out);
}

char *
address_format(char *out, size_t size, const struct address *address)
{
	char host[INET_ADDRSTRLEN];

	if (address->sa.sa_family == AF_INET6)
		return (format_in6(out, size, &address->in6));
	if (address->sa.sa_family == AF_INET) {
		(void)inet_ntop(AF_INET, &address->in.sin_addr, host,
		    sizeof(host));
		(void)snprintf(out, size, "%s:%u", host,
		    (unsigned)ntohs(address->in.sin_port));
	} else
		(void)snprintf(out, size, "%s",
		    address->sa.sa_family == AF_UNIX ? "unix" : "unknown");
	return (out);
}
