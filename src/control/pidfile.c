/* SPDX-License-Identifier: ISC */

/* pidfile.c - a file with our process id, locked as long as we run. */

#include <sys/types.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

#include "base/socket.h"
#include "base/text.h"
#include "control/pidfile.h"

/* So often may its last holder remove the file between our open and our lock. */
#define TRIES_MAX	16

/* Of the open file, not of the process: who inherits the one has the other. */
static int
lock(int fd)
{
	return (flock(fd, LOCK_EX | LOCK_NB));
}

static int
write_pid(int fd)
{
	char text[32];
	int length;

	length = snprintf(text, sizeof(text), "%ld\n", (long)getpid());
	/* in this order, so that nobody finds it empty */
	if (pwrite(fd, text, (size_t)length, 0) != length ||
	    ftruncate(fd, length) == -1)
		return (-1);
	return (0);
}

/* Whether it is still the file of that name; if not, errno says why. */
static bool
is_current(int fd, const char *path)
{
	struct stat ours, theirs;

	if (fstat(fd, &ours) == -1 || stat(path, &theirs) == -1)
		return (false);
	errno = ESTALE;
	return (ours.st_dev == theirs.st_dev && ours.st_ino == theirs.st_ino);
}

/* Not a file of ours to overwrite: a device, or something that is no id. */
static bool
is_foreign(int fd)
{
	struct stat st;
	char first;
	ssize_t n;

	if (fstat(fd, &st) == -1 || !S_ISREG(st.st_mode))
		return (true);
	n = pread(fd, &first, 1, 0);
	return (n == -1 || (n == 1 && (first < '0' || first > '9')));
}

enum exit_status
pidfile_open(struct pidfile *pidfile, const char *path)
{
	int fd = -1, error, tries;

	for (tries = 0; fd == -1 && tries < TRIES_MAX; tries++) {
		fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY, 0644);
		if (fd == -1)
			break;
		if (lock(fd) == -1) {
			error = errno;
			(void)close(fd);
			if (error != EWOULDBLOCK)
				return (failure(STATUS_FAILURE,
				    "cannot lock the pid file %s: %s", path,
				    text_error(error)));
			return (failure(STATUS_FAILURE, "the pid file %s is "
			    "held by another process that still runs", path));
		}
		if (!is_current(fd, path)) {
			socket_close(fd);
			fd = -1;
		}
	}
	if (fd != -1 && is_foreign(fd)) {
		(void)close(fd);
		return (failure(STATUS_FAILURE, "cannot write the pid file "
		    "%s: it exists and holds no process id", path));
	}
	if (fd == -1 || write_pid(fd) == -1) {
		error = errno;
		if (fd != -1)
			(void)close(fd);
		return (failure(error == EACCES ? STATUS_NOPERM :
		    STATUS_FAILURE, "cannot write the pid file %s: %s", path,
		    text_error(error)));
	}
	pidfile->path = path;
	pidfile->fd = fd;
	return (STATUS_OK);
}

enum exit_status
pidfile_adopt(struct pidfile *pidfile, const char *path, int fd)
{
	if (fd == -1 || !is_current(fd, path) || lock(fd) == -1)
		return (pidfile_open(pidfile, path));
	pidfile->path = path;
	pidfile->fd = fd;
	return (STATUS_OK);
}

int
pidfile_renew(struct pidfile *pidfile)
{
	return (pidfile->path != NULL ? write_pid(pidfile->fd) : 0);
}

void
pidfile_leave(struct pidfile *pidfile)
{
	if (pidfile->path != NULL)
		socket_close(pidfile->fd);
	pidfile->path = NULL;
}

void
pidfile_close(struct pidfile *pidfile)
{
	if (pidfile->path == NULL)
		return;
	if (is_current(pidfile->fd, pidfile->path) &&
	    unlink(pidfile->path) == -1)
		(void)!ftruncate(pidfile->fd, 0);
	socket_close(pidfile->fd);	/* and with it the lock */
	pidfile->path = NULL;
}
