/* SPDX-License-Identifier: ISC */

/* attempts-files.c - trying what needs a path. */

#include "config.h"

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "attempts.h"
#include "confined.h"
#include "tap.h"

#define COUNT(list)	(sizeof(list) / sizeof((list)[0]))
#define PATH_SIZE	64

char inside[] = "/tmp/mux-inside-XXXXXX";
char outside[] = "/tmp/mux-outside-XXXXXX";
static struct sockaddr_un local;
static int local_fd = -1;

static const char *
in(const char *directory, const char *name)
{
	static _Thread_local char path[PATH_SIZE];

	(void)snprintf(path, sizeof(path), "%s/%s", directory, name);
	return (path);
}

void
attempts_begin(void)
{
	if (mkdtemp(inside) == NULL || mkdtemp(outside) == NULL)
		bail_out("no directory");
	local.sun_family = AF_UNIX;
	(void)snprintf(local.sun_path, sizeof(local.sun_path), "%s/socket",
	    inside);
	local_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (local_fd == -1 || bind(local_fd, (struct sockaddr *)&local,
	    sizeof(local)) == -1 || listen(local_fd, 5) == -1)
		bail_out("no socket");
	(void)close(open(in(outside, "kept"), O_WRONLY | O_CREAT, 0600));
}

void
attempts_end(void)
{
	static const char *const names[] = { "socket", "file", "bound",
		"kept" };
	size_t i;

	(void)close(local_fd);
	for (i = 0; i < COUNT(names); i++) {
		(void)unlink(in(inside, names[i]));
		(void)unlink(in(outside, names[i]));
	}
	(void)rmdir(inside);
	(void)rmdir(outside);
}

/* What was opened is closed again, and -1 stays -1, with its errno. */
static int
closed(int fd)
{
	return (fd == -1 ? -1 : close(fd));
}

int
open_plainly(void)
{
	return (closed(open("/etc/passwd", O_RDONLY | O_CLOEXEC)));
}

int
open_old(void)
{
#ifdef SYS_open
	return (closed((int)syscall(SYS_open, "/etc/passwd", O_RDONLY)));
#else
	return (open_plainly());
#endif
}

int
open_at(void)
{
	return (closed(openat(AT_FDCWD, "/", O_RDONLY | O_DIRECTORY)));
}

int
open_at2(void)
{
	struct { unsigned long long flags, mode, resolve; } how = { 0, 0, 0 };

	return (closed((int)syscall(437, AT_FDCWD, "/etc/passwd", &how,
	    sizeof(how))));
}

int
create_outside(void)
{
	return (closed(open(in(outside, "file"), O_WRONLY | O_CREAT, 0600)));
}

int
create_inside(void)
{
	return (closed(open(in(inside, "file"), O_WRONLY | O_CREAT | O_TRUNC,
	    0600)));
}

int
make_directory(void)
{
	return (mkdir(in(inside, "directory"), 0700));
}

int
remove_inside(void)
{
	return (unlink(in(inside, "file")));
}

int
remove_outside(void)
{
	return (unlink(in(outside, "kept")));
}

int
look_inside(void)
{
	struct stat st;

	return (lstat(inside, &st));
}

static int
bind_local(const char *directory)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int result, error;

	(void)snprintf(name.sun_path, sizeof(name.sun_path), "%s/bound",
	    directory);
	result = bind(fd, (struct sockaddr *)&name, sizeof(name));
	error = errno;
	(void)close(fd);
	if (result == 0)
		(void)unlink(name.sun_path);
	errno = error;
	return (result);
}

int
bind_inside(void)
{
	return (bind_local(inside));
}

int
bind_outside(void)
{
	return (bind_local(outside));
}

int
connect_local(void)
{
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	const int result = connect(fd, (struct sockaddr *)&local,
	    sizeof(local)), error = errno;

	(void)close(fd);
	errno = error;
	return (result);
}
