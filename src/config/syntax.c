/* SPDX-License-Identifier: ISC */

/*
 * syntax.c - what is wrong with YAML, in the words of its users.
 *
 * A parser says what it met; what the writer meant is another matter.  The
 * mistakes below are those that configurations of relays have: addresses in
 * brackets, variables in braces, tabs, and blanks left out.
 */

#include <string.h>

#include "config/syntax.h"

static const struct wording {
	const char *message;	/* how the parser's begins */
	const char *text;
} wordings[] = {
	{ "invalid nested block mapping on the same line",
	    "a second 'key: value' begins on the same line; quote a value "
	    "that has a colon and a blank in it" },
	{ "invalid multiline plain key",
	    "the next line is indented as if it went on with this value; "
	    "indent it like the key" },
	{ "invalid indentation in mapping",
	    "this line is indented neither like the ones above it nor like "
	    "what they are in" },
	{ "wrongly indented",
	    "this line is indented neither like the ones above it nor like "
	    "what they are in" },
	{ "did not find expected '-' indicator",
	    "this line is indented neither like the ones above it nor like "
	    "what they are in" },
	{ "unsupport version", "this version of YAML is not known" },
	{ "plain scalar cannot start with",
	    "a value that begins with this character has to be quoted" },
	{ "double-quoted scalar without closing quote",
	    "the closing quote of this value is missing" },
	{ "single-quoted scalar without closing quote",
	    "the closing quote of this value is missing" },
	{ "invalid trailing content after",
	    "nothing may follow the closing quote" },
	{ "missing comma in flow",
	    "a comma is missing between [ ] or { }" },
	{ "invalid value after mapping",
	    "nothing may follow the closing ] or }" },
};

static const char *
words_for(const char *message)
{
	size_t i;

	for (i = 0; i < sizeof(wordings) / sizeof(wordings[0]); i++) {
		if (strncmp(message, wordings[i].message,
		    strlen(wordings[i].message)) == 0)
			return (wordings[i].text);
	}
	return (message);
}

static size_t
start_of_line(const struct source *source, size_t offset)
{
	while (offset > 0 && source->text[offset - 1] != '\n')
		offset--;
	return (offset);
}

/* A tab where a line begins, in this line or the next; or NULL. */
static const char *
find_tab(const char *line)
{
	const char *at;
	int lines;

	for (lines = 0; lines < 2; lines++) {
		at = line + strspn(line, " ");
		if (*at == '\t')
			return (at);
		line = strchr(line, '\n');
		if (line == NULL)
			return (NULL);
		line++;
	}
	return (NULL);
}

/* An unquoted address in brackets, as in [::1]:8888; or NULL. */
static const char *
find_address(const char *line)
{
	const char *end = line + strcspn(line, "\n"), *at, *close;

	for (at = line; (at = memchr(at, '[', (size_t)(end - at))) != NULL;
	    at++) {
		close = at + 1 + strspn(at + 1, "0123456789abcdefABCDEF:.%");
		if (*close != ']' || memchr(at, ':', (size_t)(close - at)) ==
		    NULL || close[1] != ':')
			continue;
		if (at > line && (at[-1] == '"' || at[-1] == '\''))
			continue;
		return (at);
	}
	return (NULL);
}

/* ${NAME} between brackets, where its braces are those of YAML; or NULL. */
static const char *
find_variable(const char *line)
{
	const char *end = line + strcspn(line, "\n"), *at;

	for (at = line; (at = memchr(at, '$', (size_t)(end - at))) != NULL;
	    at++) {
		if (at[1] == '{' && (memchr(line, '[', (size_t)(at - line)) !=
		    NULL || memchr(line, '{', (size_t)(at - line)) != NULL))
			return (at);
	}
	return (NULL);
}

/* A hyphen without a blank, where an entry of a list would begin; or NULL. */
static const char *
find_hyphen(const char *line)
{
	const char *at = line + strspn(line, " ");

	return (at[0] == '-' && strchr("- \r\n", at[1]) == NULL ? at : NULL);
}

/* The quote of what was complained of, if its line has no other. */
static const char *
find_quote(const struct source *source, size_t offset)
{
	const char *at = source->text + offset, *end;

	if (offset > 0 && *at != '"' && *at != '\'')
		at--;
	if (*at != '"' && *at != '\'')
		return (NULL);
	end = at + strcspn(at, "\n");
	return (memchr(at + 1, *at, (size_t)(end - at - 1)) == NULL ?
	    at : NULL);
}

/* Whether a line has nothing but blanks and hyphens before an offset. */
static bool
is_first_word(const struct source *source, size_t offset)
{
	const size_t start = start_of_line(source, offset);

	return (strspn(source->text + start, " -") >= offset - start);
}

/* What the line looks like goes before what the parser says. */
static const char *
guess(const struct source *source, size_t offset, const char **where)
{
	const char *line = source->text + start_of_line(source, offset);

	if ((*where = find_tab(line)) != NULL)
		return ("a tab indents this line; YAML is indented by blanks alone");
	if ((*where = find_hyphen(line)) != NULL)
		return ("a blank must follow the hyphen");
	if ((*where = find_quote(source, offset)) != NULL)
		return ("the closing quote of this value is missing");
	if ((*where = find_address(line)) != NULL)
		return ("an address in brackets has to be quoted, as in \"[::1]:8888\"");
	if ((*where = find_variable(line)) != NULL)
		return ("between [ ] or { } a variable has to be quoted, as in \"${NAME}\"");
	return (NULL);
}

/*
 * One that was opened and not closed: when all has been read, or where a
 * line goes on further to the left than brackets may.
 */
static bool
is_unclosed(const struct source *source, size_t offset,
    const struct node *open, const char *message)
{
	return (open != NULL && open->offset < source->length &&
	    strchr("[{", source->text[open->offset]) != NULL &&
	    (strstr(message, "without a closing") != NULL ||
	    (start_of_line(source, offset) > open->offset &&
	    strstr(message, "indent") != NULL)));
}

void
syntax_problem(const struct source *source, size_t offset,
    const struct node *open, const char *message, struct problems *problems)
{
	const char *words, *where;

	if (message == NULL)
		message = "this is not YAML";
	words = guess(source, offset, &where);
	if (words != NULL) {
		offset = (size_t)(where - source->text);
	} else if (is_unclosed(source, offset, open, message)) {
		offset = open->offset;
		words = source->text[offset] == '[' ?
		    "the closing ] of this list is missing" :
		    "the closing } of this mapping is missing";
	} else if (strncmp(message, "invalid multiline plain key", 27) == 0 &&
	    is_first_word(source, offset))
		words = "this line has no key; write it with a colon and a "
		    "blank before its value";
	else
		words = words_for(message);
	source_problem(source, offset, problems, "%s", words);
}
