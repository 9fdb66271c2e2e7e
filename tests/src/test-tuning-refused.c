/* SPDX-License-Identifier: ISC */

/* test-tuning-refused.c - sockets whose system does not do what they are to. */

#include <sys/types.h>
#include <sys/socket.h>

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/socket.h"
#include "base/tuning.h"
#include "refusals.h"
#include "refuse.h"
#include "tap.h"

static void
falls_back(int error, const char *name)
{
	const struct tuning tuning = { .mptcp = true };
	int fd, protocol = -1;
	socklen_t length = sizeof(protocol);

	refuse(CALL_socket, 1, error);
	fd = tuning_open(&tuning, AF_INET);
	ok(refuse_end() == 1 && fd != -1 && getsockopt(fd, SOL_SOCKET,
	    SO_PROTOCOL, &protocol, &length) == 0 && protocol == IPPROTO_TCP,
	    "without MPTCP (%s) it is TCP", name);
	(void)close(fd);
}

static void
fails_to_set(const struct tuning *tuning, unsigned call, int want,
    const char *want_what)
{
	const int fd = socket_open(AF_INET);
	const char *what = "";
	int result, error;

	refuse(CALL_setsockopt, call, EPERM);
	errno = 0;
	result = tuning_apply(tuning, fd, AF_INET, TUNING_UPSTREAM, &what);
	error = errno;
	ok(refuse_end() == 1 && result == want && error == EPERM &&
	    strcmp(what, want_what) == 0, "%s is refused", want_what);
	(void)close(fd);
}

void
test_tuning_refused(void)
{
	const struct tuning mptcp = { .mptcp = true };
	const struct tuning timeout = { .user_timeout_ms = 1,
	    .keepalive_off = true, .send_buffer_bytes = 9999,
	    .has_dscp = true };
	const struct tuning mark = { .has_mark = true,
	    .user_timeout_ms = 1 };
	const struct address source = { .sa = { .sa_family = AF_INET } };
	const int fd = socket_open(AF_INET);

	falls_back(EPROTONOSUPPORT, "EPROTONOSUPPORT");
	falls_back(ENOPROTOOPT, "ENOPROTOOPT");
	falls_back(EINVAL, "EINVAL");
	refuse(CALL_socket, 1, EMFILE);
	fails(tuning_open(&mptcp, AF_INET) == -1, EMFILE,
	    "another failure is one");
	is((long long)refuse_end(), 1, "which is not tried again");
	fails_to_set(&timeout, 1, 1, "SO_KEEPALIVE");
	fails_to_set(&timeout, 2, 1, "TCP_USER_TIMEOUT");
	fails_to_set(&timeout, 3, 1, "IP_TOS");
	fails_to_set(&timeout, 4, 1, "SO_SNDBUF");
	fails_to_set(&mark, 1, -1, "SO_MARK");
	refuse(CALL_setsockopt, 1, EPERM);
	is(source_bind(fd, AF_INET, &source), 0,
	    "a source address without a port for each peer will do");
	is((long long)refuse_end(), 1, "where that is refused");
	(void)close(fd);
}
