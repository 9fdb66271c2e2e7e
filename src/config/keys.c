/* SPDX-License-Identifier: ISC */

/* keys.c - reading mappings by the tables of keys. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/keys.h"
#include "config/suggest.h"

#define PATH_BYTES	128	/* of the longest way to a key */
#define SHOWN_BYTES	80	/* of a text in a message */
#define KEYS_MAX	32	/* of a table */

const struct key *
keys_find(const struct table *table, const char *name)
{
	size_t i;

	for (i = 0; i < table->count; i++) {
		if (strcmp(table->keys[i].name, name) == 0)
			return (&table->keys[i]);
	}
	return (NULL);
}

/* A way to a key, and who wants to know it. */
struct visit {
	keys_visit_fn *visit;
	void *context;
	char path[PATH_BYTES];
};

/* Everything below a table, with the way from there. */
static void
visit_table(struct visit *visit, const struct table *table, size_t used)
{
	const struct table *inner;
	size_t i, length;

	for (i = 0; i < table->count; i++) {
		length = used + (size_t)snprintf(visit->path + used,
		    sizeof(visit->path) - used, "%s%s", used == 0 ? "" : ".",
		    table->keys[i].name);
		if (length >= sizeof(visit->path))
			continue;
		visit->visit(visit->path, visit->context);
		inner = table->keys[i].inner;
		if (inner != NULL)
			visit_table(visit, inner, length);
	}
}

void
keys_visit(const struct table *table, keys_visit_fn *visit, void *context)
{
	struct visit state = { .visit = visit, .context = context };

	visit_table(&state, table, 0);
}

/* The first way that ends in a key of this name. */
struct elsewhere {
	const char *name;
	char path[PATH_BYTES];
};

static void
look_elsewhere(const char *path, void *context)
{
	struct elsewhere *elsewhere = context;
	const char *dot = strrchr(path, '.');

	if (elsewhere->path[0] == '\0' && strncmp(path, "defaults.", 9) != 0 &&
	    strcmp(dot == NULL ? path : dot + 1, elsewhere->name) == 0)
		(void)snprintf(elsewhere->path, sizeof(elsewhere->path), "%s",
		    path);
}

/* A key that other programs know by this name; or the name itself. */
static const char *
other_name(const char *name)
{
	static const char *const names[][2] = {
		{ "bind", "listen" }, { "port", "listen" },
		{ "address", "listen" }, { "frontend", "listen" },
		{ "backend", "upstreams" }, { "backends", "upstreams" },
		{ "server", "upstreams" }, { "servers", "upstreams" },
		{ "target", "upstreams" }, { "targets", "upstreams" },
		{ "to", "upstreams" }, { "threads", "workers" },
		{ "logging", "log" }, { "pid", "pidfile" },
		{ "whitelist", "allow" }, { "blacklist", "deny" },
		{ "maxconn", "connections" },
		{ "max-connections", "connections" },
		{ "max_connections", "connections" },
		{ "timeout", "timeouts" }, { "keep-alive", "keepalive" },
		{ "file", "target" }, { "output", "target" },
		{ "tos", "dscp" }, { "tfo", "fast-open" },
		{ "sndbuf", "send-buffer" }, { "rcvbuf", "receive-buffer" },
	};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(names[i][0], name) == 0)
			return (names[i][1]);
	}
	return (name);
}

/* `connect:5s' or `connect 5s', where a colon and a blank are missing. */
static const struct key *
begins_with_key(const struct table *table, const char *name)
{
	char word[SHOWN_BYTES];
	const size_t length = strcspn(name, ": ");

	if (name[length] == '\0' || length >= sizeof(word))
		return (NULL);
	memcpy(word, name, length);
	word[length] = '\0';
	return (keys_find(table, word));
}

static void
list_keys(char *out, size_t size, const struct table *table)
{
	size_t i, used = 0;

	for (i = 0; i < table->count && used < size; i++)
		used += (size_t)snprintf(out + used, size - used, "%s%s",
		    i == 0 ? "" : i + 1 == table->count ? " and " : ", ",
		    table->keys[i].name);
}

/* The key of the same table that was meant; or NULL. */
static const char *
meant_here(const struct table *table, const char *name)
{
	const char *other = other_name(name);

	if (keys_find(table, other) != NULL)
		return (other);
	return (suggest_word(name, &table->keys[0].name, table->count,
	    sizeof(table->keys[0])));
}

static void
misplaced_key(const struct reading *reading, const struct table *table,
    const struct node *node, struct elsewhere *elsewhere)
{
	char *dot = strrchr(elsewhere->path, '.');

	if (dot != NULL)
		*dot = '\0';
	reading_problem(reading, node, dot == NULL ?
	    "'%s' is no key of %s; write '%s' at the top of the main file" :
	    "'%s' is no key of %s; write '%s' below '%s'", node->text,
	    table->about, elsewhere->name, elsewhere->path);
}

