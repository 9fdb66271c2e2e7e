/* SPDX-License-Identifier: ISC */

/*
 * fake-faults.c - preloaded into muxproxy: calls that fail while a test says
 * so.
 *
 * While there is a file CALL in the directory FAKE_FAULTS, that call fails
 * with the number that is in it.  A thread that receives "hang1" does not come
 * back before somebody has opened, and closed, the FIFO hang1 there to write;
 * so for other numbers.
 */

#include "config.h"

#include <sys/types.h>
#define accept4 accept4_of_header
#include <sys/socket.h>
#undef accept4

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *directory;

__attribute__((constructor)) static void
begin(void)
{
	directory = getenv("FAKE_FAULTS");
}

/* What the system has under that name; ISO C has no cast for it. */
static void
next_symbol(void *function, const char *name)
{
	void *symbol = dlsym(RTLD_NEXT, name);

	memcpy(function, &symbol, sizeof(symbol));
}

/* Sets errno when the call is to fail.  Takes no memory: calloc asks. */
static bool
fails(const char *call)
{
	const int saved_errno = errno;
	char path[512], number[16] = "";
	ssize_t length;
	int fd;

	if (directory == NULL)
		return (false);
	(void)snprintf(path, sizeof(path), "%s/%s", directory, call);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	errno = saved_errno;
	if (fd == -1)
		return (false);
	length = read(fd, number, sizeof(number) - 1);
	(void)close(fd);
	errno = length > 0 ? atoi(number) : saved_errno;
	return (length > 0);
}

/* not the header's, whose addresses are unions with glibc */
int accept4(int, struct sockaddr *, socklen_t *, int);

int
accept4(int fd, struct sockaddr *address, socklen_t *length, int flags)
{
	int (*system_accept4)(int, struct sockaddr *, socklen_t *, int);

	if (fails("accept4"))
		return (-1);
	next_symbol(&system_accept4, "accept4");
	return (system_accept4(fd, address, length, flags));
}

static void
hang(char number)
{
	const int saved_errno = errno;
	char path[512], byte;
	int fd;

	(void)snprintf(path, sizeof(path), "%s/hang%c", directory, number);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	while (fd != -1 && read(fd, &byte, 1) > 0)
		continue;
	if (fd != -1)
		(void)close(fd);
	errno = saved_errno;
}

ssize_t
recv(int fd, void *bytes, size_t size, int flags)
{
	ssize_t (*system_recv)(int, void *, size_t, int);
	ssize_t n;

	if (fails("recv"))
		return (-1);
	next_symbol(&system_recv, "recv");
	n = system_recv(fd, bytes, size, flags);
	if (n >= 5 && memcmp(bytes, "hang", 4) == 0)
		hang(((const char *)bytes)[4]);
	return (n);
}

#ifdef HAVE_SPLICE
ssize_t
splice(int from, off64_t *from_offset, int to, off64_t *to_offset,
    size_t size, unsigned flags)
{
	ssize_t (*system_splice)(int, off64_t *, int, off64_t *, size_t,
	    unsigned);

	if (fails("splice"))
		return (-1);
	next_symbol(&system_splice, "splice");
	return (system_splice(from, from_offset, to, to_offset, size, flags));
}
#endif

void *
calloc(size_t count, size_t size)
{
	void *(*system_calloc)(size_t, size_t);

	if (fails("calloc"))
		return (NULL);
	next_symbol(&system_calloc, "calloc");
	return (system_calloc(count, size));
}

void *
realloc(void *old, size_t size)
{
	void *(*system_realloc)(void *, size_t);

	if (fails("realloc"))
		return (NULL);
	next_symbol(&system_realloc, "realloc");
	return (system_realloc(old, size));
}
