/* SPDX-License-Identifier: ISC */

/*
 * tuning.c - what a route sets on its sockets beside what all have.
 *
 * Kernels differ in what there is, and name the same differently; what they
 * lack is NO_OPTION here, which tuning_check() refuses.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/socket.h>

#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <string.h>

#include "base/socket.h"
#include "base/tuning.h"

#define NO_OPTION	(-1)

/* Idle time before the first probe; macOS has a name of its own. */
#if defined(TCP_KEEPIDLE)
#define KEEP_IDLE	TCP_KEEPIDLE
#elif defined(TCP_KEEPALIVE)
#define KEEP_IDLE	TCP_KEEPALIVE
#else
#define KEEP_IDLE	NO_OPTION
#endif
#if defined(TCP_KEEPINTVL) && defined(TCP_KEEPCNT)
#define KEEP_INTERVAL	TCP_KEEPINTVL
#define KEEP_COUNT	TCP_KEEPCNT
#else
#define KEEP_INTERVAL	NO_OPTION
#define KEEP_COUNT	NO_OPTION
#endif
#ifdef TCP_USER_TIMEOUT
#define USER_TIMEOUT	TCP_USER_TIMEOUT
#else
#define USER_TIMEOUT	NO_OPTION
#endif
/* macOS wants it after listen(2), and no one asked yet */
#if defined(TCP_FASTOPEN) && !defined(__APPLE__)
#define FAST_OPEN	TCP_FASTOPEN
#else
#define FAST_OPEN	NO_OPTION
#endif
/* NetBSD has TCP_CONGCTL, which its kernel does not know yet */
#if defined(TCP_CONGESTION)
#define CONGESTION	TCP_CONGESTION
#else
#define CONGESTION	NO_OPTION
#endif
#ifdef SO_MARK
#define MARK		SO_MARK
#else
#define MARK		NO_OPTION
#endif
#if defined(SO_BINDTODEVICE) || defined(IP_BOUND_IF)
#define HAS_INTERFACE	true
#else
#define HAS_INTERFACE	false
#endif
/* older libraries lack what their kernels have */
#if defined(__linux__) && !defined(IPPROTO_MPTCP)
#define IPPROTO_MPTCP	262
#endif
#ifdef __linux__
#define HAS_MPTCP	true
#else
#define HAS_MPTCP	false
#endif

/* What Linux takes; the others take as much or more. */
#define KEEP_SECONDS_MAX	32767
#define KEEP_COUNT_MAX		127
#define CONGESTION_NAME_MAX	15

#define BUFFER_BYTES_MAX	(UINT32_C(1) << 30)

/* Requests with data that may wait for the handshake's end. */
#define FAST_OPEN_QUEUE		1024

bool
tuning_is_plain(const struct tuning *tuning)
{
	return (!tuning->keepalive_off && tuning->keepalive_idle_s == 0 &&
	    tuning->keepalive_interval_s == 0 &&
	    tuning->keepalive_count == 0 && tuning->user_timeout_ms == 0 &&
	    tuning->send_buffer_bytes == 0 &&
	    tuning->receive_buffer_bytes == 0 && !tuning->fast_open &&
	    !tuning->mptcp && !tuning->has_dscp && !tuning->has_mark &&
	    tuning->congestion == NULL && tuning->interface == NULL);
}

/* tests/src/test-tuning.c reads back that Linux hands on all of TCP's. */
bool
tuning_concerns_accepted(const struct tuning *tuning, int family)
{
#ifdef __linux__
	if (family != AF_UNIX)
		return (false);
#else
	if (family != AF_UNIX)
		return (!tuning_is_plain(tuning));
#endif
	return (tuning->send_buffer_bytes != 0 ||
	    tuning->receive_buffer_bytes != 0);
}