static void
unknown_key(const struct reading *reading, const struct table *table,
    const struct node *node)
{
	struct elsewhere elsewhere = { .name = other_name(node->text) };
	const struct key *start = begins_with_key(table, node->text);
	const char *meant = meant_here(table, node->text);
	char all[512];

	keys_visit(table, look_elsewhere, &elsewhere);
	keys_visit(&keys_file, look_elsewhere, &elsewhere);
	list_keys(all, sizeof(all), table);
	if (table == &keys_included && keys_find(&keys_file, node->text) != NULL)
		reading_problem(reading, node, "'%s' belongs to the main file; "
		    "%s has %s", node->text, table->about, all);
	else if (start != NULL)
		reading_problem(reading, node, "'%.80s' is no key; after %s "
		    "there must be a colon and a blank", node->text,
		    start->name);
	else if (keys_find(table, elsewhere.name) == NULL &&
	    elsewhere.path[0] != '\0')
		misplaced_key(reading, table, node, &elsewhere);
	else if (meant != NULL)
		reading_problem(reading, node, "unknown key '%.80s'; did you "
		    "mean '%s'?", node->text, meant);
	else
		reading_problem(reading, node, "unknown key '%.80s'; %s has "
		    "%s", node->text, table->about, all);
}

static void check_keys(const struct reading *reading,
    const struct table *table, const struct node *mapping);

static void
check_merged(const struct reading *reading, const struct table *table,
    const struct node *merged)
{
	size_t i;

	if (merged->kind == NODE_MAPPING) {
		check_keys(reading, table, merged);
		return;
	}
	for (i = 0; merged->kind == NODE_LIST && i < merged->count; i++) {
		if (merged->children[i]->kind != NODE_MAPPING)
			break;
		check_keys(reading, table, merged->children[i]);
	}
	if (merged->kind != NODE_LIST || i < merged->count)
		reading_problem(reading, merged, "<< merges a mapping, or a "
		    "list of them; this is %s", node_kind_name(
		    merged->kind == NODE_LIST ? merged->children[i] : merged));
}

/* Each key is known, and no mapping has one twice. */
static void
check_keys(const struct reading *reading, const struct table *table,
    const struct node *mapping)
{
	const struct node *first[KEYS_MAX] = { NULL }, *node;
	const struct key *key;
	size_t i, number;

	for (i = 0; i < mapping->count; i += 2) {
		node = mapping->children[i];
		key = keys_find(table, node->text);
		if (node_is_merge(node)) {
			check_merged(reading, table, mapping->children[i + 1]);
			continue;
		}
		if (key == NULL) {
			unknown_key(reading, table, node);
			continue;
		}
		number = (size_t)(key - table->keys);
		if (first[number] != NULL)
			reading_problem(reading, node,
			    "%s is given twice; the first is in line %u",
			    key->name, source_line(reading->source,
			    first[number]->offset));
		first[number] = node;
	}
}

/* What is wrong with one single value is told with the value. */
static void
read_scalar(const struct reading *reading, const struct key *key,
    const struct node *value, void *field)
{
	const char *why;
	char *text;

	text = reading_text(reading, key->name, value, key->wants);
	if (text == NULL)
		return;
	why = key->scalar(reading, key, text, field);
	if (why != NULL)
		reading_problem(reading, value, "%s '%.*s%s': %s", key->name,
		    SHOWN_BYTES, text,
		    strlen(text) > SHOWN_BYTES ? "..." : "", why);
	free(text);
}

bool
keys_each(const struct reading *reading, const struct key *key,
    const struct node *value, keys_each_fn *each, void *context)
{
	size_t i;

	if (value->kind == NODE_MAPPING ||
	    (value->kind == NODE_LIST && value->count == 0 &&
	    !key->may_be_empty)) {
		reading_problem(reading, value, "%s is %s; write %s", key->name,
		    value->kind == NODE_MAPPING ? "a mapping" :
		    "an empty list", key->wants);
		return (false);
	}
	if (value->kind == NODE_VALUE)
		each(reading, value, context);
	for (i = 0; value->kind == NODE_LIST && i < value->count; i++)
		each(reading, value->children[i], context);
	return (true);
}

struct setting {
	const struct key *key;
	void *field;
};

static void
read_one(const struct reading *reading, const struct node *value,
    void *context)
{
	struct setting *setting = context;

	read_scalar(reading, setting->key, value, setting->field);
}

void
keys_set(const struct reading *reading, const struct key *key,
    const struct node *value, void *object)
{
	struct setting setting = { key, (char *)object + key->offset };

	if (key->set != NULL)
		key->set(reading, key, value, object);
	else if (key->scalar != NULL && key->is_list) {
		(void)key->scalar(reading, key, NULL, setting.field);
		(void)keys_each(reading, key, value, read_one, &setting);
	} else if (key->scalar != NULL)
		read_scalar(reading, key, value, setting.field);
}

/* They are set in the order of the table, so that a later key may refine an earlier. */
void
keys_read(const struct reading *reading, const struct table *table,
    const struct node *mapping, void *object)
{
	const struct node *value;
	size_t i;

	check_keys(reading, table, mapping);
	for (i = 0; i < table->count; i++) {
		value = node_find(mapping, table->keys[i].name);
		if (value != NULL)
			keys_set(reading, &table->keys[i], value, object);
	}
}

void
set_mapping(const struct reading *reading, const struct key *key,
    const struct node *value, void *object)
{
	if (value->kind != NODE_MAPPING)
		reading_wrong_kind(reading, key->name, value, key->wants);
	else
		keys_read(reading, key->inner, value,
		    (char *)object + key->offset);
}
