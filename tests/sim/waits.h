/* SPDX-License-Identifier: ISC */

/* waits.h - how every interface that waits lets time pass. */

#ifndef SIM_WAITS_H
#define SIM_WAITS_H

#include <stdint.h>

/* Until `look' finds something, which it counts, or for `limit_ns'. */
int wait_for(int (*look)(void *), void *arg, uint64_t limit_ns);

#endif
