/* SPDX-License-Identifier: ISC */

/*
 * problems.h - all that is wrong with a configuration, to be shown at once.
 *
 * Printed in the form that compilers use and editors understand:
 *
 *	muxproxy.yaml:3:5: error: unknown key 'lisen'; did you mean 'listen'?
 *	    3 |     lisen: 8888
 *	      |     ^
 */

#ifndef CONFIG_PROBLEMS_H
#define CONFIG_PROBLEMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define PROBLEMS_MAX	1000	/* of which the words are kept */

/* All of it is safe to print: no control characters, and UTF-8. */
struct problem {
	char *file;		/* NULL: of no file */
	unsigned line, column;	/* from 1; 0: not at a place of it */
	char *text;		/* one line, without an end */
	char *excerpt;		/* the line of the file; NULL: none */
	unsigned caret;		/* columns of a terminal before its caret */
};

struct problems {
	struct problem *list;
	size_t count;
	size_t left_out;	/* over PROBLEMS_MAX, or for want of memory */
	bool is_out_of_memory;
};

/* One of zeroes has no problem yet. */
void problems_free(struct problems *problems);

/*
 * Adds a problem, unless the same is there.  `column' counts characters from
 * 1.  The excerpt ends at a newline or at its end; NULL is none.  Cannot fail:
 * what finds no memory is counted, and told of by problems_print().
 */
void problems_add(struct problems *problems, const char *file,
    unsigned line, unsigned column, const char *excerpt,
    const char *format, ...) __attribute__((format(printf, 6, 7)));

/* How many there are, with those whose words were not kept. */
size_t problems_count(const struct problems *problems);

/* By files, in the order in which they first had one, and by lines. */
void problems_sort(struct problems *problems);

void problems_print(const struct problems *problems, FILE *stream,
    bool color);

/* Whether a stream is a terminal whose user did not ask for no colors. */
bool problems_wants_color(FILE *stream);

#endif
