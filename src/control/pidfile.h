/* SPDX-License-Identifier: ISC */

/* pidfile.h - a file with our process id, locked as long as we run. */

#ifndef CONTROL_PIDFILE_H
#define CONTROL_PIDFILE_H

#include "control/failure.h"

struct pidfile {
	const char *path;	/* NULL: none */
	int fd;
};

/*
 * Creates and locks it and writes our id.  A file left over from a process
 * that is gone is taken over; one that another process holds is an error.
 * On failure the error has been written.
 */
enum exit_status pidfile_open(struct pidfile *pidfile, const char *path);

/* Removes it; empties it where the directory may no longer be written to. */
void pidfile_close(struct pidfile *pidfile);

/*
 * The same with a file that is open and locked already, and has the id of the
 * process that we succeed; another one is opened if it is not the one.
 */
enum exit_status pidfile_adopt(struct pidfile *pidfile, const char *path,
    int fd);

/* Writes our id into it, in the place of the other's.  -1 with errno. */
int pidfile_renew(struct pidfile *pidfile);

/* Another process has it, with its lock: closes it, and does not remove it. */
void pidfile_leave(struct pidfile *pidfile);

#endif
