/* SPDX-License-Identifier: ISC */

/* names.h - when the simulated resolver has something to say. */

#ifndef SIM_NAMES_H
#define SIM_NAMES_H

#include <stdint.h>

void names_run(void);
uint64_t names_next_ns(void);

#endif
