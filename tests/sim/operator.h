/* SPDX-License-Identifier: ISC */

/* operator.h - signals and wake-ups at any time. */

#ifndef SIM_OPERATOR_H
#define SIM_OPERATOR_H

#include "relay/worker.h"

/* What a terminal does, now. */
void operator_signal(int signo);

void operator_begin(struct mux_loop *loop, struct worker *worker);
void operator_end(void);

/* For the world: what is due happens; when the next is due. */
void operator_run(void);
uint64_t operator_next_ns(void);

/* After each turn: whether all arrives. */
void operator_turn(void);

#endif
