/* SPDX-License-Identifier: ISC */

/* conform.h - what the parts of a script share, and need from the kernel. */

#ifndef SIM_CONFORM_H
#define SIM_CONFORM_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>

#define CLIENTS		3
#define SLOTS_COUNT	(2 * CLIENTS + 2)
#define LISTENER	(2 * CLIENTS)
#define REFUSER		(2 * CLIENTS + 1)	/* bound, but does not listen */

/* conform.c: clients, what was accepted, and the two above; -1: closed. */
extern int fds[SLOTS_COUNT];
extern bool has_connected[CLIENTS];
extern int family;
extern unsigned char next_byte;		/* of all that is sent */
extern unsigned long calls;		/* of which something was said */

size_t choose(size_t count);
const char *name_of(size_t slot);

/* conform-steps.c: does nothing where there is nothing to do it with. */
int choose_open(size_t count);		/* of the first ones; -1: none is */
void said(ssize_t result, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void set_linger(int fd);
void step_socket(void);
void step_connect(void);
void step_accept(void);
void step_send(void);
void step_recv(void);
void step_shutdown(void);
void step_close(void);
void step_reset(void);
void step_option(void);
void step_name(void);
void step_unacked(void);

/* conform-flood.c: who has filled his side, and what may be done then. */
extern bool is_full[2 * CLIENTS];
size_t partner_of(size_t slot);
void step_fill(void);
void step_drain(void);

/* conform-looks.c: in one of the ways, with masks picked by chance. */
void look(void);

/* conform-real.c and conform-sim.c: before all, and before each script. */
void network_open(void);
void network_begin(void);

/* Until nothing is under way any more. */
void network_settle(void);

/* Whether the script took so long that the kernel may have tried again. */
bool network_was_late(void);

#endif
