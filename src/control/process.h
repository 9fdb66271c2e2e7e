/* SPDX-License-Identifier: ISC */

/* process.h - the program as a process: start, signals, drain, stop. */

#ifndef CONTROL_PROCESS_H
#define CONTROL_PROCESS_H

#include "config/plan.h"
#include "control/failure.h"

/* Does what the plan says, until told to stop by a signal. */
enum exit_status process_run(struct plan *plan);

#endif
