/* SPDX-License-Identifier: ISC */

/* test-shortage.c - which errors are a shortage here, and which a failure. */

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "base/socket.h"
#include "tap.h"
#include "units.h"
#include "upstream/race.h"

static const struct {
	int error;
	bool of_socket, of_connect;
} cases[] = {
	{ ENOBUFS, true, true },
	{ ENOMEM, true, true },
	{ EMFILE, false, true },
	{ ENFILE, false, true },
	{ ENOSPC, false, true },
	{ 0, false, false },
	{ EAGAIN, false, false },
	{ EINPROGRESS, false, false },
	{ ECONNREFUSED, false, false },
	{ ETIMEDOUT, false, false },
};

void
test_shortage(void)
{
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ok(socket_is_short(cases[i].error) == cases[i].of_socket &&
		    race_is_shortage(cases[i].error) == cases[i].of_connect,
		    "%s", cases[i].error == 0 ? "no error" :
		    strerror(cases[i].error));
	}
}
