/* SPDX-License-Identifier: ISC */

/* test-options.c - the command line, and what is wrong with it. */

#include "config.h"

#include <errno.h>
#include <string.h>

#include "base/units.h"
#include "config/options.h"
#include "refusals.h"
#include "refuse.h"
#include "tap.h"

#define WORDS_MAX	80

/* What a build without it refuses. */
#ifdef HAVE_UTHASH
#define PER_SOURCE	5
#define PER_SOURCE_TEXT	"5"
#else
#define PER_SOURCE	0
#define PER_SOURCE_TEXT	"off"
#endif

static const struct {
	const char *words, *says;
} wrong[] = {
	{ "", "LISTEN and UPSTREAM are missing" },
	{ "8888", "UPSTREAM is missing after LISTEN '8888'" },
	{ "8888=localhost:1 8889", "write one route as LISTEN UPSTREAM" },
	{ "8888 a:1 unix:/a=b", "a '=' is for a configuration file" },
	{ "8888=", "UPSTREAM '': it is empty" },
	{ "=a:1", "LISTEN '': it is empty" },
	{ "1=a:1,", "UPSTREAM '': it is empty" },
	{ "1=a:1=b:1", "UPSTREAM 'a:1=b:1': " },
	{ "1=a:1 2=b:1 1=c:1", "LISTEN: *:1 is listened on already" },
	{ "1=a:1 2,:1=c:1", "LISTEN: *:1 is listened on already" },
	{ "unix:/a=a:1 unix:/a=b:1", "LISTEN: unix:/a is listened on" },
	{ "10-20=a:1 20-30=b:1", "*:20-30 has a port in common with" },
	{ "10-20=a:1 15=b:1", "*:15 has a port in common with *:10-20" },
	{ "10-20 a:1-5", "has 11 ports, and 'a:1-5' has 5" },
	{ "10-20=b:1-11,a:1-5", "has 11 ports, and 'a:1-5' has 5" },
	{ "10-20,5=b:1-11", "'*:5' has 1 port, and 'b:1-11' has 11" },
	{ "unix:/a=b:1-11", "'unix:/a' has no port, and 'b:1-11' has 11" },
	{ "systemd:a=b:1-2", "'systemd:a' has no port" },
	{ "20-10 a:1", "LISTEN '20-10': the range of ports is the wrong way" },
	{ "--source ::1 1 1.2.3.4:1", "UPSTREAM '1.2.3.4:1': this upstream" },
	{ "--allow 10.1.0.0/16 --deny 10.0.0.0/8 1 a:1", "--allow: 10.1.0.0" },
	{ "1=systemd:a", "UPSTREAM 'systemd:a': " },
	{ "-c x", "-f names a configuration file and -t checks it" },
	{ "-n 1 a:1", "unknown option -n" },
	{ "-w 0 1 a:1", "--workers '0': it must be a whole number from 1 to" },
	{ "--workers=257 1 a:1", "--workers '257': it must be" },
	{ "-w two 1 a:1", "--workers 'two': it must be" },
	{ "--log-format xml 1 a:1", "--log-format 'xml': write text or json" },
#ifndef HAVE_JANSSON
	{ "--log-format json 1 a:1", "(configure --with-jansson)" },
#endif
	{ "-f", "option -f, --config needs an argument" },
	{ "-f EMPTY", "--config: the path is empty" },
	{ "-f a -f b", "--config is given twice" },
	{ "-f a 1 a:1", "'1': with -f there is no LISTEN" },
	{ "-D -f a", "'a': with --daemon" },
	{ "-f a -w 0", "--workers '0': " },
	{ "-f a --connect-timeout 1s", "as timeouts: {connect: 3s}" },
	{ "-f a --idle-timeout 1s", "--idle-timeout cannot be used with -f" },
	{ "-f a --half-close-timeout 1s", "as timeouts: {half-close: 30s}" },
	{ "-f a --per-source 1", "as limits: {per-source: 50}" },
	{ "-f a --accept-rate 1/s", "as limits: {accept-rate: 200/s}" },
	{ "-f a --allow 10.0.0.0/8", "as allow: [10.0.0.0/8]" },
	{ "-f a --deny 10.0.0.0/8", "as deny: [10.6.6.6]" },
	{ "-f a --source ::1", "as source: 192.0.2.1" },
	{ "-t", "LISTEN and UPSTREAM are missing" },
	{ "-T 1", "UPSTREAM is missing after" },
	{ "-Z", "unknown option -Z" },
	{ "-:", "unknown option -:" },
	{ "--nothing", "unknown or ambiguous option --nothing" },
	{ "--daemon=yes", "option --daemon=yes takes no argument" },
	{ "--no-sandbox=1", "option --no-sandbox=1 takes no argument" },
	{ "--log", "option --log needs an argument" },
	{ "-p EMPTY 1 a:1", "the path is empty" },
	{ "-u EMPTY 1 a:1", "--user '': write USER or USER:GROUP" },
	{ "-u a: 1 a:1", "--user 'a:': write USER or USER:GROUP" },
	{ "-u :a 1 a:1", "--user ':a': write USER or USER:GROUP" },
	{ "--log x 1 a:1", "journald, or a path" },
	{ "--memory 0b 1 a:1", "--memory '0b': it must be more than nothing" },
	{ "--memory 7 1 a:1", "--memory '7': a unit is missing" },
	{ "--max-connections 0", "from 1 to" },
	{ "--max-connections x", "from 1 to" },
	{ "--per-source 0", "--per-source '0': it must be" },
	{ "--accept-rate 7", "--accept-rate '7': a unit is missing" },
	{ "--allow 10.0.0.0/33", "--allow '10.0.0.0/33': " },
	{ "--deny x", "--deny 'x': " },
	{ "--source host", "--source 'host': it must be an address" },
	{ "--source ::ffff:127.0.0.1", "without ::ffff:" },
	{ "--idle-timeout 0s", "for no limit write off" },
	{ "--idle-timeout 5", ", or off" },
	{ "--half-close-timeout x", ", or off" },
	{ "--connect-timeout 0s", "longer than nothing" },
	{ "--connect-timeout off", "--connect-timeout 'off': " },
	{ "--shutdown-timeout x", ", or off" },
	{ "x: a:1", "LISTEN 'x:': the port is missing" },
	{ "1,2,1 a:1", "LISTEN: *:1 is listened on already" },
	{ "1 a", "UPSTREAM 'a': write HOST:PORT" },
	{ "1 a:1 unix:", "UPSTREAM 'unix:': the path is missing" },
	{ "-D --log stderr 1 a:1", "a daemon has no standard error" },
	{ "-D --log ./x 1 a:1", "'./x': with --daemon" },
	{ "-D -p x 1 a:1", "'x': with --daemon" },
	{ "-D unix:x a:1", "'x': with --daemon" },
	{ "-D 1 a:1 unix:x", "'x': with --daemon" },
	{ "-D 1=a:1 2=unix:x", "'x': with --daemon" },
};

