/* SPDX-License-Identifier: ISC */

/* turning.c - a loop that goes on in spite of a shortage. */

#include <errno.h>
#include <time.h>

#include "control/turning.h"

int
turn_until_stopped(struct mux_loop *loop)
{
	const struct timespec rest = { .tv_nsec = 10 * 1000 * 1000 };
	int result;

	/* poll(2) and select(2) need memory of the kernel for each call */
	while ((result = mux_loop_run(loop)) == -1 &&
	    (errno == ENOMEM || errno == EAGAIN))
		(void)nanosleep(&rest, NULL);
	return (result);
}
