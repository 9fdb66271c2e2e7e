/* SPDX-License-Identifier: ISC */

/*
 * activation.h - listening sockets that the service manager has opened,
 * sd_listen_fds(3).
 *
 * They are the descriptors from 3 on, LISTEN_FDS of them, if LISTEN_PID is our
 * process; LISTEN_FDNAMES has a name for each.  They stay open here, since
 * they can be had only once, and who listens on one gets a duplicate: so a
 * reload may let go of a name and another one take it again.
 *
 * For one thread at a time: the main one at the start, then who reloads.
 */

#ifndef CONTROL_ACTIVATION_H
#define CONTROL_ACTIVATION_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>

#include "base/log.h"

#define ACTIVATION_FIRST	3	/* the descriptor, says the protocol */
#define ACTIVATION_MAX		4096	/* of them */
#define ACTIVATION_NAME_MAX	255	/* bytes; systemd allows no more */

struct activation_socket {
	int fd;
	const char *name;
	const char *problem;	/* it cannot be listened on; NULL: it can */
	bool is_taken;
};

/* One as another process of ours had it. */
struct activation_passed {
	int fd;
	char name[ACTIVATION_NAME_MAX + 1];
};

struct activation {
	struct activation_socket *list;
	size_t count;
	char *names;		/* what the list's names point into */
};

/*
 * Reads what LISTEN_FDS, LISTEN_PID and LISTEN_FDNAMES say to the process
 * `self'; each may be NULL.  Touches no descriptor.  Returns NULL, with a count
 * of 0 when they are meant for another process; or what is wrong, a constant
 * string, and leaves nothing to be closed.
 */
const char *activation_parse(struct activation *activation, const char *fds,
    const char *pid, const char *names, pid_t self);

/*
 * Takes the sockets over, once, at the start: before anything is opened, for
 * the descriptors may turn out to be closed, before a fork, since the process
 * is checked, and before there are threads.  They become close-on-exec and
 * non-blocking, and each is looked at whether it accepts streams.  Takes the
 * variables out of the environment.
 *
 * Returns NULL, or what is wrong, until the next call of text_error(): then
 * nothing was taken over, and somebody who meant us was wrong.
 */
const char *activation_open(struct activation *activation);
void activation_close(struct activation *activation);

/*
 * In a process that succeeds another: takes these over likewise, one at least,
 * in the place of what the environment says.
 */
const char *activation_inherit(struct activation *activation,
    const struct activation_passed *passed, size_t count);

/* Whether a socket can have this name, which may be empty. */
bool activation_is_name(const char *name);

/* Those of this process, which is passed them once; none until opened. */
struct activation *activation_of_process(void);

/*
 * Duplicates of all sockets of that name, close-on-exec, which are the
 * caller's, as is the list.  Returns NULL, or why there are none, until the
 * next call of text_error().
 */
const char *activation_take(struct activation *activation, const char *name,
    int **fds, size_t *count);

/* Somebody listens on those of that name, by descriptors from elsewhere. */
void activation_use(struct activation *activation, const char *name);

/*
 * Warns of each that nobody has taken: who connects there waits for ever.
 * Returns how many there are; log may be NULL.
 */
size_t activation_left(const struct activation *activation, struct log *log);

#endif
