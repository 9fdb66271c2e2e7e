/* SPDX-License-Identifier: ISC */

/* expand.h - variables of the environment in a text. */

#ifndef CONFIG_EXPAND_H
#define CONFIG_EXPAND_H

#include <stddef.h>

#define EXPAND_BYTES_MAX	(64 * 1024)	/* of what comes out */

/* As getenv(3): the value, or NULL. */
typedef char *expand_lookup_fn(const char *name);

/* What is wrong: `where' is the offset of the dollar, in words `text'. */
struct expand_error {
	size_t where;
	char text[200];
};

/*
 * Copies text, with ${NAME} replaced by the value of the variable, ${NAME:-x}
 * by x where it is unset or empty, and $$ by one dollar.  What is put in is
 * not looked at again.  Returns memory to be freed; or NULL, with *error
 * filled, whose text is empty when out of memory.
 */
char *expand_text(const char *text, expand_lookup_fn *lookup,
    struct expand_error *error);

#endif
