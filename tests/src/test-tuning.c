/* SPDX-License-Identifier: ISC */

/*
 * test-tuning.c - what is set on sockets, read back from them; above all that
 * accepted sockets have what their listener has, where that is counted on.
 */

#include <sys/types.h>
#include <sys/socket.h>

#include <netinet/in.h>
#include <netinet/tcp.h>

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/socket.h"
#include "base/tuning.h"
#include "tap.h"
#include "units.h"

static struct address
loopback(int family, uint16_t port)
{
	struct address address;

	if (!address_parse(&address, family == AF_INET ? "127.0.0.1" : "::",
	    port))
		bail_out("address_parse");
	return (address);
}

static struct address
name_of(int fd)
{
	struct sockaddr_storage storage;
	socklen_t length = sizeof(storage);
	struct address address;

	if (getsockname(fd, (struct sockaddr *)&storage, &length) == -1 ||
	    !address_set(&address, (struct sockaddr *)&storage, length))
		bail_out("getsockname");
	return (address);
}

/* A listener of IPv4, or of both. */
static int
listen_on(const struct tuning *tuning, int family)
{
	const struct address address = loopback(family, 0);
	const int off = 0, fd = tuning_open(tuning, family);
	const char *what = NULL;
	int result;

	if (fd == -1)
		bail_out("tuning_open");
	if (family == AF_INET6)
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off,
		    sizeof(off));
	result = tuning_apply(tuning, fd, family, TUNING_LISTENER, &what);
	if (!ok(result == 0, "a listener is tuned"))
		diag("%s: %s", what, strerror(errno));
	if (bind(fd, &address.sa, address_length(&address)) == -1 ||
	    listen(fd, 5) == -1)
		bail_out("listen");
	return (fd);
}

static void
wait_for(int fd, short events)
{
	struct pollfd entry = { .fd = fd, .events = events };

	while (poll(&entry, 1, -1) == -1 && errno == EINTR)
		;
}

static int
accept_from(int listener_fd, int client_fd)
{
	struct address to = loopback(AF_INET,
	    ntohs(name_of(listener_fd).in.sin_port)), peer;
	int fd;

	if (socket_connect(client_fd, &to) == -1 && errno != EINPROGRESS)
		bail_out("connect");
	wait_for(listener_fd, POLLIN);
	fd = socket_accept(listener_fd, &peer);
	if (fd == -1)
		bail_out("accept");
	wait_for(client_fd, POLLOUT);
	is(socket_connect_result(client_fd, &to), 0, "a client connects");
	return (fd);
}

#ifdef __linux__

static long long
get(int fd, int level, int option)
{
	int value = -1;
	socklen_t length = sizeof(value);

	if (getsockopt(fd, level, option, &value, &length) == -1)
		return (-errno);
	return (value);
}

static void
has(int fd, int level, int option, long long want, const char *name)
{
	is(get(fd, level, option), want, "%s", name);
}

static bool
has_text(int fd, int level, int option, const char *want)
{
	char text[64] = "";
	socklen_t length = sizeof(text) - 1;

	return (getsockopt(fd, level, option, text, &length) == 0 &&
	    strcmp(text, want) == 0);
}

/* Linux doubles a buffer's size for its own needs, socket(7). */
static const struct tuning everything = { .keepalive_idle_s = 77,
    .keepalive_interval_s = 7, .keepalive_count = 3,
    .user_timeout_ms = 12345, .send_buffer_bytes = 50000,
    .receive_buffer_bytes = 60000, .has_dscp = true, .dscp = 46,
    .congestion = "reno" };

static void
has_everything(int fd, int family)
{
	has(fd, SOL_SOCKET, SO_KEEPALIVE, 1, "SO_KEEPALIVE");
	has(fd, IPPROTO_TCP, TCP_NODELAY, 1, "TCP_NODELAY");
	has(fd, IPPROTO_TCP, TCP_KEEPIDLE, 77, "TCP_KEEPIDLE");
	has(fd, IPPROTO_TCP, TCP_KEEPINTVL, 7, "TCP_KEEPINTVL");
	has(fd, IPPROTO_TCP, TCP_KEEPCNT, 3, "TCP_KEEPCNT");
	has(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, 12345, "TCP_USER_TIMEOUT");
	has(fd, SOL_SOCKET, SO_SNDBUF, 100000, "SO_SNDBUF");
	has(fd, SOL_SOCKET, SO_RCVBUF, 120000, "SO_RCVBUF");
	has(fd, IPPROTO_IP, IP_TOS, 46 << 2, "IP_TOS");
	if (family == AF_INET6)
		has(fd, IPPROTO_IPV6, IPV6_TCLASS, 46 << 2, "IPV6_TCLASS");
	ok(has_text(fd, IPPROTO_TCP, TCP_CONGESTION, "reno"),
	    "TCP_CONGESTION");
}

