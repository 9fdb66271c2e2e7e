/* SPDX-License-Identifier: ISC */

/* test-options.c - the command line, and what is wrong with it. */

#include <errno.h>
#include <getopt.h>
#include <string.h>

#include "base/units.h"
#include "config/options.h"
#include "refusals.h"
#include "refuse.h"
#include "tap.h"

#define WORDS_MAX	80

static const struct {
	const char *words, *says;
} wrong[] = {
	{ "", "LISTEN and UPSTREAM are missing" },
	{ "8888", "UPSTREAM is missing after LISTEN '8888'" },
	{ "8888=localhost:1", "as two words" },
	{ "-c x", "-f is kept for a configuration file" },
	{ "-w 0 1 a:1", "--workers '0': it must be a whole number from 1 to" },
	{ "--workers=257 1 a:1", "--workers '257': it must be" },
	{ "-w two 1 a:1", "--workers 'two': it must be" },
	{ "--log-format json", "writes text only" },
	{ "-f x", "-f: this version has no configuration file" },
	{ "-t", "-t: this version has no configuration file" },
	{ "-T", "-T: this version has no configuration file" },
	{ "-Z", "unknown option -Z" },
	{ "--nothing", "unknown or ambiguous option --nothing" },
	{ "--daemon=yes", "option --daemon=yes takes no argument" },
	{ "--log", "option --log needs an argument" },
	{ "-p EMPTY 1 a:1", "the path is empty" },
	{ "--log x 1 a:1", "write stderr, syslog, or a path" },
	{ "--max-connections 0", "at least 1" },
	{ "--max-connections x", "at least 1" },
	{ "--idle-timeout 0s", "for no limit write off" },
	{ "--idle-timeout 5", ", or off" },
	{ "--half-close-timeout x", ", or off" },
	{ "--connect-timeout 0s", "longer than nothing" },
	{ "--connect-timeout off", "--connect-timeout 'off': " },
	{ "--shutdown-timeout x", ", or off" },
	{ "x: a:1", "LISTEN 'x:': the port is missing" },
	{ "1,2,1 a:1", "LISTEN '1': it is given twice" },
	{ "1 a", "UPSTREAM 'a': write HOST:PORT" },
	{ "1 a:1 unix:", "UPSTREAM 'unix:': the path is missing" },
	{ "-D --log stderr 1 a:1", "a daemon has no standard error" },
	{ "-D --log ./x 1 a:1", "'./x': with --daemon" },
	{ "-D -p x 1 a:1", "'x': with --daemon" },
	{ "-D unix:x a:1", "'x': with --daemon" },
	{ "-D 1 a:1 unix:x", "'x': with --daemon" },
};

/* The words are split in place, and must outlive the plan. */
static enum options_action
parse(struct plan *plan, char *words)
{
	static char name[] = "muxproxy", empty[] = "";
	char *argv[WORDS_MAX + 1] = { name };
	int argc = 1;
	char *word;

	for (word = strtok(words, " "); word != NULL && argc < WORDS_MAX;
	    word = strtok(NULL, " "))
		argv[argc++] = strcmp(word, "EMPTY") == 0 ? empty : word;
	argv[argc] = NULL;
	optind = 0;		/* anew, with all that getopt_long() keeps */
	return (options_parse(plan, argc, argv));
}

static enum options_action
parse_all(const char *words)
{
	char copy[1024];
	struct plan *plan = plan_create();
	enum options_action action;

	if (plan == NULL)
		return (OPTIONS_FAILED);
	(void)strcpy(copy, words);
	action = parse(plan, copy);
	plan_release(plan);
	return (action);
}

static void
test_wrong(void)
{
	char many[1024] = "1";
	const char *text;
	enum options_action action;
	size_t i;

	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		catch_stderr();
		action = parse_all(wrong[i].words);
		text = caught();
		if (!ok(action == OPTIONS_WRONG && strstr(text, wrong[i].says) != NULL &&
		    strstr(text, "--help") != NULL, "'%s'", wrong[i].words))
			diag("%s", text);
	}
	for (i = 0; i < 65; i++)
		(void)strcat(many, " a:1");
	catch_stderr();
	action = parse_all(many);
	ok(action == OPTIONS_WRONG && strstr(caught(), "too many operands: "
	    "65 upstreams, and at most 64") != NULL, "too many operands");
}

static void
test_right(void)
{
	char all[] = "-D -p /p -q -u root --log /l --connect-timeout 1s "
	    "--idle-timeout off --half-close-timeout 2s --shutdown-timeout 0s "
	    "--max-connections 7 1,unix:/a b:2 unix:/c builtin:echo";
	struct plan *plan = plan_create();
	const struct route *route;

	is(parse(plan, all), OPTIONS_RUN, "all options");
	route = &plan->routes[0];
	ok(plan->is_daemon && strcmp(plan->pidfile, "/p") == 0 &&
	    strcmp(plan->user, "root") == 0 &&
	    strcmp(plan->log.events.target, "/l") == 0 &&
	    plan->log.threshold == SEVERITY_WARNING, "the process");
	ok(route->connect_timeout_ms == 1000 &&
	    route->idle_timeout_ms == DURATION_OFF &&
	    route->half_close_timeout_ms == 2000 &&
	    plan->shutdown_timeout_ms == 0 && plan->connections_max == 7,
	    "the limits");
	ok(route->listen_count == 2 && route->upstreams_count == 3,
	    "the operands");
	plan_release(plan);
	is(parse_all("-h"), OPTIONS_HELP, "help");
	is(parse_all("-V"), OPTIONS_VERSION, "version");
	is(parse_all("-vV"), OPTIONS_FACTS, "facts");
	is(parse_all("-D --log syslog 1 a:1"), OPTIONS_RUN, "a daemon, syslog");
	is(parse_all("-D 1 a:1"), OPTIONS_RUN, "a daemon");
}

static void
test_memory(void)
{
	enum options_action action = OPTIONS_FAILED;
	unsigned n;

	/* the first is the plan itself */
	for (n = 2; action == OPTIONS_FAILED; n++) {
		refuse(CALL_calloc, n, ENOMEM);
		catch_stderr();
		action = parse_all("1 a:1");
		ok(refuse_end() == 0 ? action == OPTIONS_RUN :
		    strcmp(caught(), "muxproxy: out of memory\n") == 0,
		    "calloc, %u", n);
	}
	(void)caught();
}

void
test_options(void)
{
	test_wrong();
	test_right();
	test_memory();
}
