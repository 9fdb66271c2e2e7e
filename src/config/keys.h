/* SPDX-License-Identifier: ISC */

/*
 * keys.h - the keys of a configuration file, as tables.
 *
 * A table says for each key what it sets and how that is read.  The schema
 * and the manual page are held against it by a test.
 */

#ifndef CONFIG_KEYS_H
#define CONFIG_KEYS_H

#include "config/reading.h"

struct key;

/*
 * Reads one single value into what the key sets.  Returns NULL or what is
 * wrong with the text, which stays until the same thread asks again.  Before
 * the values of a list it is called with text NULL: the list begins anew.
 */
typedef const char *scalar_fn(const struct reading *reading,
    const struct key *key, const char *text, void *field);

/* Reads any value into the object that the table is about. */
typedef void value_fn(const struct reading *reading, const struct key *key,
    const struct node *value, void *object);

struct table {
	const char *about;	/* what has these keys, in words */
	const struct key *keys;
	size_t count;
};

struct key {
	const char *name;
	const char *wants;	/* what is expected, in words */
	scalar_fn *scalar;	/* one of these two, or neither: then the */
	value_fn *set;		/* file's reader looks for it */
	const struct table *inner;	/* of a mapping */
	size_t offset;		/* of what is set, in the object */
	uint64_t max;		/* of a number; what it is, is the scalar's */
	bool is_list;		/* one value, or a list of them */
	bool may_be_empty;	/* such a list */
};

extern const struct table keys_file;	/* sets a plan */
extern const struct table keys_included;	/* of a file that is included */
extern const struct table keys_route;	/* sets a route */
extern const struct table keys_defaults;	/* those that a route may lack */

/* Sets all that a mapping says, and tells of all that is wrong with it. */
void keys_read(const struct reading *reading, const struct table *table,
    const struct node *mapping, void *object);

/* Sets what one key says; the object is what its table is about. */
void keys_set(const struct reading *reading, const struct key *key,
    const struct node *value, void *object);

/* Calls for each value of one or a list; false when the kind is wrong. */
typedef void keys_each_fn(const struct reading *reading,
    const struct node *value, void *context);
bool keys_each(const struct reading *reading, const struct key *key,
    const struct node *value, keys_each_fn *each, void *context);

/* The key of that name, or NULL. */
const struct key *keys_find(const struct table *table, const char *name);

/* Calls for each key with its way from the table, such as `log.level'. */
typedef void keys_visit_fn(const char *path, void *context);
void keys_visit(const struct table *table, keys_visit_fn *visit,
    void *context);

/* Ready-made value_fns. */
value_fn set_mapping;		/* by the inner table, at the offset */

#endif
