/* SPDX-License-Identifier: ISC */

/*
 * utf8.h - characters of UTF-8, and the room they take on a terminal.
 *
 * Not by the locale, which a daemon may not have set, and whose functions
 * share state among threads.
 */

#ifndef CONFIG_UTF8_H
#define CONFIG_UTF8_H

#include <stddef.h>
#include <stdint.h>

#define UTF8_INVALID	UINT32_MAX

/*
 * Reads the first character of `length' bytes, at least one, into *code, and
 * returns how many bytes it has.  What is no UTF-8 (RFC 3629) is one byte and
 * UTF8_INVALID.
 */
size_t utf8_decode(const char *text, size_t length, uint32_t *code);

/*
 * The columns of a character: 0, 1 or 2.  What does not belong on a terminal,
 * such as a control character or one that turns the direction of writing,
 * has to be replaced by `?' and is reported as -1.
 */
int utf8_columns(uint32_t code);

/*
 * Copies `length' bytes of text to `out', terminated, with `?' for all that
 * does not belong on a terminal.  What does not fit into `size' bytes is left
 * out, by whole characters.  Returns the bytes of text that were copied.
 */
size_t utf8_copy(char *out, size_t size, const char *text, size_t length);

#endif
