/* SPDX-License-Identifier: ISC */

/* notify.c - telling the service manager how we are, sd_notify(3). */

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/socket.h"
#include "base/text.h"
#include "control/notify.h"

#define MESSAGE_MAX	512	/* bytes; a status is cut */
#define CLOSE_MS	5000	/* for the main process to be told */
#define CLOSE_LOOK_MS	20	/* not every lack of room ends with an event */

/*
 * A path, or @ and an abstract name, which Linux alone has; not the vsock: of
 * virtual machines.  Returns NULL, or what is wrong.
 */
static const char *
set_address(struct sockaddr_un *address, socklen_t *length, const char *name)
{
	const size_t size = strlen(name);

	if (name[0] != '/' && (name[0] != '@' || size < 2))
		return ("neither a path nor the name of an abstract socket");
#ifndef __linux__
	if (name[0] == '@')
		return ("this system has no abstract sockets");
#endif
	/* a path has room for its end, which an abstract name has not */
	if (size >= sizeof(address->sun_path) + (name[0] == '@'))
		return ("too long");
	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	memcpy(address->sun_path, name, size);
	if (name[0] == '@')
		address->sun_path[0] = '\0';
	*length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size +
	    (name[0] != '@'));
	return (NULL);
}

/* -1 with errno */
static int
open_socket(const struct sockaddr_un *address, socklen_t length)
{
	int fd;

	fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	if (fd == -1)
		return (-1);
	if (fcntl(fd, F_SETFD, FD_CLOEXEC) == -1 ||
	    fcntl(fd, F_SETFL, O_NONBLOCK) == -1 ||
	    connect(fd, (const struct sockaddr *)address, length) == -1) {
		socket_close(fd);
		return (-1);
	}
	return (fd);
}

uint64_t
notify_watchdog_us(const char *usec, const char *pid, pid_t self)
{
	uint64_t interval, number;

	if (usec == NULL ||
	    !text_number(usec, strlen(usec), UINT64_MAX, &interval))
		return (0);
	if (pid != NULL && (!text_number(pid, strlen(pid), INT32_MAX,
	    &number) || (pid_t)number != self))
		return (0);
	return (interval);
}

const char *
notify_open(struct notify *notify)
{
	const char *name = getenv("NOTIFY_SOCKET");
	const char *problem = NULL;
	struct sockaddr_un address;
	socklen_t length = 0;

	*notify = (struct notify){ .fd = -1 };
	notify->watchdog_us = notify_watchdog_us(getenv("WATCHDOG_USEC"),
	    getenv("WATCHDOG_PID"), getpid());
	if (notify->watchdog_us == 0)
		(void)unsetenv("WATCHDOG_USEC");
	(void)unsetenv("WATCHDOG_PID");
	if (name != NULL)
		problem = set_address(&address, &length, name);
	if (name == NULL || problem != NULL)
		return (problem);
	notify->fd = open_socket(&address, length);
	return (notify->fd == -1 ? text_error(errno) : NULL);
}

/* A manager that does not know who succeeds us ends all with this process. */
void
notify_close(struct notify *notify)
{
	const uint64_t end_ms = clock_now_ms() + CLOSE_MS;

	if (notify->fd == -1)
		return;
	while (notify->owed_pid != 0 && !notify_settle(notify) &&
	    clock_now_ms() < end_ms)
		(void)poll(NULL, 0, CLOSE_LOOK_MS);
	socket_close(notify->fd);
	notify->fd = -1;
}

bool
notify_is_open(const struct notify *notify)
{
	return (notify->fd != -1);
}

/* Whether there is no use in sending it again: it was taken, or never will. */
static bool
tell(struct notify *notify, const char *text)
{
	if (notify->fd == -1 ||
	    send(notify->fd, text, strlen(text), MSG_NOSIGNAL) != -1)
		return (true);
	if (errno == EAGAIN || errno == ENOBUFS || errno == ENOMEM ||
	    errno == EINTR)
		return (false);
	notify->error = errno;
	return (true);
}

/* All but the last line are ours; a status is one line, whatever is in it. */
static bool
tell_status(struct notify *notify, const char *assignments, const char *status)
{
	char text[MESSAGE_MAX], line[MESSAGE_MAX];

	(void)snprintf(line, sizeof(line), "%s", status);
	(void)snprintf(text, sizeof(text), "%sSTATUS=%s", assignments,
	    text_line(line));
	return (tell(notify, text));
}

/* The manager compares it with its own clock, to know whose reload it is. */
static bool
tell_reloading(struct notify *notify)
{
	char text[MESSAGE_MAX];
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	(void)snprintf(text, sizeof(text), "RELOADING=1\nMONOTONIC_USEC=%"
	    PRIu64, (uint64_t)now.tv_sec * 1000000 +
	    (uint64_t)now.tv_nsec / 1000);
	return (tell(notify, text));
}

/* What comes later says more than what is owed of before. */
void
notify_ready(struct notify *notify, const char *status)
{
	notify->owed = tell_status(notify, "READY=1\n", status) ?
	    NOTIFY_NOTHING : NOTIFY_READY;
}

void
notify_reloading(struct notify *notify)
{
	notify->owed = tell_reloading(notify) ? NOTIFY_NOTHING :
	    NOTIFY_RELOADING;
}

void
notify_stopping(struct notify *notify, const char *status)
{
	notify->owed = tell_status(notify, "STOPPING=1\n", status) ?
	    NOTIFY_NOTHING : NOTIFY_STOPPING;
}

static bool
tell_number(struct notify *notify, const char *name, uint64_t number)
{
	char text[MESSAGE_MAX];

	(void)snprintf(text, sizeof(text), "%s=%" PRIu64, name, number);
	return (tell(notify, text));
}

void
notify_mainpid(struct notify *notify, pid_t pid)
{
	notify->owed_pid = tell_number(notify, "MAINPID", (uint64_t)pid) ? 0 :
	    pid;
}

void
notify_status(struct notify *notify, const char *format, ...)
{
	char status[MESSAGE_MAX];
	va_list ap;

	va_start(ap, format);
	(void)vsnprintf(status, sizeof(status), format, ap);
	va_end(ap);
	(void)tell_status(notify, "", status);
}

void
notify_extend(struct notify *notify, uint64_t usec)
{
	(void)tell_number(notify, "EXTEND_TIMEOUT_USEC", usec);
}

void
notify_watchdog(struct notify *notify)
{
	(void)tell(notify, "WATCHDOG=1");
}

static bool
tell_state(struct notify *notify, enum notify_state state)
{
	switch (state) {
	case NOTIFY_READY:
		return (tell(notify, "READY=1"));
	case NOTIFY_RELOADING:
		return (tell_reloading(notify));
	case NOTIFY_STOPPING:
		return (tell(notify, "STOPPING=1"));
	case NOTIFY_NOTHING:
		break;
	}
	return (true);
}

/* Who is the main process comes first: others may not be listened to. */
bool
notify_settle(struct notify *notify)
{
	if (notify->owed_pid != 0)
		notify_mainpid(notify, notify->owed_pid);
	if (notify->owed_pid == 0 && tell_state(notify, notify->owed))
		notify->owed = NOTIFY_NOTHING;
	return (notify->owed_pid == 0 && notify->owed == NOTIFY_NOTHING);
}
