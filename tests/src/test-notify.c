/* SPDX-License-Identifier: ISC */

/* test-notify.c - telling the service manager, which is a socket here. */

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "control/notify.h"
#include "tap.h"
#include "units.h"

static struct sockaddr_un address = { .sun_family = AF_UNIX };

static int
open_manager(void)
{
	int fd;

	(void)snprintf(address.sun_path, sizeof(address.sun_path),
	    "/tmp/muxnotify-%ld", (long)getpid());
	(void)unlink(address.sun_path);
	fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	if (fd == -1 || fcntl(fd, F_SETFL, O_NONBLOCK) == -1 ||
	    bind(fd, (struct sockaddr *)&address, sizeof(address)) == -1)
		bail_out("no socket for a manager");
	return (fd);
}

/* Whether the next message is this one; NULL: there is none. */
static bool
gets(int fd, const char *want)
{
	char text[1024] = "";
	ssize_t n;

	n = recv(fd, text, sizeof(text) - 1, 0);
	if (n == -1 || want == NULL)
		return (n == -1 && want == NULL);
	return ((size_t)n == strlen(want) && strcmp(text, want) == 0);
}

static void
test_messages(int manager)
{
	struct notify notify;
	char text[1024];

	(void)setenv("NOTIFY_SOCKET", address.sun_path, 1);
	ok(notify_open(&notify) == NULL && notify_is_open(&notify),
	    "a socket by its path");
	ok((fcntl(notify.fd, F_GETFD) & FD_CLOEXEC) != 0 &&
	    (fcntl(notify.fd, F_GETFL) & O_NONBLOCK) != 0,
	    "close-on-exec, and never waits");
	notify_ready(&notify, "1 route");
	ok(gets(manager, "READY=1\nSTATUS=1 route"), "ready");
	notify_stopping(&notify, "a\nREADY=1");
	ok(gets(manager, "STOPPING=1\nSTATUS=a?READY=1"),
	    "a status is one line");
	notify_status(&notify, "%d sessions", 7);
	ok(gets(manager, "STATUS=7 sessions"), "a status");
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	notify_status(&notify, "%s", text);
	ok(recv(manager, text, sizeof(text), 0) == 511, "a long one is cut");
	notify_extend(&notify, 15000000);
	ok(gets(manager, "EXTEND_TIMEOUT_USEC=15000000"), "more time");
	notify_mainpid(&notify, 4711);
	ok(gets(manager, "MAINPID=4711"), "a successor");
	notify_watchdog(&notify);
	ok(gets(manager, "WATCHDOG=1"), "a sign of life");
	notify_reloading(&notify);
	ok(recv(manager, text, sizeof(text), 0) > 0 && strncmp(text,
	    "RELOADING=1\nMONOTONIC_USEC=", 27) == 0 && text[27] > '0' &&
	    text[27] <= '9', "reloading, and since when");
	ok(notify_settle(&notify) && gets(manager, NULL), "nothing is owed");
	notify_close(&notify);
	notify_close(&notify);
	ok(!notify_is_open(&notify), "closed");
	notify_ready(&notify, "");
	ok(notify_settle(&notify) && gets(manager, NULL),
	    "nobody is told then, and nothing is owed");
}

/* What does not fit is owed, if it is a change of state. */
static void
test_full(int manager)
{
	struct notify notify;
	char text[1024];
	int sent = 0;

	(void)notify_open(&notify);
	while (send(notify.fd, "x", 1, 0) == 1)
		sent++;
	is(errno, EAGAIN, "a queue that is full");
	notify_reloading(&notify);
	notify_mainpid(&notify, 4711);
	notify_ready(&notify, "lost");
	notify_status(&notify, "lost");
	notify_watchdog(&notify);
	ok(!notify_settle(&notify), "does not settle");
	for (; sent > 0; sent--)
		(void)recv(manager, text, sizeof(text), 0);
	ok(gets(manager, NULL), "nothing has come by then");
	ok(notify_settle(&notify), "settles when there is room");
	ok(gets(manager, "MAINPID=4711") && gets(manager, "READY=1") &&
	    gets(manager, NULL), "with the last state alone");
	(void)send(notify.fd, "x", 1, 0);
	while (send(notify.fd, "x", 1, 0) == 1)
		continue;
	notify_stopping(&notify, "");
	while (recv(manager, text, sizeof(text), 0) > 0)
		continue;
	ok(notify_settle(&notify) && gets(manager, "STOPPING=1"),
	    "a stop is told later, too");
	while (send(notify.fd, "x", 1, 0) == 1)
		continue;
	notify_reloading(&notify);
	while (recv(manager, text, sizeof(text), 0) > 0)
		continue;
	ok(notify_settle(&notify) && recv(manager, text, sizeof(text), 0) > 11 &&
	    strncmp(text, "RELOADING=1", 11) == 0, "and so is a reload");
	notify_close(&notify);
}

