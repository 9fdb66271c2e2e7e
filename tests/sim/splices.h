/* SPDX-License-Identifier: ISC */

/* splices.h - what reading and closing a pipe for splicing does. */

#ifndef SIM_SPLICES_H
#define SIM_SPLICES_H

#include <sys/types.h>

#include "socks.h"

ssize_t splice_pipe_read(struct bytes *pipe, void *data, size_t count);
void splice_pipe_close(int fd);

#endif
