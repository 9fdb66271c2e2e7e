/* SPDX-License-Identifier: ISC */

/* thread.h - starting threads that no signal interrupts. */

#ifndef BASE_THREAD_H
#define BASE_THREAD_H

#include <pthread.h>

/*
 * Starts a thread with all signals blocked: they are for the thread that
 * starts it.  -1 with errno.
 */
int thread_start(pthread_t *thread, void *(*run)(void *), void *arg);

#endif
