/* SPDX-License-Identifier: ISC */

/* test-problems.c - what is wrong with a configuration, as it is shown. */

#include <stdlib.h>
#include <string.h>

#include "config/problems.h"
#include "tap.h"
#include "units.h"

/* All of it as it would be printed; the caller frees it. */
static char *
printed(const struct problems *problems, bool color)
{
	FILE *file = tmpfile();
	char *text = calloc(1, 4096);

	if (file == NULL || text == NULL)
		abort();
	problems_print(problems, file, color);
	rewind(file);
	(void)fread(text, 1, 4095, file);
	(void)fclose(file);
	return (text);
}

/* Whether one problem at a character of a line is shown like that. */
static void
shows(const char *line, unsigned column, const char *want, const char *name)
{
	struct problems problems = { .list = NULL };
	char *got;

	problems_add(&problems, "f", 7, column, line, "%s", "wrong");
	got = printed(&problems, false);
	if (!ok(strstr(got, want) != NULL, "%s", name))
		diag("%s", got);
	free(got);
	problems_free(&problems);
}

static void
test_excerpts(void)
{
	char line[1000];

	shows("key: x\nnext", 6, "f:7:6: error: wrong\n"
	    "    7 | key: x\n      |      ^\n", "a caret is below its place");
	shows("a\t\tb\r\n", 4, "    7 | a               b\n"
	    "      |                 ^\n", "tabs reach to where they do");
	shows("\xc3\xa9\xe4\xb8\xad" "e\xcc\x81x", 5,
	    "\n      |     ^\n", "characters take the room they take");
	shows("a\033[2Jb\xff" "c", 8, "    7 | a?[2Jb?c\n      |        ^\n",
	    "what does not belong on a terminal is not shown");
	shows("\xe2\x80\xaex", 2, "    7 | ?x\n      |  ^\n",
	    "nor what turns the direction of writing");
	shows("", 1, "    7 | \n      | ^\n", "an empty line has a caret");
	shows("abc", 4, "      |    ^\n", "and so has the end of a line");
	memset(line, 'x', sizeof(line) - 1);
	line[sizeof(line) - 1] = '\0';
	line[500] = '!';
	shows(line, 501, "...xxx", "of a long line a part is shown");
	shows(line, 501, "xxx...\n      | "
	    "                                                           "
	    "    ^\n", "with its caret");
}

static void
test_places(void)
{
	struct problems problems = { .list = NULL };
	char *got;

	problems_add(&problems, "b", 2, 1, NULL, "three");
	problems_add(&problems, "a", 9, 0, NULL, "four\n%s", "\033[0m\x80");
	problems_add(&problems, "b", 1, 5, NULL, "two");
	problems_add(&problems, "b", 1, 5, NULL, "two");
	problems_add(&problems, "b", 0, 0, NULL, "one");
	problems_add(&problems, NULL, 0, 0, NULL, "five");
	problems_sort(&problems);
	ok(problems_count(&problems) == 5, "the same is counted once");
	got = printed(&problems, false);
	if (!ok(strcmp(got, "b: error: one\nb:1:5: error: two\n"
	    "b:2:1: error: three\na:9: error: four??[0m?\n"
	    "muxproxy: error: five\n") == 0, "they are in order, and safe"))
		diag("%s", got);
	free(got);
	problems_free(&problems);
	ok(problems_count(&problems) == 0, "and can be forgotten");
}

static void
test_many_problems(void)
{
	struct problems problems = { .list = NULL };
	char *got, *last;
	unsigned i;

	for (i = 0; i < PROBLEMS_MAX + 5; i++)
		problems_add(&problems, NULL, 0, 0, NULL, "%u", i);
	ok(problems_count(&problems) == PROBLEMS_MAX + 5,
	    "any number of them is counted");
	problems.list += PROBLEMS_MAX - 1;
	problems.count = 1;
	got = printed(&problems, true);
	problems.list -= PROBLEMS_MAX - 1;
	problems.count = PROBLEMS_MAX;
	last = strstr(got, "muxproxy: and 5 more errors\n");
	ok(last != NULL, "those that are too many are told of");
	ok(strncmp(got, "\033[1mmuxproxy: \033[1;31merror:\033[0m\033[1m 999"
	    "\033[0m\n", 44) == 0, "with color there is color");
	free(got);
	problems_free(&problems);
}

void
test_problems(void)
{
	test_excerpts();
	test_places();
	test_many_problems();
	(void)setenv("NO_COLOR", "1", 1);
	ok(!problems_wants_color(stderr), "NO_COLOR is honoured");
	(void)unsetenv("NO_COLOR");
}
