/* SPDX-License-Identifier: ISC */

/* splices.h - what the kernel does with pipes for splicing, and joins. */

#ifndef SIM_SPLICES_H
#define SIM_SPLICES_H

#include <sys/types.h>

#include "socks.h"

ssize_t splice_pipe_read(struct bytes *pipe, void *data, size_t count);
void splice_pipe_close(int fd);

/* Moves from a source that is joined to its sink; so for all. */
void side_move(struct side *side);
void joins_run(void);

#endif