/* The words are split in place, and must outlive the plan. */
static enum options_action
parse(struct plan *plan, char *words, struct problems *problems)
{
	static char name[] = "muxproxy", empty[] = "";
	char *argv[WORDS_MAX + 1] = { name };
	int argc = 1;
	char *word;

	for (word = strtok(words, " "); word != NULL && argc < WORDS_MAX;
	    word = strtok(NULL, " "))
		argv[argc++] = strcmp(word, "EMPTY") == 0 ? empty : word;
	argv[argc] = NULL;
	return (options_parse(plan, argc, argv, problems));
}

static enum options_action
parse_all(const char *words, struct problems *problems)
{
	char copy[1024];
	struct plan *plan = plan_create();
	enum options_action action;

	*problems = (struct problems){ .list = NULL };
	if (plan == NULL) {
		problems->is_out_of_memory = true;
		return (OPTIONS_FAILED);
	}
	(void)strcpy(copy, words);
	action = parse(plan, copy, problems);
	plan_release(plan);
	return (action);
}

/* Whether one of the problems says so. */
static bool
says(const struct problems *problems, const char *text)
{
	size_t i;

	for (i = 0; i < problems->count; i++) {
		if (strstr(problems->list[i].text, text) != NULL)
			return (true);
	}
	return (false);
}

