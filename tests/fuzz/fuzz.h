/* SPDX-License-Identifier: ISC */

/*
 * fuzz.h - what a fuzz target is made of.
 *
 * A target is one file with fuzz_name and LLVMFuzzerTestOneInput(), which
 * must not leave anything behind.  Linked with libFuzzer it is fed with
 * inputs without end; linked with replay.c it is a test that reads those of
 * corpus/NAME.
 */

#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const char fuzz_name[];

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What must hold for every input. */
#define MUST(condition)	do {						\
	if (!(condition)) {						\
		(void)fprintf(stderr, "%s:%d: not so: %s\n", __FILE__,	\
		    __LINE__, #condition);				\
		abort();						\
	}								\
} while (0)

/* The input as a string of exactly its own size; the caller frees it. */
static inline char *
fuzz_text(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	MUST(text != NULL);
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	return (text);
}

#endif
