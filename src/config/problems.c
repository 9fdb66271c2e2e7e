/* SPDX-License-Identifier: ISC */

/* problems.c - all that is wrong with a configuration, to be shown at once. */

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/problems.h"
#include "config/utf8.h"

#define TEXT_BYTES	2048	/* room for the words of one */
#define EXCERPT_COLUMNS	100	/* of a line that are shown */
#define EXCERPT_BEFORE	60	/* of them before the caret of a long line */
#define TAB_COLUMNS	8

#define BOLD	"\033[1m"
#define RED	"\033[1;31m"
#define GREEN	"\033[1;32m"
#define PLAIN	"\033[0m"

static void
problem_free(struct problem *problem)
{
	free(problem->file);
	free(problem->text);
	free(problem->excerpt);
}

void
problems_free(struct problems *problems)
{
	size_t i;

	for (i = 0; i < problems->count; i++)
		problem_free(&problems->list[i]);
	free(problems->list);
	*problems = (struct problems){ .list = NULL };
}

static char *
safe_copy(const char *text)
{
	const size_t length = strlen(text);
	char *copy;

	copy = malloc(length + 1);
	if (copy != NULL)
		(void)utf8_copy(copy, length + 1, text, length);
	return (copy);
}

/* One character of a line, and where it stands on a terminal. */
struct cell {
	const char *bytes;
	size_t length;
	unsigned column, columns;
};

/* A tab reaches to the next multiple; what is unfit is shown as `?'. */
static void
cell_measure(struct cell *cell, size_t left)
{
	uint32_t code;
	int columns;

	cell->length = utf8_decode(cell->bytes, left, &code);
	columns = utf8_columns(code);
	cell->columns = columns < 0 ? 1 : (unsigned)columns;
	if (code == '\t')
		cell->columns = TAB_COLUMNS - cell->column % TAB_COLUMNS;
	else if (columns < 0)
		cell->bytes = NULL;
}

/* The terminal's columns before the character number `column' of a line. */
static unsigned
columns_before(const char *line, size_t length, unsigned column)
{
	struct cell cell = { .column = 0 };
	size_t at;

	for (at = 0; at < length && column > 1; at += cell.length) {
		cell.bytes = line + at;
		cell_measure(&cell, length - at);
		cell.column += cell.columns;
		column--;
	}
	return (cell.column);
}

static void
put_cell(char *out, size_t *used, const struct cell *cell)
{
	if (cell->bytes == NULL) {
		out[(*used)++] = '?';
	} else if (*cell->bytes == '\t') {
		memset(out + *used, ' ', cell->columns);
		*used += cell->columns;
	} else {
		memcpy(out + *used, cell->bytes, cell->length);
		*used += cell->length;
	}
}

/* What a terminal shows of the line between two of its columns. */
static void
put_cells(char *out, const char *line, size_t length, unsigned from,
    unsigned to)
{
	struct cell cell = { .column = 0 };
	size_t at, used = strlen(out);

	for (at = 0; at < length && cell.column < to; at += cell.length) {
		cell.bytes = line + at;
		cell_measure(&cell, length - at);
		if (cell.column >= from)
			put_cell(out, &used, &cell);
		else if (cell.column + cell.columns > from)
			out[used++] = ' ';	/* half of a wide one, or a tab */
		cell.column += cell.columns;
	}
	out[used] = '\0';
	if (at < length)
		memcpy(out + used, "...", sizeof("..."));
}

/*
 * The part of the line around the caret.  A character without columns could
 * come any number of times, so room is made for the whole line.
 */
static void
make_excerpt(struct problem *problem, const char *line)
{
	size_t length = strcspn(line, "\n");
	unsigned before, from = 0;
	char *out;

	if (length > 0 && line[length - 1] == '\r')
		length--;
	before = columns_before(line, length, problem->column);
	if (before > EXCERPT_COLUMNS - 10)
		from = before - EXCERPT_BEFORE;
	out = malloc(length + EXCERPT_COLUMNS + 2 * TAB_COLUMNS + 8);
	if (out == NULL)
		return;
	memcpy(out, from == 0 ? "" : "...", from == 0 ? 1 : sizeof("..."));
	put_cells(out, line, length, from, from + EXCERPT_COLUMNS);
	problem->excerpt = out;
	problem->caret = before - from + (from == 0 ? 0 : 3);
}

static bool
same(const char *a, const char *b)
{
	return (a == b || (a != NULL && b != NULL && strcmp(a, b) == 0));
}

static bool
is_known(const struct problems *problems, const struct problem *problem)
{
	const struct problem *known;
	size_t i;

	for (i = 0; i < problems->count; i++) {
		known = &problems->list[i];
		if (known->line == problem->line &&
		    known->column == problem->column &&
		    same(known->text, problem->text) &&
		    same(known->file, problem->file))
			return (true);
	}
	return (false);
}

