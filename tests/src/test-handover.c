/* SPDX-License-Identifier: ISC */

/* test-handover.c - what one process says to the one that succeeds it. */

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/handover.h"
#include "tap.h"
#include "units.h"

/* A text whose lines are records. */
static size_t
records(char *out, const char *lines)
{
	const size_t length = strlen(lines);
	size_t i;

	for (i = 0; i < length; i++)
		out[i] = (char)(lines[i] == '\n' ? '\0' : lines[i]);
	return (length);
}

static const struct {
	const char *lines, *problem;
} wrong[] = {
	{ "listen 7 *:80", "a record that does not end" },
	{ "\n", "an unknown record" },
	{ "listen\n", "an unknown record" },
	{ "listens 7 *:80\n", "an unknown record" },
	{ "listen 7\n", "a listener without a descriptor" },
	{ "listen x *:80\n", "a listener without a descriptor" },
	{ "listen  7 *:80\n", "a listener without a descriptor" },
	{ "listen -1 *:80\n", "a listener without a descriptor" },
	{ "listen 2147483648 *:80\n", "a listener without a descriptor" },
	{ "listen 7 \n", "a listener without a place" },
	{ "listen 7 nothing\n", "a listener without a place" },
	{ "listen 7 builtin:echo\n", "a listener without a place" },
	{ "listen 7 *:80\nlisten 8 *:0\n", "a listener without a place" },
	{ "file 1 2\n", "a file without a listener" },
	{ "listen 7 *:80\nfile 1 2\n", "a file of no UNIX-domain socket" },
	{ "listen 7 unix:/a\nfile 1 2\nfile 1 2\n",
	    "a file of no UNIX-domain socket" },
	{ "listen 7 unix:/a\nfile 1\n", "a file without numbers" },
	{ "listen 7 unix:/a\nfile 1 \n", "a file without numbers" },
	{ "listen 7 unix:/a\nfile 1 2 3\n", "a file without numbers" },
	{ "listen 7 unix:/a\nfile 1 18446744073709551616\n",
	    "a file without numbers" },
	{ "passed\n", "an unknown record" },
	{ "passed x web\n", "a passed socket without a descriptor" },
	{ "passed 3\n", "a passed socket without a descriptor" },
	{ "passed 3 a\tb\n", "a passed socket without a name" },
	{ "passed 3 web\npassed 4\n", "a passed socket without a descriptor" },
	{ "pidfile\n", "an unknown record" },
	{ "pidfile x\n", "a pid file without a descriptor" },
	{ "pidfile 3 4\n", "a pid file without a descriptor" },
	{ "ready\n", "an unknown record" },
};

static void
test_wrong(void)
{
	struct handover handover;
	const char *problem;
	char bytes[128];
	size_t i, length;

	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		length = records(bytes, wrong[i].lines);
		problem = handover_parse(&handover, bytes, length);
		ok(problem != NULL && strcmp(problem, wrong[i].problem) == 0 &&
		    handover.listeners == NULL && handover.count == 0 &&
		    handover.passed == NULL && handover.passed_count == 0 &&
		    handover.pidfile_fd == -1, "%s: %zu", wrong[i].problem, i);
	}
}

static void
test_right(void)
{
	struct handover handover;
	const struct handover_listener *list;
	char bytes[256], text[TARGET_TEXT_SIZE];
	size_t length;

	length = records(bytes, "listen 7 *:80\nlisten 2147483647 unix:/a b\n"
	    "file 18446744073709551615 0\nlisten 9 systemd:web\npidfile 3\n"
	    "passed 4 \npassed 5 a name\n");
	ok(handover_parse(&handover, bytes, length) == NULL, "all records");
	list = handover.listeners;
	is((long long)handover.count, 3, "three listeners");
	is(handover.pidfile_fd, 3, "a pid file");
	ok(list[0].fd == 7 && list[0].target.port == 80 && !list[0].has_file,
	    "a port");
	ok(list[1].fd == INT_MAX && list[1].has_file &&
	    list[1].device == UINT64_MAX && list[1].inode == 0 &&
	    strcmp(list[1].target.path, "/a b") == 0, "a path, and its file");
	ok(!list[2].has_file && strcmp(target_format(text, sizeof(text),
	    &list[2].target), "systemd:web") == 0, "a name");
	ok(handover.passed_count == 2 && handover.passed[0].fd == 4 &&
	    handover.passed[0].name[0] == '\0' && handover.passed[1].fd == 5 &&
	    strcmp(handover.passed[1].name, "a name") == 0,
	    "sockets of the service manager");
	handover_free(&handover);
	ok(handover.listeners == NULL && handover.pidfile_fd == -1, "freed");

	ok(handover_parse(&handover, "", 0) == NULL && handover.count == 0 &&
	    handover.pidfile_fd == -1, "nothing is allowed");
	handover_free(&handover);
}

/* As many as are allowed, and one more. */
static void
test_many(void)
{
	const char record[] = "listen 7 *:80";
	char *bytes = malloc((HANDOVER_MAX + 1) * sizeof(record));
	struct handover handover;
	const char *problem;
	size_t i;

	if (bytes == NULL)
		bail_out("no memory");
	for (i = 0; i <= HANDOVER_MAX; i++)
		memcpy(bytes + i * sizeof(record), record, sizeof(record));
	ok(handover_parse(&handover, bytes, HANDOVER_MAX * sizeof(record)) ==
	    NULL && handover.count == HANDOVER_MAX, "very many");
	handover_free(&handover);
	problem = handover_parse(&handover, bytes,
	    (HANDOVER_MAX + 1) * sizeof(record));
	ok(problem != NULL && strcmp(problem, "too many listeners") == 0,
	    "and no more");
	free(bytes);
}

static const struct {
	const char *lines, *problem;
} answers[] = {
	{ "ready\n", NULL },
	{ "kept 7\nkept 8\npidfile\nready\n", NULL },
	{ "", "it ended before it was ready" },
	{ "kept 7\npidfile\n", "it ended before it was ready" },
	{ "ready", "a record that does not end" },
	{ "ready\nready\n", "something behind the end" },
	{ "ready\nkept 7\n", "something behind the end" },
	{ "kept\nready\n", "an unknown record" },
	{ "kept \nready\n", "a listener without a descriptor" },
	{ "kept 7 8\nready\n", "a listener without a descriptor" },
	{ "kept -7\nready\n", "a listener without a descriptor" },
	{ "pidfile 3\nready\n", "an unknown record" },
	{ "rubbish\n", "an unknown record" },
};

static void
test_answers(void)
{
	struct handover_answer answer;
	const char *problem, *want;
	char bytes[128];
	size_t i, length;

	for (i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		length = records(bytes, answers[i].lines);
		problem = handover_parse_answer(&answer, bytes, length);
		want = answers[i].problem;
		ok(problem == want || (problem != NULL && want != NULL &&
		    strcmp(problem, want) == 0), "answer %zu", i);
		ok(answer.is_ready == (want == NULL) &&
		    (want == NULL || answer.kept == NULL), "and what it is");
		if (i == 1)
			ok(answer.count == 2 && answer.kept[0] == 7 &&
			    answer.kept[1] == 8 && answer.has_pidfile, "whole");
		handover_free_answer(&answer);
	}
}

void
test_handover(void)
{
	test_right();
	test_wrong();
	test_many();
	test_answers();
}
