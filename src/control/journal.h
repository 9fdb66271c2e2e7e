/* SPDX-License-Identifier: ISC */

/* journal.h - systemd's journal: its socket, and standard error that is it. */

#ifndef CONTROL_JOURNAL_H
#define CONTROL_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>

/* Where journald listens; tests have another place. */
extern const char *journal_path;

/*
 * A socket for datagrams to it, which block when it is behind.  -1 with errno
 * when nobody listens there.
 */
int journal_open(void);

/* One datagram; -1 with errno.  journald may have been started anew since. */
int journal_send(int fd, const char *bytes, size_t count);

/* Whether this descriptor leads to it, as JOURNAL_STREAM says. */
bool journal_is_stream(int fd);

#endif