/* Takes it over, or frees it. */
static void
append(struct problems *problems, struct problem *problem)
{
	struct problem *list = NULL;

	if (is_known(problems, problem)) {
		problem_free(problem);
		return;
	}
	if (problems->count < PROBLEMS_MAX)
		list = realloc(problems->list,
		    (problems->count + 1) * sizeof(*list));
	if (list == NULL) {
		problems->is_out_of_memory |= problems->count < PROBLEMS_MAX;
		problems->left_out++;
		problem_free(problem);
		return;
	}
	problems->list = list;
	list[problems->count++] = *problem;
}

void
problems_add(struct problems *problems, const char *file, unsigned line,
    unsigned column, const char *excerpt, const char *format, ...)
{
	struct problem problem = { .line = line, .column = column };
	char text[TEXT_BYTES];
	va_list ap;

	va_start(ap, format);
	(void)vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	problem.text = safe_copy(text);
	problem.file = file == NULL ? NULL : safe_copy(file);
	if (problem.text == NULL || (file != NULL && problem.file == NULL)) {
		problem_free(&problem);
		problems->is_out_of_memory = true;
		problems->left_out++;
		return;
	}
	if (excerpt != NULL && column > 0)
		make_excerpt(&problem, excerpt);
	append(problems, &problem);
}

size_t
problems_count(const struct problems *problems)
{
	return (problems->count + problems->left_out);
}

/* The first problem with the same file stands for it. */
static size_t
rank(const struct problem *list, const struct problem *problem)
{
	size_t i;

	for (i = 0; !same(list[i].file, problem->file); i++)
		continue;
	return (i);
}

static bool
is_before(const struct problem *a, size_t a_rank, const struct problem *b,
    size_t b_rank)
{
	if (a_rank != b_rank)
		return (a_rank < b_rank);
	if (a->line != b->line)
		return (a->line < b->line);
	return (a->column < b->column);
}

/* Few are out of place, and those that are equal keep their order. */
void
problems_sort(struct problems *problems)
{
	struct problem *list = problems->list, moved;
	size_t ranks[PROBLEMS_MAX], i, at, moved_rank;

	for (i = 0; i < problems->count; i++)
		ranks[i] = rank(list, &list[i]);
	for (i = 1; i < problems->count; i++) {
		moved = list[i];
		moved_rank = ranks[i];
		for (at = i; at > 0 && is_before(&moved, moved_rank,
		    &list[at - 1], ranks[at - 1]); at--) {
			list[at] = list[at - 1];
			ranks[at] = ranks[at - 1];
		}
		list[at] = moved;
		ranks[at] = moved_rank;
	}
}

static void
print_place(const struct problem *problem, FILE *stream)
{
	(void)fputs(problem->file == NULL ? "muxproxy" : problem->file,
	    stream);
	if (problem->line > 0)
		(void)fprintf(stream, ":%u", problem->line);
	if (problem->line > 0 && problem->column > 0)
		(void)fprintf(stream, ":%u", problem->column);
	(void)fputs(": ", stream);
}

static void
print_excerpt(const struct problem *problem, FILE *stream, bool color)
{
	char number[16] = "";

	if (problem->line > 0)
		(void)snprintf(number, sizeof(number), "%u", problem->line);
	(void)fprintf(stream, "%5s | %s\n%5s | %*s%s^%s\n", number,
	    problem->excerpt, "", (int)problem->caret, "",
	    color ? GREEN : "", color ? PLAIN : "");
}

static void
problem_print(const struct problem *problem, FILE *stream, bool color)
{
	if (color)
		(void)fputs(BOLD, stream);
	print_place(problem, stream);
	(void)fprintf(stream, "%serror:%s %s%s\n", color ? RED : "",
	    color ? PLAIN BOLD : "", problem->text, color ? PLAIN : "");
	if (problem->excerpt != NULL)
		print_excerpt(problem, stream, color);
}

void
problems_print(const struct problems *problems, FILE *stream, bool color)
{
	size_t i;

	for (i = 0; i < problems->count; i++)
		problem_print(&problems->list[i], stream, color);
	if (problems->is_out_of_memory)
		(void)fputs("muxproxy: out of memory\n", stream);
	if (problems->left_out > 0)
		(void)fprintf(stream, "muxproxy: and %zu more errors\n",
		    problems->left_out);
}

bool
problems_wants_color(FILE *stream)
{
	const char *term = getenv("TERM"), *no = getenv("NO_COLOR");

	if (no != NULL && *no != '\0')
		return (false);
	return (term != NULL && strcmp(term, "dumb") != 0 &&
	    isatty(fileno(stream)) == 1);
}
