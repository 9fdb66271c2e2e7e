/* SPDX-License-Identifier: ISC */

/* reading.c - single values of a configuration file. */

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "config/expand.h"
#include "config/reading.h"

void
reading_problem(const struct reading *reading, const struct node *node,
    const char *format, ...)
{
	char text[2048];
	va_list ap;

	va_start(ap, format);
	(void)vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	source_problem(reading->source, node->offset, reading->problems,
	    "%s", text);
}

void
reading_out_of_memory(const struct reading *reading)
{
	reading->problems->is_out_of_memory = true;
	problems_add(reading->problems, reading->source->path, 0, 0, NULL,
	    "out of memory");
}

bool
reading_is_missing(const struct node *node)
{
	return (node->kind == NODE_VALUE && node->is_plain &&
	    (*node->text == '\0' || strcmp(node->text, "~") == 0 ||
	    strcmp(node->text, "null") == 0));
}

/* Somebody wrote `connect:5s'. */
static bool
lacks_blank(const struct node *node)
{
	const char *colon;

	if (node->kind != NODE_VALUE || !node->is_plain)
		return (false);
	colon = strchr(node->text, ':');
	return (colon != NULL && colon > node->text && colon[1] != '\0');
}

void
reading_wrong_kind(const struct reading *reading, const char *name,
    const struct node *node, const char *wants)
{
	if (reading_is_missing(node))
		reading_problem(reading, node, "%s has no value; write %s",
		    name, wants);
	else if (lacks_blank(node))
		reading_problem(reading, node, "%s is a single value; write "
		    "%s, with a blank after each colon", name, wants);
	else
		reading_problem(reading, node, "%s is %s; write %s", name,
		    node_kind_name(node), wants);
}

/* The dollar itself, where the text is in the file as it is in the node. */
static size_t
offset_in_source(const struct source *source, const struct node *node,
    size_t where)
{
	const size_t offset = node->offset + where;

	if (offset < source->length && where < node->length &&
	    memcmp(source->text + node->offset, node->text, where + 1) == 0)
		return (offset);
	return (node->offset);
}

static bool
has_control(const char *text)
{
	for (; *text != '\0'; text++) {
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return (true);
	}
	return (false);
}

char *
reading_text(const struct reading *reading, const char *name,
    const struct node *node, const char *wants)
{
	struct expand_error error;
	char *text;

	if (node->kind != NODE_VALUE || reading_is_missing(node)) {
		reading_wrong_kind(reading, name, node, wants);
		return (NULL);
	}
	text = expand_text(node->text, getenv, &error);
	if (text != NULL && !has_control(text))
		return (text);
	if (text != NULL)
		reading_problem(reading, node, "%s has a line break or a "
		    "control character in it; write %s", name, wants);
	else if (error.text[0] == '\0')
		reading_out_of_memory(reading);
	else
		source_problem(reading->source, offset_in_source(
		    reading->source, node, error.where), reading->problems,
		    "%s: %s", name, error.text);
	free(text);
	return (NULL);
}
