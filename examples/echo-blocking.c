/* SPDX-License-Identifier: ISC */

/*
 * echo-blocking.c - sends back what it receives, to one client at a time.
 *
 * Every call waits until it has done its work, so while one client is silent,
 * or does not read, all others wait.
 */

#include <sys/socket.h>

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "echo.h"

#define PAUSE_S		1

static char buffer[65536];

/* A write waits for room, but a signal may end it after a part. */
static bool
write_all(int fd, size_t length)
{
	size_t start = 0;
	ssize_t n;

	while (start < length) {
		n = write(fd, buffer + start, length - start);
		if (n == -1 && errno != EINTR)
			return (false);
		if (n != -1)
			start += (size_t)n;
	}
	return (true);
}

static void
serve(int fd)
{
	unsigned long long received = 0;
	ssize_t n;

	while ((n = read(fd, buffer, sizeof(buffer))) != 0) {
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1 || !write_all(fd, (size_t)n)) {
			warn("%d", fd);
			break;
		}
		received += (unsigned long long)n;
	}
	printf("%d: ended, %llu bytes received\n", fd, received);
}

int
main(int argc, char *argv[])
{
	const int listener = listen_on(argc, argv);
	int fd;

	for (;;) {
		fd = accept(listener, NULL, NULL);
		if (fd != -1) {
			printf("%d: connected\n", fd);
			serve(fd);
			(void)close(fd);
		} else if (errno != EINTR && errno != ECONNABORTED) {
			warn("cannot accept, pausing");
			(void)sleep(PAUSE_S);
		}
	}
}