static void
check_accepted(struct tuning tuning, int family)
{
	const struct tuning plain = { .dscp = 0 };
	int listener_fd, client_fd, fd;

	tuning.fast_open = true;
	listener_fd = listen_on(&tuning, family);
	client_fd = tuning_open(&plain, AF_INET);
	fd = accept_from(listener_fd, client_fd);
	ok(get(listener_fd, IPPROTO_TCP, TCP_FASTOPEN) > 0, "TCP_FASTOPEN");
	ok(!tuning_concerns_accepted(&tuning, family),
	    "what is accepted needs nothing");
	has_everything(fd, family);
	(void)close(listener_fd);
	(void)close(client_fd);
	(void)close(fd);
}

/* Off is off for those that are accepted too. */
static void
check_keepalive(void)
{
	const struct tuning off = { .keepalive_off = true },
	    plain = { .dscp = 0 };
	const int listener_fd = listen_on(&off, AF_INET);
	const int client_fd = tuning_open(&plain, AF_INET);
	const int fd = accept_from(listener_fd, client_fd);

	has(client_fd, SOL_SOCKET, SO_KEEPALIVE, 1, "keepalive is on");
	has(fd, SOL_SOCKET, SO_KEEPALIVE, 0, "or off");
	(void)close(listener_fd);
	(void)close(client_fd);
	(void)close(fd);
}

