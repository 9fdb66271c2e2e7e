/* SPDX-License-Identifier: ISC */

/* thread.h - threads that no signal interrupts, and pipes between them. */

#ifndef BASE_THREAD_H
#define BASE_THREAD_H

#include <pthread.h>

/*
 * Starts a thread with all signals blocked: they are for the thread that
 * starts it.  -1 with errno.
 */
int thread_start(pthread_t *thread, void *(*run)(void *), void *arg);

/*
 * A pipe between threads, closed on exec.  -1 with errno, and then both are
 * -1.
 */
int thread_pipe(int fds[2]);

/*
 * What threads that help others confine themselves by, before they begin; who
 * knows how lives in a higher room.  NULL, as at first: they do not.  Told
 * before any of them is started.
 */
void thread_set_confine(void (*confine)(void));

/* By such a thread, as the first thing it does. */
void thread_confine(void);

#endif