static const char *
check_values(const struct tuning *tuning)
{
	if (tuning->keepalive_idle_s > KEEP_SECONDS_MAX ||
	    tuning->keepalive_interval_s > KEEP_SECONDS_MAX)
		return ("a keepalive time is at most 32767s");
	if (tuning->keepalive_count > KEEP_COUNT_MAX)
		return ("keepalive probes are at most 127");
	if (tuning->user_timeout_ms > INT_MAX)
		return ("a user timeout is at most 24d");
	if (tuning->send_buffer_bytes > BUFFER_BYTES_MAX ||
	    tuning->receive_buffer_bytes > BUFFER_BYTES_MAX)
		return ("a socket's buffer is at most 1g");
	if (tuning->has_dscp && tuning->dscp > 63)
		return ("a DSCP is a number from 0 to 63");
	if (tuning->congestion != NULL && (*tuning->congestion == '\0' ||
	    strlen(tuning->congestion) > CONGESTION_NAME_MAX))
		return ("a congestion control has a name of at most 15 "
		    "characters");
	if (tuning->interface != NULL && (*tuning->interface == '\0' ||
	    strlen(tuning->interface) >= IFNAMSIZ))
		return ("an interface has a name of at most 15 characters");
	return (NULL);
}

const char *
tuning_check(const struct tuning *tuning, enum tuning_side side)
{
	if (tuning->keepalive_idle_s != 0 && KEEP_IDLE == NO_OPTION)
		return ("this system has one keepalive time for all sockets");
	if ((tuning->keepalive_interval_s != 0 ||
	    tuning->keepalive_count != 0) && KEEP_COUNT == NO_OPTION)
		return ("this system has the same keepalive probes for all "
		    "sockets");
	if (tuning->user_timeout_ms != 0 && USER_TIMEOUT == NO_OPTION)
		return ("this system has no user timeout (TCP_USER_TIMEOUT)");
	if (tuning->fast_open && side == TUNING_UPSTREAM)
		return ("fast open is for clients alone: with it a connect to "
		    "an upstream that is down would seem to succeed");
	if (tuning->fast_open && FAST_OPEN == NO_OPTION)
		return ("this system has no fast open for listeners");
	if (tuning->mptcp && !HAS_MPTCP)
		return ("this system has no MPTCP");
	if (tuning->has_mark && MARK == NO_OPTION)
		return ("this system has no marks (SO_MARK)");
	if (tuning->congestion != NULL && CONGESTION == NO_OPTION)
		return ("this system has one congestion control for all "
		    "sockets");
	if (tuning->interface != NULL && !HAS_INTERFACE)
		return ("this system binds no socket to an interface");
	return (check_values(tuning));
}

int
tuning_open(const struct tuning *tuning, int family)
{
	int fd = -1;

#ifdef __linux__
	if (tuning->mptcp && family != AF_UNIX) {
		fd = socket_open_as(family, IPPROTO_MPTCP);
		/* not in this kernel, or net.mptcp.enabled is 0 */
		if (fd != -1 || (errno != EPROTONOSUPPORT &&
		    errno != ENOPROTOOPT && errno != EINVAL))
			return (fd);
	}
#else
	(void)tuning;
#endif
	fd = socket_open(family);
	return (fd);
}

/* A socket that is being tuned, and what has failed first. */
struct work {
	int fd;
	const char *what;
	int error;
};

static void
failed(struct work *work, const char *what)
{
	if (work->what == NULL) {
		work->what = what;
		work->error = errno;
	}
}

static void
set(struct work *work, int level, int option, uint32_t value,
    const char *what)
{
	const int number = (int)value;

	if (setsockopt(work->fd, level, option, &number,
	    sizeof(number)) == -1)
		failed(work, what);
}

/* 0 is left alone, so that it costs no call. */
static void
set_any(struct work *work, int level, int option, uint32_t value,
    const char *what)
{
	if (value != 0)
		set(work, level, option, value, what);
}

static void
set_interface(struct work *work, int family, const char *name)
{
#if defined(SO_BINDTODEVICE)
	(void)family;
	if (setsockopt(work->fd, SOL_SOCKET, SO_BINDTODEVICE, name,
	    (socklen_t)strlen(name)) == -1)
		failed(work, "SO_BINDTODEVICE");
#elif defined(IP_BOUND_IF)
	const unsigned number = if_nametoindex(name);

	if (number == 0)
		failed(work, "IP_BOUND_IF");
	else if (family == AF_INET6)
		set(work, IPPROTO_IPV6, IPV6_BOUND_IF, number,
		    "IPV6_BOUND_IF");
	else
		set(work, IPPROTO_IP, IP_BOUND_IF, number, "IP_BOUND_IF");
#else
	(void)work;
	(void)family;
	(void)name;
#endif
}

