/* SPDX-License-Identifier: ISC */

/* process.h - the program as a process: start, signals, drain, stop. */

#ifndef CONTROL_PROCESS_H
#define CONTROL_PROCESS_H

#include "config/plan.h"
#include "control/failure.h"

/*
 * Before anything is read: keeps signals that ask for a change, HUP, USR1 and
 * USR2, until the program serves; they would end it.
 */
void process_hold_changes(void);

/*
 * Does what the plan says, until told to stop by a signal.  The command line,
 * which the plan is from, is read again for a reload and given to a successor.
 */
enum exit_status process_run(struct plan *plan, int argc, char **argv);

#endif
