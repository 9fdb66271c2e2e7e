/* SPDX-License-Identifier: ISC */

/*
 * expand.c - variables of the environment in a text.
 *
 * Every dollar has a meaning or is an error, so that none changes its meaning
 * when there are more forms some day.
 */

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/expand.h"

#define NAME_MAX_BYTES	255

struct expansion {
	expand_lookup_fn *lookup;
	struct expand_error *error;
	char *out;
	size_t used, size;
};

static int
put(struct expansion *x, const char *bytes, size_t length)
{
	size_t size;
	char *larger;

	if (length > EXPAND_BYTES_MAX - x->used) {
		(void)snprintf(x->error->text, sizeof(x->error->text),
		    "with its variables, the value has more than %d KiB",
		    EXPAND_BYTES_MAX / 1024);
		return (-1);
	}
	/* and a byte for the end */
	if (x->out == NULL || length >= x->size - x->used) {
		size = 2 * (x->used + length) + 64;
		larger = realloc(x->out, size);
		if (larger == NULL)
			return (-1);
		x->out = larger;
		x->size = size;
	}
	memcpy(x->out + x->used, bytes, length);
	x->used += length;
	return (0);
}

/* NULL, as every function here has it that ends what reads the text. */
static const char *
wrong(struct expansion *x, const char *text)
{
	(void)snprintf(x->error->text, sizeof(x->error->text), "%s", text);
	return (NULL);
}

/* POSIX.1, 8.1: letters, digits and underscores, no digit first. */
static size_t
name_length(const char *text)
{
	size_t length = 0;

	while (isalnum((unsigned char)text[length]) || text[length] == '_')
		length++;
	return (isdigit((unsigned char)text[0]) ? 0 : length);
}

/* What to write instead of $NAME, or of a dollar that stands alone. */
static const char *
refuse_bare(struct expansion *x, const char *at)
{
	const size_t length = name_length(at + 1);

	if (length == 0 || length > 60)
		return (wrong(x, "a variable is written ${NAME}, and a dollar $$"));
	(void)snprintf(x->error->text, sizeof(x->error->text),
	    "a variable is written ${%.*s}, and a dollar $$", (int)length,
	    at + 1);
	return (NULL);
}

static const char *
refuse_unset(struct expansion *x, const char *name)
{
	(void)snprintf(x->error->text, sizeof(x->error->text),
	    "the environment has no variable %.60s; set it, or write "
	    "${%.60s:-DEFAULT}", name, name);
	return (NULL);
}

/* Between `default' and its brace; returns what follows the brace. */
static const char *
put_default(struct expansion *x, const char *text, const char *end, bool uses)
{
	const size_t length = (size_t)(end - text);

	if (memchr(text, '$', length) != NULL)
		return (wrong(x, "a default cannot have a variable or a dollar in it"));
	if (uses && put(x, text, length) == -1)
		return (NULL);
	return (end + 1);
}

/* From a ${ on; returns what follows the variable. */
static const char *
put_variable(struct expansion *x, const char *at)
{
	const char *start = at + 2, *end = strchr(start, '}'), *value;
	const size_t length = name_length(start);
	char name[NAME_MAX_BYTES + 1];

	if (end == NULL)
		return (wrong(x, "the closing } of this variable is missing"));
	if (length == 0)
		return (wrong(x, "a variable's name has letters, digits and "
		    "underscores, and begins with no digit"));
	if (length > NAME_MAX_BYTES)
		return (wrong(x, "the name of this variable is too long"));
	memcpy(name, start, length);
	name[length] = '\0';
	if (start[length] != '}' && strncmp(start + length, ":-", 2) != 0)
		return (wrong(x, "a variable is written ${NAME} or "
		    "${NAME:-DEFAULT}"));
	value = x->lookup(name);
	if (start[length] == ':')
		at = put_default(x, start + length + 2, end,
		    value == NULL || *value == '\0');
	else
		at = value == NULL ? refuse_unset(x, name) : end + 1;
	if (at != NULL && value != NULL &&
	    put(x, value, strlen(value)) == -1)
		return (NULL);
	return (at);
}

/* From a dollar on; returns what follows it, or NULL. */
static const char *
put_dollar(struct expansion *x, const char *at)
{
	if (at[1] == '{')
		return (put_variable(x, at));
	if (at[1] != '$')
		return (refuse_bare(x, at));
	return (put(x, at, 1) == -1 ? NULL : at + 2);
}

char *
expand_text(const char *text, expand_lookup_fn *lookup,
    struct expand_error *error)
{
	struct expansion x = { .lookup = lookup, .error = error };
	const char *at = text, *next;
	size_t plain;

	*error = (struct expand_error){ .where = 0 };
	for (;;) {
		plain = strcspn(at, "$");
		error->where = (size_t)(at - text);
		if (put(&x, at, plain) == -1)
			break;
		at += plain;
		if (*at == '\0') {
			x.out[x.used] = '\0';
			return (x.out);
		}
		error->where = (size_t)(at - text);
		next = put_dollar(&x, at);
		if (next == NULL)
			break;
		at = next;
	}
	free(x.out);
	return (NULL);
}
