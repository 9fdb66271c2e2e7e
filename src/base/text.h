/* SPDX-License-Identifier: ISC */

/* text.h - small things about strings that the C library leaves out. */

#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Reads `length' characters as a decimal number of at most `max': digits
 * alone, at least one, no sign, no blank.  False, with *number untouched,
 * for anything else.
 */
bool text_number(const char *text, size_t length, uint64_t max,
    uint64_t *number);

/*
 * Makes one line of text, in place: every control character becomes `?'.
 * Returns text.
 */
char *text_line(char *text);

/*
 * Copies text into `out', which has room for `size' bytes and is always
 * terminated, so that it is one word of a log line: blanks, quotes,
 * backslashes and what is not printable ASCII become \xNN.  What does not
 * fit is left out.  Returns out.
 */
char *text_word(char *out, size_t size, const char *text);

/* Whether it is UTF-8 (RFC 3629) without control characters, C1 included. */
bool text_is_plain_utf8(const char *text, size_t length);

/* Whether both are the same, or both NULL. */
bool text_equal(const char *a, const char *b);

/* Makes each byte that is not printable ASCII a `?', in place. */
void text_ascii(char *text, size_t length);

/*
 * What the system calls an error, for any thread: strerror(3) may share one
 * buffer among all.  The words stay until the same thread asks again, and have
 * nothing that ends, or escapes from, a text in quotes.
 */
const char *text_error(int error);

#endif