static void
is_wrong(const char *words, const char *text)
{
	struct problems problems;
	enum options_action action;
	size_t i;

	action = parse_all(words, &problems);
	if (!ok(action == OPTIONS_WRONG && says(&problems, text), "'%.60s'",
	    words)) {
		for (i = 0; i < problems.count; i++)
			diag("%s", problems.list[i].text);
	}
	problems_free(&problems);
}

static void
becomes(const char *words, enum options_action want)
{
	struct problems problems;

	is(parse_all(words, &problems), want, "'%s'", words);
	ok(problems_count(&problems) == 0, "it has no problem");
	problems_free(&problems);
}

static void
test_wrong(void)
{
	char many[1024] = "1", pair[1024] = "1=";
	struct problems problems;
	size_t i;

	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		is_wrong(wrong[i].words, wrong[i].says);
	for (i = 0; i < 65; i++) {
		(void)strcat(many, " a:1");
		(void)strcat(pair, i == 0 ? "a:1" : ",a:1");
	}
	is_wrong(many, "too many operands: 65 upstreams, and at most 64");
	is_wrong(pair, "too many operands: 65 upstreams in '1=a:1,");
	(void)parse_all("-w 0 --idle-timeout 5 -u EMPTY 0 x", &problems);
	is((long long)problems.count, 5, "all that is wrong is told");
	problems_free(&problems);
	(void)parse_all("-Z -w 0 0 x --nothing", &problems);
	is((long long)problems.count, 2, "or what is unknown alone");
	problems_free(&problems);
}

static void
test_right(void)
{
	char all[] = "-D -p /p -q -u root --log /l --connect-timeout 1s "
	    "--idle-timeout off --half-close-timeout 2s --shutdown-timeout 0s "
	    "--max-connections 7 --memory 1g --no-sandbox -w 3 "
	    "1,unix:/a b:2 unix:/c builtin:echo";
	struct plan *plan = plan_create();
	struct problems problems = { .list = NULL };
	const struct route *route;

	is(parse(plan, all, &problems), OPTIONS_RUN, "all options");
	route = &plan->routes[0];
	ok(plan->is_daemon && strcmp(plan->pidfile, "/p") == 0 &&
	    strcmp(plan->user, "root") == 0 &&
	    strcmp(plan->log.events.target, "/l") == 0 && plan->workers == 3 &&
	    !plan->is_confined && plan->memory_max_bytes == 1 << 30 &&
	    plan->log.threshold == SEVERITY_WARNING, "the process");
	ok(route->connect_timeout_ms == 1000 &&
	    route->idle_timeout_ms == DURATION_OFF &&
	    route->half_close_timeout_ms == 2000 &&
	    plan->shutdown_timeout_ms == 0 && plan->connections_max == 7,
	    "the limits");
	ok(plan->routes_count == 1 && route->listen_count == 2 &&
	    route->upstreams_count == 3 &&
	    strcmp(route->name, "1,unix:/a") == 0, "the operands");
	plan_release(plan);
	problems_free(&problems);
	becomes("-h", OPTIONS_HELP);
	becomes("-h -w 0", OPTIONS_HELP);
	becomes("-V", OPTIONS_VERSION);
	becomes("-vV", OPTIONS_FACTS);
	becomes("-D --log syslog 1 a:1", OPTIONS_RUN);
	becomes("-D --log journald 1 a:1", OPTIONS_RUN);
	becomes("-D 1 a:1", OPTIONS_RUN);
	becomes("-t 1 a:1", OPTIONS_CHECK);
	becomes("-tq 1 a:1", OPTIONS_CHECK_QUIETLY);
	becomes("-tT 1 a:1", OPTIONS_DUMP);
	becomes("-w auto 1-10 a:1 b:1-10 unix:/c", OPTIONS_RUN);
	becomes("unix:/a,systemd:b c:1", OPTIONS_RUN);
}