static void
test_gone(int manager)
{
	struct notify notify;

	(void)notify_open(&notify);
	(void)close(manager);
	notify_ready(&notify, "");
	ok(notify_settle(&notify), "to who is gone nothing is owed");
	notify_watchdog(&notify);
	notify_close(&notify);
	ok(notify_open(&notify) != NULL && !notify_is_open(&notify),
	    "nobody is there any more");
	(void)unlink(address.sun_path);
	ok(notify_open(&notify) != NULL, "nor the socket");
}

static void
test_abstract(void)
{
#ifdef __linux__
	struct notify notify;
	char name[64];
	size_t length;
	int manager;

	length = (size_t)snprintf(name, sizeof(name), "@muxnotify-%ld",
	    (long)getpid());
	memset(address.sun_path, 0, sizeof(address.sun_path));
	memcpy(address.sun_path + 1, name + 1, length - 1);
	manager = socket(AF_UNIX, SOCK_DGRAM, 0);
	if (bind(manager, (struct sockaddr *)&address, (socklen_t)(length +
	    offsetof(struct sockaddr_un, sun_path))) == -1)
		bail_out("no abstract socket");
	(void)setenv("NOTIFY_SOCKET", name, 1);
	ok(notify_open(&notify) == NULL, "an abstract socket");
	notify_watchdog(&notify);
	ok(gets(manager, "WATCHDOG=1"), "is told");
	notify_close(&notify);
	(void)close(manager);
#endif
}

static void
test_hostile(void)
{
	static const char *const bad[] = { "", "relative", "@", "vsock:2:1",
	    "./x", " /tmp/x" };
	struct notify notify;
	char name[300];
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		(void)setenv("NOTIFY_SOCKET", bad[i], 1);
		ok(notify_open(&notify) != NULL && !notify_is_open(&notify),
		    "NOTIFY_SOCKET '%s'", bad[i]);
	}
	memset(name, 'x', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	for (i = sizeof(address.sun_path) - 1; i < sizeof(name) - 1; i += 50) {
		name[0] = '/';
		name[i] = '\0';
		(void)setenv("NOTIFY_SOCKET", name, 1);
		ok(notify_open(&notify) != NULL, "a path of %zu bytes", i);
		name[0] = '@';
		(void)setenv("NOTIFY_SOCKET", name, 1);
		ok(notify_open(&notify) != NULL, "a name of %zu bytes", i);
		name[i] = 'x';
	}
	(void)unsetenv("NOTIFY_SOCKET");
	ok(notify_open(&notify) == NULL && !notify_is_open(&notify),
	    "none is no error");
}

static void
test_watchdog(void)
{
	struct notify notify;
	char pid[32];

	ok(notify_watchdog_us(NULL, NULL, 7) == 0, "no watchdog");
	ok(notify_watchdog_us(NULL, "7", 7) == 0, "without an interval");
	ok(notify_watchdog_us("30000000", NULL, 7) == 30000000, "for anybody");
	ok(notify_watchdog_us("30000000", "7", 7) == 30000000, "for us");
	ok(notify_watchdog_us("30000000", "8", 7) == 0, "for another");
	ok(notify_watchdog_us("30000000", "", 7) == 0, "for nobody");
	ok(notify_watchdog_us("30000000", "-7", 7) == 0, "for no process");
	ok(notify_watchdog_us("0", NULL, 7) == 0, "no time at all");
	ok(notify_watchdog_us("-1", NULL, 7) == 0, "less than none");
	ok(notify_watchdog_us("18446744073709551616", NULL, 7) == 0,
	    "too long");
	(void)snprintf(pid, sizeof(pid), "%ld", (long)getpid());
	(void)setenv("WATCHDOG_USEC", "1000", 1);
	(void)setenv("WATCHDOG_PID", pid, 1);
	(void)notify_open(&notify);
	ok(notify.watchdog_us == 1000 && getenv("WATCHDOG_PID") == NULL &&
	    getenv("WATCHDOG_USEC") != NULL, "kept for a successor");
	(void)setenv("WATCHDOG_PID", "1", 1);
	(void)notify_open(&notify);
	ok(notify.watchdog_us == 0 && getenv("WATCHDOG_USEC") == NULL,
	    "unless it is another's");
}

void
test_notify(void)
{
	const int manager = open_manager();

	test_messages(manager);
	test_full(manager);
	test_gone(manager);
	test_abstract();
	test_hostile();
	test_watchdog();
}
