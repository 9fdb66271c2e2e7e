/* SPDX-License-Identifier: ISC */

/*
 * operands.c - the routes of a command line: LISTEN and UPSTREAM.
 *
 * The first `=' of a word ends its LISTEN, and commas part listeners before
 * it and upstreams after it.  So a path or a name that has one of these is
 * for a configuration file.
 */

#include <string.h>

#include "config/operands.h"

static bool
is_too_many(struct command *command, const char *where, size_t upstreams)
{
	if (upstreams <= UPSTREAMS_MAX)
		return (false);
	command_wrong(command, "too many operands: %zu upstreams%s, and at most "
	    "%d are possible", upstreams, where, UPSTREAMS_MAX);
	return (true);
}

static void
add_target(struct command *command, const struct target **list, size_t *count,
    plan_parse_fn *parse, const char *what, const char *text)
{
	const char *problem;

	if (!plan_add_target(command->plan, list, count, parse, text,
	    &problem))
		command->is_out_of_memory = true;
	else if (problem != NULL)
		command_wrong(command, "%s '%s': %s", what, text, problem);
}

static void
add_listener(struct command *command, struct route *route, const char *text)
{
	add_target(command, &route->listen, &route->listen_count,
	    target_parse_listen, "LISTEN", text);
}

static void
add_upstream(struct command *command, struct route *route, const char *text)
{
	add_target(command, &route->upstreams, &route->upstreams_count,
	    target_parse_upstream, "UPSTREAM", text);
}

/* Each of the words that commas join; they are parted in place. */
static void
add_each(struct command *command, struct route *route, char *words,
    void (*add)(struct command *, struct route *, const char *))
{
	char *comma;

	for (; words != NULL; words = comma) {
		comma = strchr(words, ',');
		if (comma != NULL)
			*comma++ = '\0';
		add(command, route, words);
	}
}

/* One more, by the name of the `length' first characters; or NULL. */
static struct route *
add_route(struct command *command, const char *name, size_t length)
{
	struct route *route;
	char *copy;

	copy = plan_alloc(command->plan, length + 1);
	route = plan_add_route(command->plan);
	if (copy == NULL || route == NULL) {
		command->is_out_of_memory = true;
		return (NULL);
	}
	memcpy(copy, name, length);
	*route = command->route;
	route->name = copy;
	return (route);
}

static char *
copied(struct command *command, const char *text)
{
	char *copy = plan_copy(command->plan, text);

	if (copy == NULL)
		command->is_out_of_memory = true;
	return (copy);
}

/* LISTEN UPSTREAM... */
static void
take_words(struct command *command, char *const *operands, size_t count)
{
	struct route *route;
	char *listeners;
	size_t i;

	if (is_too_many(command, "", count - 1))
		return;
	route = add_route(command, operands[0], strlen(operands[0]));
	listeners = copied(command, operands[0]);
	if (route == NULL || listeners == NULL)
		return;
	add_each(command, route, listeners, add_listener);
	if (count == 1)
		command_wrong(command, "UPSTREAM is missing after LISTEN '%s'",
		    operands[0]);
	for (i = 1; i < count; i++)
		add_upstream(command, route, operands[i]);
}

static size_t
count_commas(const char *text)
{
	size_t count = 0;

	for (; *text != '\0'; text++)
		count += *text == ',';
	return (count);
}

/* LISTEN=UPSTREAM,... */
static void
take_pair(struct command *command, const char *operand)
{
	const size_t length = strcspn(operand, "=");
	struct route *route;
	char *words, where[128];

	(void)snprintf(where, sizeof(where), " in '%.64s...'", operand);
	if (is_too_many(command, where, count_commas(operand + length) + 1))
		return;
	route = add_route(command, operand, length);
	words = copied(command, operand);
	if (route == NULL || words == NULL)
		return;
	words[length] = '\0';
	add_each(command, route, words, add_listener);
	add_each(command, route, words + length + 1, add_upstream);
}

void
operands_take(struct command *command, char *const *operands, int count)
{
	const char *with = NULL, *without = NULL;
	int i;

	for (i = 0; i < count; i++) {
		if (strchr(operands[i], '=') != NULL)
			with = operands[i];
		else
			without = operands[i];
	}
	if (count == 0)
		command_wrong(command, "LISTEN and UPSTREAM are missing, as in "
		    "'muxproxy 8888 localhost:9000'");
	else if (with != NULL && without != NULL)
		command_wrong(command, "'%s' and '%s': write one route as LISTEN "
		    "UPSTREAM..., or each as LISTEN=UPSTREAM; a name or path "
		    "that has a '=' is for a configuration file", with, without);
	else if (without != NULL)
		take_words(command, operands, (size_t)count);
	for (i = 0; without == NULL && i < count &&
	    !command->is_out_of_memory; i++)
		take_pair(command, operands[i]);
}
