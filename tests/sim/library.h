/* SPDX-License-Identifier: ISC */

/* library.h - what the relay never does with libmux. */

#ifndef SIM_LIBRARY_H
#define SIM_LIBRARY_H

void library_live(void);

#endif
