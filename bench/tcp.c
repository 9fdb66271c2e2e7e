/* SPDX-License-Identifier: ISC */

/* tcp.c - sockets that do not block, at numeric addresses. */

#include "config.h"

#include <netinet/in.h>
#include <netinet/tcp.h>

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <string.h>
#include <unistd.h>

#include "tcp.h"

int
tcp_parse(struct tcp_address *address, const char *text)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
	    .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV };
	struct addrinfo *found;
	const char *colon = strrchr(text, ':');
	char host[64];
	size_t length;

	errno = EINVAL;
	if (colon == NULL)
		return (-1);
	length = (size_t)(colon - text);
	if (length >= 2 && text[0] == '[' && text[length - 1] == ']') {
		text++;
		length -= 2;
	}
	if (length >= sizeof(host))
		return (-1);
	memcpy(host, text, length);
	host[length] = '\0';
	if (getaddrinfo(host, colon + 1, &hints, &found) != 0)
		return (-1);
	memcpy(&address->name, found->ai_addr, found->ai_addrlen);
	address->length = found->ai_addrlen;
	freeaddrinfo(found);
	return (0);
}

#ifdef HAVE_ACCEPT4

static int
new_socket(const struct tcp_address *address)
{
	return (socket(address->name.ss_family, SOCK_STREAM | SOCK_NONBLOCK,
	    0));
}

int
tcp_accept(int listener)
{
	return (accept4(listener, NULL, NULL, SOCK_NONBLOCK));
}

#else

static int
set_nonblocking(int fd)
{
	if (fd == -1 || fcntl(fd, F_SETFL, O_NONBLOCK) != -1)
		return (fd);
	(void)close(fd);
	return (-1);
}

static int
new_socket(const struct tcp_address *address)
{
	return (set_nonblocking(socket(address->name.ss_family, SOCK_STREAM,
	    0)));
}

int
tcp_accept(int listener)
{
	return (set_nonblocking(accept(listener, NULL, NULL)));
}

#endif

/* What is accepted has the listener's TCP_NODELAY, at least on Linux. */
int
tcp_listen(struct tcp_address *address)
{
	const int fd = new_socket(address), on = 1;
	int error;

	if (fd == -1)
		return (-1);
	tcp_nodelay(fd);
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&address->name, address->length) == 0 &&
	    listen(fd, SOMAXCONN) == 0 && getsockname(fd,
	    (struct sockaddr *)&address->name, &address->length) == 0)
		return (fd);
	error = errno;
	(void)close(fd);
	errno = error;
	return (-1);
}

int
tcp_connect(const struct tcp_address *address)
{
	const int fd = new_socket(address);
	int error;

	if (fd == -1 || connect(fd, (const struct sockaddr *)&address->name,
	    address->length) == 0 || errno == EINPROGRESS)
		return (fd);
	error = errno;
	(void)close(fd);
	errno = error;
	return (-1);
}

void
tcp_nodelay(int fd)
{
	const int on = 1;

	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

unsigned
tcp_port(const struct tcp_address *address)
{
	/* its place is the same for both families */
	return (ntohs(((const struct sockaddr_in *)&address->name)->sin_port));
}