/* Linux and macOS keep the two bits of ECN, RFC 3168; others set them later. */
static void
set_dscp(struct work *work, int family, uint8_t dscp)
{
	const uint32_t octet = (uint32_t)dscp << 2;

	if (family == AF_INET) {
		set(work, IPPROTO_IP, IP_TOS, octet, "IP_TOS");
		return;
	}
	set(work, IPPROTO_IPV6, IPV6_TCLASS, octet, "IPV6_TCLASS");
#ifdef __linux__
	/* for IPv4 peers of a dual-stack socket */
	set(work, IPPROTO_IP, IP_TOS, octet, "IP_TOS");
#endif
}

static void
set_buffers(struct work *work, const struct tuning *tuning)
{
	set_any(work, SOL_SOCKET, SO_SNDBUF, tuning->send_buffer_bytes,
	    "SO_SNDBUF");
	set_any(work, SOL_SOCKET, SO_RCVBUF, tuning->receive_buffer_bytes,
	    "SO_RCVBUF");
}

static void
set_keepalive(struct work *work, const struct tuning *tuning)
{
	if (tuning->keepalive_off)
		set(work, SOL_SOCKET, SO_KEEPALIVE, 0, "SO_KEEPALIVE");
	set_any(work, IPPROTO_TCP, KEEP_IDLE, tuning->keepalive_idle_s,
	    "TCP_KEEPIDLE");
	set_any(work, IPPROTO_TCP, KEEP_INTERVAL,
	    tuning->keepalive_interval_s, "TCP_KEEPINTVL");
	set_any(work, IPPROTO_TCP, KEEP_COUNT, tuning->keepalive_count,
	    "TCP_KEEPCNT");
}

static void
set_tcp(struct work *work, const struct tuning *tuning, int family)
{
	set_keepalive(work, tuning);
	set_any(work, IPPROTO_TCP, USER_TIMEOUT, tuning->user_timeout_ms,
	    "TCP_USER_TIMEOUT");
	if (tuning->has_dscp)
		set_dscp(work, family, tuning->dscp);
	if (tuning->congestion != NULL && setsockopt(work->fd, IPPROTO_TCP,
	    CONGESTION, tuning->congestion,
	    (socklen_t)strlen(tuning->congestion)) == -1)
		failed(work, "TCP_CONGESTION");
}

/* What decides where packets go. */
static void
set_way(struct work *work, const struct tuning *tuning, int family)
{
	if (tuning->interface != NULL)
		set_interface(work, family, tuning->interface);
	if (tuning->has_mark)
		set(work, SOL_SOCKET, MARK, tuning->mark, "SO_MARK");
}

int
tuning_apply(const struct tuning *tuning, int fd, int family,
    enum tuning_side side, const char **what)
{
	struct work work = { .fd = fd };
	bool is_lost = false;

	if (side == TUNING_ACCEPTED &&
	    !tuning_concerns_accepted(tuning, family))
		return (0);
	if (family != AF_UNIX) {
		set_way(&work, tuning, family);
		is_lost = work.what != NULL;
		set_tcp(&work, tuning, family);
	}
	if (family == AF_UNIX || side != TUNING_ACCEPTED)
		set_buffers(&work, tuning);
	if (family != AF_UNIX && side == TUNING_LISTENER && tuning->fast_open)
		set(&work, IPPROTO_TCP, FAST_OPEN, FAST_OPEN_QUEUE,
		    "TCP_FASTOPEN");
	if (work.what == NULL)
		return (0);
	*what = work.what;
	errno = work.error;
	return (is_lost ? -1 : 1);
}

int
source_bind(int fd, int family, const struct address *source)
{
#ifdef IP_BIND_ADDRESS_NO_PORT
	const int on = 1;
#endif

	if (source->sa.sa_family == AF_UNSPEC || family == AF_UNIX)
		return (0);
	if (source->sa.sa_family != family) {
		errno = EAFNOSUPPORT;
		return (-1);
	}
#ifdef IP_BIND_ADDRESS_NO_PORT
	/* without it there are fewer ports, which is no reason to fail */
	(void)setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on,
	    sizeof(on));
#endif
	return (bind(fd, &source->sa, address_length(source)));
}
