/* SPDX-License-Identifier: ISC */

/* failure.h - errors that end the program, and its exit status. */

#ifndef CONTROL_FAILURE_H
#define CONTROL_FAILURE_H

enum exit_status {
	STATUS_OK = 0,
	STATUS_FAILURE = 1,	/* at run time, such as an address in use */
	STATUS_USAGE = 2,	/* wrong command line */
	STATUS_OSERR = 71,	/* the system refused a basic resource */
	STATUS_NOPERM = 77,	/* not permitted */
	STATUS_CONFIG = 78	/* wrong configuration file */
};

struct log;

/*
 * Tells the message, as one line: to standard error, with "muxproxy: " before
 * it; or to the log that the calling thread has set, where there may be nobody
 * at standard error any more.  Returns status.
 */
enum exit_status failure(enum exit_status status, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* From now on, for the calling thread; NULL: standard error. */
void failure_set_log(struct log *log);

/* That log, for what is no failure; NULL before there is one. */
struct log *failure_get_log(void);

#endif
