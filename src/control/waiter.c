/* SPDX-License-Identifier: ISC */

/* waiter.c - a process between this one and one that is to outlive it. */

#include "config.h"

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/socket.h"
#include "control/waiter.h"

#define END_MS	500	/* for a process that is ending by itself */
#define LOOK_NS	(10 * 1000 * 1000)

/* Where a limit is beyond reason, nothing was opened there. */
#define FDS_MAX	(1024 * 1024)

/* A byte to the waiter; the end of what it is told lets it leave. */
#define ORDER_KILL	'k'
#define ORDER_BURY	'b'

/* What the waiter says first. */
struct birth {
	pid_t pid;
	int error;		/* why there is none; an errno */
};

/* 1: it is whole; 0: there is an end; -1 with errno. */
static int
receive(int fd, void *data, size_t size)
{
	unsigned char *bytes = data;
	size_t used = 0;
	ssize_t n;

	while (used < size) {
		n = read(fd, bytes + used, size - used);
		if (n == 0 || (n == -1 && errno != EINTR))
			return ((int)n);
		used += n > 0 ? (size_t)n : 0;
	}
	return (1);
}

static bool
tell(int fd, const void *data, size_t size)
{
	const unsigned char *bytes = data;
	size_t sent = 0;
	ssize_t n;

	while (sent < size) {
		n = send(fd, bytes + sent, size - sent, MSG_NOSIGNAL);
		if (n == -1 && errno != EINTR)
			return (false);
		sent += n > 0 ? (size_t)n : 0;
	}
	return (true);
}

/*
 * What it holds open would keep connections from closing.  Where there is no
 * close_range(2), up to `limit'.
 */
static void
close_all_but(int kept, int limit)
{
	int fd;

#ifdef CLOSE_RANGE_CLOEXEC
	if ((kept == STDERR_FILENO + 1 || close_range(STDERR_FILENO + 1,
	    (unsigned)kept - 1, 0) == 0) &&
	    close_range((unsigned)kept + 1, ~0U, 0) == 0)
		return;
#endif
	for (fd = STDERR_FILENO + 1; fd < limit; fd++) {
		if (fd != kept)
			(void)close(fd);
	}
}

/* Who is ending by itself has a moment for it, to be known by its status. */
static int
bury(pid_t pid, bool is_ending)
{
	const struct timespec moment = { .tv_nsec = LOOK_NS };
	const uint64_t end_ms = clock_now_ms() + END_MS;
	int status = 0;

	while (is_ending && clock_now_ms() < end_ms) {
		if (waitpid(pid, &status, WNOHANG) != 0)
			return (status);
		(void)nanosleep(&moment, NULL);
	}
	(void)kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
		continue;
	return (status);
}

/* In the waiter, which has no other thread. */
static void
stand_between(int fd, int limit, waiter_child_fn *child, void *arg)
{
	struct birth birth = { .error = 0 };
	char order = ORDER_KILL;
	bool is_told;
	int status;

	/* whoever started us may have it ignored, and then nobody waits */
	(void)signal(SIGCHLD, SIG_DFL);
	birth.pid = fork();
	if (birth.pid == 0)
		child(arg);
	birth.error = errno;
	close_all_but(fd, limit);
	is_told = tell(fd, &birth, sizeof(birth));
	if (birth.pid == -1)
		_exit(0);
	if (!is_told)
		(void)bury(birth.pid, false);	/* nobody knows of it */
	else if (receive(fd, &order, 1) != 0) {
		status = bury(birth.pid, order == ORDER_BURY);
		(void)tell(fd, &status, sizeof(status));
	} else
		(void)waitpid(birth.pid, &status, WNOHANG);
	_exit(0);
}

void
waiter_leave(struct waiter *waiter)
{
	socket_close(waiter->fd);
	while (waitpid(waiter->pid, NULL, 0) == -1 && errno == EINTR)
		continue;
}

int
waiter_start(struct waiter *waiter, waiter_child_fn *child, void *arg)
{
	const long open_max = sysconf(_SC_OPEN_MAX);
	const int limit = open_max > 0 && open_max < FDS_MAX ? (int)open_max :
	    FDS_MAX;
	struct birth birth = { .pid = -1 };
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == -1)
		return (-1);
	(void)fcntl(fds[0], F_SETFD, FD_CLOEXEC);
	(void)fcntl(fds[1], F_SETFD, FD_CLOEXEC);
	waiter->fd = fds[0];
	waiter->pid = fork();
	if (waiter->pid == 0)
		stand_between(fds[1], limit, child, arg);
	birth.error = errno;
	socket_close(fds[1]);
	if (waiter->pid == -1) {
		socket_close(fds[0]);
		errno = birth.error;
		return (-1);
	}
	if (receive(fds[0], &birth, sizeof(birth)) != 1) {
		birth = (struct birth){ .pid = -1, .error = ECHILD };
		(void)tell(fds[0], &(const char){ ORDER_KILL }, 1);
	}
	waiter->child = birth.pid;
	if (birth.pid != -1)
		return (0);
	waiter_leave(waiter);
	errno = birth.error;
	return (-1);
}

int
waiter_end(struct waiter *waiter, bool is_ending)
{
	const char order = is_ending ? ORDER_BURY : ORDER_KILL;
	const struct timespec moment = { .tv_nsec = LOOK_NS };
	int status = 0;

	if (!tell(waiter->fd, &order, 1) ||
	    receive(waiter->fd, &status, sizeof(status)) != 1) {
		/* somebody may have ended the waiter, and nobody the child */
		(void)kill(waiter->child, SIGKILL);
		(void)nanosleep(&moment, NULL);	/* then the waiter finds it dead */
		status = SIGKILL;
	}
	waiter_leave(waiter);
	return (status);
}
