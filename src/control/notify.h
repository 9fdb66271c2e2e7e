/* SPDX-License-Identifier: ISC */

/*
 * notify.h - telling the service manager how we are, sd_notify(3).
 *
 * The protocol is a datagram of lines to the socket that NOTIFY_SOCKET names;
 * it is documented as stable, so that nobody needs a library for it.  Nothing
 * here ever waits or fails: a service is not worth less because its manager
 * does not listen.  A change of state that the manager does not take at once
 * is owed to it until notify_settle() finds room; a status or a sign of life
 * is not, since the next one is as good.
 *
 * For the main thread.  The socket is connected while everything is allowed,
 * so telling needs send(2) alone.  Without NOTIFY_SOCKET nothing is done.
 */

#ifndef CONTROL_NOTIFY_H
#define CONTROL_NOTIFY_H

#include <sys/types.h>

#include <stdbool.h>
#include <stdint.h>

enum notify_state {
	NOTIFY_NOTHING,
	NOTIFY_READY,
	NOTIFY_RELOADING,
	NOTIFY_STOPPING
};

struct notify {
	int fd;				/* -1: there is nobody to tell */
	uint64_t watchdog_us;		/* a sign of life is due so often; 0: never */
	enum notify_state owed;		/* what the manager has not taken yet */
	pid_t owed_pid;			/* 0: none */
	int error;			/* why a message was lost for good, or 0 */
};

/*
 * Reads the environment, once, at the start: before a fork, since WATCHDOG_PID
 * is checked against the own process, and before there are threads.  Returns
 * NULL, or what is wrong with NOTIFY_SOCKET, until the next call of
 * text_error(); then there is nobody to tell.
 *
 * NOTIFY_SOCKET and WATCHDOG_USEC stay in the environment for the binary that
 * may succeed this one.  WATCHDOG_PID is taken out, with WATCHDOG_USEC if it
 * names another process: the successor's id is another one, and without
 * WATCHDOG_PID it is meant.
 */
const char *notify_open(struct notify *notify);

/* Waits for up to five seconds until the manager knows who succeeds us. */
void notify_close(struct notify *notify);

bool notify_is_open(const struct notify *notify);

/*
 * The interval in microseconds that WATCHDOG_USEC and WATCHDOG_PID ask of
 * the process `self', sd_watchdog_enabled(3); either text may be NULL.  0: no
 * watchdog.
 */
uint64_t notify_watchdog_us(const char *usec, const char *pid, pid_t self);

/* It serves, after a start or a reload.  One line of words for people. */
void notify_ready(struct notify *notify, const char *status);

/* It reloads, until the next notify_ready(). */
void notify_reloading(struct notify *notify);

/* It accepts no more, and will end. */
void notify_stopping(struct notify *notify, const char *status);

/* Another process is the service's main one from now on. */
void notify_mainpid(struct notify *notify, pid_t pid);

/* What it is doing. */
void notify_status(struct notify *notify, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* It starts, reloads or stops for so much longer; to be repeated before. */
void notify_extend(struct notify *notify, uint64_t usec);

/* A sign of life. */
void notify_watchdog(struct notify *notify);

/* Tells once more what is owed; whether nothing is any more. */
bool notify_settle(struct notify *notify);

#endif