static void
test_routes(void)
{
	char words[] = "8888,unix:/run/x=a:9000,b:9000 --deny 10.6.6.6 "
	    "80-90=c:1 --allow 10.0.0.0/8 [::1]:9=d:2 --allow ::1 "
	    "--per-source " PER_SOURCE_TEXT " --accept-rate 3/m "
	    "--source 127.0.0.2 "
	    "--allow 10.1.0.0/16";
	struct plan *plan = plan_create();
	struct problems problems = { .list = NULL };
	const struct route *route;
	size_t i;

	is(parse(plan, words, &problems), OPTIONS_RUN, "three routes");
	is((long long)plan->routes_count, 3, "there are three");
	route = plan->routes;
	ok(strcmp(route[0].name, "8888,unix:/run/x") == 0 &&
	    strcmp(route[1].name, "80-90") == 0 &&
	    strcmp(route[2].name, "[::1]:9") == 0, "their names");
	ok(route[0].listen_count == 2 && route[0].upstreams_count == 2 &&
	    route[1].listen_count == 1 && route[1].upstreams_count == 1 &&
	    route[1].listen[0].ports == 11, "their places");
	for (i = 0; i < plan->routes_count; i++)
		ok(route[i].allow_count == 2 && route[i].deny_count == 1 &&
		    route[i].limits.per_source_max == PER_SOURCE &&
		    route[i].limits.accept_rate.count == 3 &&
		    route[i].source.sa.sa_family == AF_INET,
		    "options are for the route %zu", i);
	plan_release(plan);
	problems_free(&problems);
}

/* As reloads do; getopt_long() has moved the options to the front. */
static void
test_again(void)
{
	static char words[][8] = { "muxproxy", "1,2", "-w", "3", "a:1", "-qu",
	    "root", "--", "b:2" };
	char *argv[sizeof(words) / sizeof(words[0]) + 1] = { NULL };
	const int argc = sizeof(words) / sizeof(words[0]);
	struct problems problems = { .list = NULL };
	struct plan *plan;
	size_t i;

	for (i = 0; i < (size_t)argc; i++)
		argv[i] = words[i];
	for (i = 0; i < 3; i++) {
		plan = plan_create();
		is(options_parse(plan, argc, argv, &problems), OPTIONS_RUN,
		    "parsed again, %zu", i);
		ok(plan->workers == 3 && strcmp(plan->user, "root") == 0 &&
		    plan->log.threshold == SEVERITY_WARNING &&
		    plan->routes_count == 1 &&
		    plan->routes[0].upstreams_count == 2 &&
		    strcmp(plan->routes[0].name, "1,2") == 0, "it is the same");
		plan_release(plan);
		/* within a word, where getopt(3) keeps a place */
		is_wrong("-vZq", "unknown option -Z");
	}
}

static void
test_memory(void)
{
	enum options_action action = OPTIONS_FAILED;
	struct problems problems;
	unsigned n;
	bool refused;

	/* the first is the plan itself */
	for (n = 2; action == OPTIONS_FAILED; n++) {
		refuse(CALL_calloc, n, ENOMEM);
		action = parse_all("--allow ::1 --deny ::2 1,2=a:1,b:1 3=c:1",
		    &problems);
		refused = refuse_end() != 0;
		ok(action == (refused ? OPTIONS_FAILED : OPTIONS_RUN) &&
		    problems.is_out_of_memory == refused, "calloc, %u", n);
		problems_free(&problems);
	}
	ok(n > 10, "every allocation is refused once");
}

void
test_options(void)
{
	test_wrong();
	test_right();
	test_routes();
	test_again();
	test_memory();
}