/* Both need a privilege, and a kernel: qemu knows neither of them. */
static void
check_way(void)
{
	const struct tuning way = { .has_mark = true, .mark = 0x80000001,
	    .interface = "lo" }, plain = { .dscp = 0 };
	const int probe_fd = socket_open(AF_INET);
	const char *what;
	int listener_fd, client_fd, fd;

	if (tuning_apply(&way, probe_fd, AF_INET, TUNING_UPSTREAM,
	    &what) == -1 && (errno == EPERM || (errno == ENOPROTOOPT &&
	    getenv("MUX_TEST_EMULATED") != NULL))) {
		skip(what, "marks and interfaces");
		(void)close(probe_fd);
		return;
	}
	has(probe_fd, SOL_SOCKET, SO_MARK, (int)0x80000001, "SO_MARK");
	ok(has_text(probe_fd, SOL_SOCKET, SO_BINDTODEVICE, "lo"),
	    "SO_BINDTODEVICE");
	listener_fd = listen_on(&way, AF_INET6);
	client_fd = tuning_open(&plain, AF_INET);
	fd = accept_from(listener_fd, client_fd);
	has(fd, SOL_SOCKET, SO_MARK, (int)0x80000001, "SO_MARK, accepted");
	ok(has_text(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo"),
	    "SO_BINDTODEVICE, accepted");
	(void)close(probe_fd);
	(void)close(listener_fd);
	(void)close(client_fd);
	(void)close(fd);
}

static void
check_upstream(int family)
{
	const int fd = tuning_open(&everything, family);
	const char *what = NULL;

	is(tuning_apply(&everything, fd, family, TUNING_UPSTREAM, &what), 0,
	    "an upstream socket is tuned");
	has_everything(fd, family);
	(void)close(fd);
}

static void
check_unix(void)
{
	const struct tuning timeout = { .user_timeout_ms = 1, .has_dscp = true,
	    .congestion = "reno", .interface = "lo", .mptcp = true,
	    .fast_open = true };
	const int fd = tuning_open(&timeout, AF_UNIX);
	const char *what = NULL;

	ok(tuning_concerns_accepted(&everything, AF_UNIX) &&
	    !tuning_concerns_accepted(&timeout, AF_UNIX),
	    "of UNIX-domain sockets the buffers are set when accepted");
	is(tuning_apply(&timeout, fd, AF_UNIX, TUNING_LISTENER, &what), 0,
	    "what is TCP's is left out");
	is(tuning_apply(&everything, fd, AF_UNIX, TUNING_ACCEPTED, &what), 0,
	    "as they are");
	has(fd, SOL_SOCKET, SO_SNDBUF, 100000, "SO_SNDBUF");
	(void)close(fd);
}

static void
check_failures(void)
{
	const struct tuning congestion = { .congestion = "nothing",
	    .user_timeout_ms = 4711, .has_dscp = true, .dscp = 8,
	    .send_buffer_bytes = 50000 };
	const struct tuning interface = { .interface = "nothing0",
	    .congestion = "nothing" };
	const int fd = socket_open(AF_INET);
	const char *what = "";

	ok(tuning_apply(&congestion, fd, AF_INET, TUNING_UPSTREAM,
	    &what) == 1 && errno == ENOENT &&
	    strcmp(what, "TCP_CONGESTION") == 0,
	    "a congestion control that there is not");
	ok(get(fd, IPPROTO_TCP, TCP_USER_TIMEOUT) == 4711 &&
	    get(fd, IPPROTO_IP, IP_TOS) == 32 &&
	    get(fd, SOL_SOCKET, SO_SNDBUF) == 100000, "hinders nothing else");
	ok(tuning_apply(&interface, fd, AF_INET, TUNING_UPSTREAM,
	    &what) == -1 && (errno == ENODEV || errno == EPERM) &&
	    strcmp(what, "SO_BINDTODEVICE") == 0,
	    "without its interface a socket is of no use");
	(void)close(fd);
}

#define SO_PROTOCOL_MPTCP	262

static void
check_mptcp(void)
{
	const struct tuning tuning = { .mptcp = true, .keepalive_idle_s = 77 };
	const int listener_fd = listen_on(&tuning, AF_INET6);
	const int client_fd = tuning_open(&tuning, AF_INET);
	const int fd = accept_from(listener_fd, client_fd);
	char byte = 0;

	/* the kernel may be without, and then both are of TCP */
	is(get(fd, SOL_SOCKET, SO_PROTOCOL), get(client_fd, SOL_SOCKET,
	    SO_PROTOCOL), "both ends are of MPTCP, or neither");
	if (get(client_fd, SOL_SOCKET, SO_PROTOCOL) != SO_PROTOCOL_MPTCP)
		skip("this kernel has no MPTCP", "MPTCP");
	else
		is(get(fd, SOL_SOCKET, SO_PROTOCOL), SO_PROTOCOL_MPTCP,
		    "MPTCP");
	has(fd, IPPROTO_TCP, TCP_NODELAY, 1, "TCP_NODELAY");
	has(fd, IPPROTO_TCP, TCP_KEEPIDLE, 77, "TCP_KEEPIDLE");
	ok(send(client_fd, "x", 1, MSG_NOSIGNAL) == 1, "a byte is sent");
	wait_for(fd, POLLIN);
	ok(recv(fd, &byte, 1, 0) == 1 && byte == 'x', "and arrives");
	(void)close(listener_fd);
	(void)close(client_fd);
	(void)close(fd);
}

/* Ports are those of a peer, so that two sockets can have the same. */
static void
check_no_port(const struct address *source)
{
	const int fd = socket_open(AF_INET);

	if (get(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT) < 0)
		skip("IP_BIND_ADDRESS_NO_PORT is not known", "no port");
	else
		ok(source_bind(fd, AF_INET, source) == 0 &&
		    name_of(fd).in.sin_port == 0,
		    "no port is taken before it connects");
	(void)close(fd);
}

#endif

static void
test_source(void)
{
	const struct tuning plain = { .dscp = 0 };
	const struct address any = { .sa = { .sa_family = AF_UNSPEC } };
	const int listener_fd = listen_on(&plain, AF_INET);
	const int client_fd = socket_open(AF_INET);
	struct address source, elsewhere, ipv6;
	int fd;

	if (!address_parse(&elsewhere, "192.0.2.1", 0) ||
	    !address_parse(&ipv6, "::1", 0))
		bail_out("address_parse");
	source = loopback(AF_INET, 0);
	fails(source_bind(client_fd, AF_INET, &elsewhere) == -1,
	    EADDRNOTAVAIL, "an address that is not ours");
	fails(source_bind(client_fd, AF_INET, &ipv6) == -1, EAFNOSUPPORT,
	    "an address of the other family");
	ok(source_bind(client_fd, AF_INET, &any) == 0 &&
	    source_bind(client_fd, AF_UNIX, &ipv6) == 0, "none is asked for");
#ifdef __linux__
	/* all of 127.0.0.0/8 is ours there */
	source.in.sin_addr.s_addr = htonl(0x7f000002);
	check_no_port(&source);
#endif
	is(source_bind(client_fd, AF_INET, &source), 0, "one that is ours");
	fd = accept_from(listener_fd, client_fd);
	ok(name_of(client_fd).in.sin_addr.s_addr ==
	    source.in.sin_addr.s_addr && name_of(client_fd).in.sin_port != 0,
	    "is where it connects from");
	(void)close(listener_fd);
	(void)close(client_fd);
	(void)close(fd);
}

#ifdef __linux__

/* Emulators of the kernel pass on only those options that are numbers. */
static bool
options_arrive(void)
{
	const int fd = socket_open(AF_INET);
	const bool arrive = setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, "reno",
	    sizeof("reno") - 1) == 0;

	(void)close(fd);
	return (arrive);
}

static void
check_options(void)
{
	if (!options_arrive()) {
		skip("an emulator keeps some for itself", "options");
		return;
	}
	check_accepted(everything, AF_INET);
	check_accepted(everything, AF_INET6);
	check_keepalive();
	check_way();
	check_upstream(AF_INET);
	check_upstream(AF_INET6);
	check_unix();
	check_failures();
	check_mptcp();
}

#endif

void
test_tuning(void)
{
#ifdef __linux__
	check_options();
#endif
	test_source();
}
