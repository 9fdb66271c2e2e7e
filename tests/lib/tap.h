/* SPDX-License-Identifier: ISC */

/*
 * tap.h - the Test Anything Protocol, as much of it as these tests need.
 *
 * Each check prints one numbered line that begins with the subject of
 * tap_begin().  The plan comes last, so a test that dies half-way has none
 * and fails.
 */

#ifndef TAP_H
#define TAP_H

#include <stdbool.h>

/* Names the subject of what follows and gives it a minute. */
void tap_begin(const char *subject);

/* Prints the plan; returns the exit status. */
int tap_done(void);

bool ok(bool passed, const char *name, ...)
    __attribute__((format(printf, 2, 3)));

/* Says what it got and what it wanted when they differ. */
bool is(long long got, long long want, const char *name, ...)
    __attribute__((format(printf, 3, 4)));

/* Whether a call failed, and with this errno: fails(f() == -1, EBUSY, ...). */
bool fails(bool failed, int want, const char *name, ...)
    __attribute__((format(printf, 3, 4)));

/* Stands for one check that this system or backend cannot make. */
void skip(const char *why, const char *name, ...)
    __attribute__((format(printf, 2, 3)));

void diag(const char *text, ...) __attribute__((format(printf, 1, 2)));

/* The test itself cannot go on: prints why, with errno, and ends it all. */
void bail_out(const char *what) __attribute__((noreturn));

#endif
