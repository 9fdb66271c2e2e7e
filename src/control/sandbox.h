/* SPDX-License-Identifier: ISC */

/*
 * sandbox.h - what the program cannot do any more once it runs.
 *
 * Who takes a worker over through the bytes that it carries gets a thread
 * that can move bytes between sockets, and neither open a file nor start a
 * program.  Each system has its own means:
 *
 *   Linux	no_new_privs, capabilities and Landlock, and seccomp by
 *		libseccomp: of each thread by itself, as strict as its role is
 *   OpenBSD	unveil and pledge: of the whole process, what any role needs
 *   FreeBSD	rights of single descriptors, no tracing, no new privileges
 *
 * What a system has not got is left out, and sandbox_description() says so.
 * Nothing is confined before sandbox_begin(), whatever calls the rest.
 */

#ifndef CONTROL_SANDBOX_H
#define CONTROL_SANDBOX_H

#include "config/plan.h"
#include "control/failure.h"

/*
 * What a thread is for, and all that it may do:
 *
 *   WORKER	sockets, pipes, waiting, time and memory; no path, no new
 *		process or thread, no program
 *   MAIN	the same, and removing what it has made: the pid file, and
 *		UNIX sockets that were listened on
 *   HELPER	the logger, and look-ups of names: reads files, writes in the
 *		directories of log files, talks to name servers and syslog;
 *		starts neither processes nor programs
 *   KEEPER	reads files, listens, makes and removes files in the
 *		directories that the plan names, starts threads and the new
 *		program of an upgrade; nothing that only an attacker would do
 */
enum sandbox_role {
	SANDBOX_WORKER,
	SANDBOX_MAIN,
	SANDBOX_HELPER,
	SANDBOX_KEEPER
};
#define SANDBOX_ROLES	4

struct log;

/* What a descriptor is for; FreeBSD takes all other rights from it. */
enum sandbox_use {
	SANDBOX_LISTENER,
	SANDBOX_LOG,
	SANDBOX_PIDFILE
};

/*
 * For the whole process, by its first thread: after the last change of user
 * and before any other thread is started.  Takes from the plan which
 * directories may be written to, now and as long as the process lives: a plan
 * of a later reload adds none.  `program' is what an upgrade will start (NULL:
 * itself on Linux, nothing elsewhere).  With a plan that is not confined it
 * does nothing.
 *
 * What the system has not got, or refuses, is left out and described.  Not to
 * get rid of privileges is a failure: the error has then been written.
 */
enum exit_status sandbox_begin(const struct plan *plan, const char *program);

/*
 * Confines the calling thread for good, and threads and programs that it
 * starts from then on; another call only takes away more.  Opens and allocates
 * nothing.  May be called by several threads at a time.  If the system refuses,
 * the log (NULL: another thread's) has a line of the first time.
 */
void sandbox_confine(enum sandbox_role role, struct log *log);

/*
 * The path of a UNIX socket that an upstream of the plan, by a reload, has and
 * that nobody can connect to who was confined with the first one; NULL: there
 * is none.  On OpenBSD the first must have named its directory.  Any thread's.
 */
const char *sandbox_cut_off(const struct plan *first, const struct plan *plan);

/* Leaves the descriptor the rights for its use. */
void sandbox_limit_fd(int fd, enum sandbox_use use);

/*
 * For the start line, as one word: what is active, such as
 * "no-new-privs,landlock:7,seccomp", or "off".  What the system refused has
 * a "!" before it.
 */
const char *sandbox_description(void);

/* For `muxproxy -vV': what this build can do, as one line. */
const char *sandbox_facts(void);

#endif
