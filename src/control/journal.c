/* SPDX-License-Identifier: ISC */

/*
 * journal.c - systemd's journal.
 *
 * The socket is not connected: what is sent finds the journald of now by its
 * path, also after that was started anew.
 */

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/socket.h"
#include "base/text.h"
#include "control/journal.h"

const char *journal_path = "/run/systemd/journal/socket";

static struct sockaddr_un
journal_address(void)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	const size_t length = strlen(journal_path);

	if (length < sizeof(sun.sun_path))
		memcpy(sun.sun_path, journal_path, length);
	return (sun);
}

static int
open_socket(void)
{
	const int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	if (fd != -1)
		(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	return (fd);
}

int
journal_open(void)
{
	const struct sockaddr_un sun = journal_address();
	int fd, probe, result, error;

	probe = open_socket();
	if (probe == -1)
		return (-1);
	result = connect(probe, (const struct sockaddr *)&sun, sizeof(sun));
	error = errno;
	fd = result == 0 ? open_socket() : -1;
	if (result == 0)
		error = errno;
	socket_close(probe);
	errno = error;
	return (fd);
}

int
journal_send(int fd, const char *bytes, size_t count)
{
	const struct sockaddr_un sun = journal_address();
	ssize_t n;

	do
		n = sendto(fd, bytes, count, MSG_NOSIGNAL,
		    (const struct sockaddr *)&sun, sizeof(sun));
	while (n == -1 && errno == EINTR);
	return (n == -1 ? -1 : 0);
}

/* JOURNAL_STREAM is device:inode, in decimal; see systemd.exec(5). */
bool
journal_is_stream(int fd)
{
	const char *text = getenv("JOURNAL_STREAM");
	const char *colon;
	uint64_t device, inode;
	struct stat st;

	if (text == NULL || (colon = strchr(text, ':')) == NULL)
		return (false);
	return (text_number(text, (size_t)(colon - text), UINT64_MAX,
	    &device) && text_number(colon + 1, strlen(colon + 1), UINT64_MAX,
	    &inode) && fstat(fd, &st) == 0 &&
	    (uint64_t)st.st_dev == device && (uint64_t)st.st_ino == inode);
}
