/* SPDX-License-Identifier: ISC */

/*
 * logfmt.h - how a line of the log is written, and reading one.
 *
 *	line	event *( SP key "=" value )
 *	event	a lower-case word; key: the same
 *	value	word | DQUOTE text DQUOTE
 *
 * A word is printable ASCII without blanks, quotes and backslashes; any other
 * byte is \xNN.  Text may have blanks too, and \" and \\.  A word that looks
 * like a number is one: 12, -1, 0.5; and with an s behind a fraction, seconds:
 * 1.234s.  So whatever is not a number, but may look like one, is in quotes.
 */

#ifndef BASE_LOGFMT_H
#define BASE_LOGFMT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Writes text as one value that is not taken for a number: a word, in quotes
 * where it looks like one.  What does not fit into size, which is at least 3,
 * is left out.  Returns out.
 */
char *logfmt_string(char *out, size_t size, const char *text);

/*
 * The same in quotes, which keeps blanks: for words that people are to read.
 * size is at least 3.
 */
char *logfmt_text(char *out, size_t size, const char *text);

enum logfmt_type {
	LOGFMT_STRING, LOGFMT_INTEGER, LOGFMT_REAL, LOGFMT_SECONDS
};

/* Within the line that was read. */
struct logfmt_field {
	const char *key;	/* NULL: the value is a rest without form */
	size_t key_length;
	const char *value;	/* without its quotes */
	size_t value_length;
	enum logfmt_type type;
};

/* The length of the event at the begin of a line; 0: it has none. */
size_t logfmt_event(const char *line);

/*
 * Takes the next field from *at on, which was behind the event at first.
 * False at the end of the line.  What is not a field is a rest, up to the end:
 * a line that was cut may end so.
 */
bool logfmt_next(const char **at, struct logfmt_field *field);

/*
 * The value as it was before it was escaped, when that is UTF-8 without
 * control characters; else as it stands in the line, where what is not ASCII is
 * `?'.  out has room for the length of the value and one more.  Returns the
 * length.
 */
size_t logfmt_decode(char *out, const struct logfmt_field *field);

#endif
