/* SPDX-License-Identifier: ISC */

/* address.c - numeric addresses, from text and from socket addresses. */

#include <stdbool.h>

#include "base/address.h"
#include "fuzz.h"

const char fuzz_name[] = "address";

/* What is written is printable, fits, and means the same when read. */
static void
check_format(const struct address *address)
{
	char out[ADDRESS_TEXT_SIZE + 64], host[sizeof(out)];
	struct address again;
	char *colon;
	size_t i;

	MUST(address_format(out, sizeof(out), address) == out);
	MUST(strlen(out) < ADDRESS_TEXT_SIZE);
	for (i = 0; out[i] != '\0'; i++)
		MUST(out[i] > ' ' && out[i] < 0x7f);
	colon = strrchr(out, ':');
	MUST(colon != NULL && atoi(colon + 1) == ntohs(address->in.sin_port));
	*colon = '\0';
	(void)snprintf(host, sizeof(host), "%s", out[0] == '[' ? out + 1 : out);
	if (out[0] == '[')
		host[strlen(host) - 1] = '\0';
	if (address->sa.sa_family == AF_INET6 && out[0] != '[')
		return;		/* a mapped one is written as IPv4 */
	MUST(address_parse(&again, host, ntohs(address->in.sin_port)));
	MUST(address_equal(address, &again));
}

static void
check_text(const uint8_t *data, size_t size)
{
	const uint16_t port =
	    (uint16_t)(size > 1 ? data[0] << 8 | data[1] : 1);
	struct address address;
	char *text = fuzz_text(data, size);

	if (address_parse(&address, text, port)) {
		MUST(address_length(&address) ==
		    (address.sa.sa_family == AF_INET ?
		    sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6)));
		MUST(ntohs(address.in.sin_port) == port);
		check_format(&address);
	}
	free(text);
}

/* As accept(2) and getaddrinfo(3) give them, of any length. */
static void
check_socket_address(const uint8_t *data, size_t size)
{
	struct sockaddr_storage storage;
	struct address address;
	bool known;

	memset(&storage, 0, sizeof(storage));
	if (size > 0)
		memcpy(&storage, data, size < sizeof(storage) ? size :
		    sizeof(storage));
	storage.ss_family = size % 2 == 0 ? AF_INET : AF_INET6;
	known = address_set(&address, (const struct sockaddr *)&storage,
	    (socklen_t)size);
	MUST(known == (size >= (size % 2 == 0 ? sizeof(struct sockaddr_in) :
	    sizeof(struct sockaddr_in6))));
	if (!known)
		return;
	/* the zone of an address that is not link-local means nothing */
	if (address.sa.sa_family == AF_INET6 &&
	    !IN6_IS_ADDR_LINKLOCAL(&address.in6.sin6_addr))
		address.in6.sin6_scope_id = 0;
	check_format(&address);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size > 512)
		return (0);
	check_text(data, size);
	check_socket_address(data, size);
	return (0);
}
