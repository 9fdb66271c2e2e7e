/* SPDX-License-Identifier: ISC */

/*
 * options.c - the command line.
 *
 * Whatever is wrong is one line that says what, where and what to do, and
 * one that points to --help.
 */

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/units.h"
#include "config/options.h"

/* Long options without a letter. */
enum { OPT_LOG = 256, OPT_CONNECT, OPT_IDLE, OPT_HALF_CLOSE, OPT_SHUTDOWN,
	OPT_CONNECTIONS };

static const char short_options[] = ":Dhp:qu:vVw:";

static const struct option long_options[] = {
	{ "daemon", no_argument, NULL, 'D' },
	{ "help", no_argument, NULL, 'h' },
	{ "pidfile", required_argument, NULL, 'p' },
	{ "quiet", no_argument, NULL, 'q' },
	{ "user", required_argument, NULL, 'u' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "version", no_argument, NULL, 'V' },
	{ "workers", required_argument, NULL, 'w' },
	{ "log", required_argument, NULL, OPT_LOG },
	{ "connect-timeout", required_argument, NULL, OPT_CONNECT },
	{ "idle-timeout", required_argument, NULL, OPT_IDLE },
	{ "half-close-timeout", required_argument, NULL, OPT_HALF_CLOSE },
	{ "shutdown-timeout", required_argument, NULL, OPT_SHUTDOWN },
	{ "max-connections", required_argument, NULL, OPT_CONNECTIONS },
	{ NULL, 0, NULL, 0 }
};

/* What a duration may be besides a positive one. */
enum { POSITIVE = 0, OR_OFF = 1, OR_ZERO = 2 };

static enum options_action wrong(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

static enum options_action
wrong(const char *format, ...)
{
	char line[1024];
	va_list ap;

	va_start(ap, format);
	(void)vsnprintf(line, sizeof(line), format, ap);
	va_end(ap);
	(void)fprintf(stderr, "muxproxy: %s\n"
	    "Try 'muxproxy --help' for more information.\n", text_line(line));
	return (OPTIONS_WRONG);
}

/* Nothing is wrong with the command line: trying again may help. */
static enum options_action
out_of_memory(void)
{
	(void)fputs("muxproxy: out of memory\n", stderr);
	return (OPTIONS_FAILED);
}

static enum options_action
set_duration(uint64_t *duration_ms, const char *option, const char *text,
    int also)
{
	const char *problem;

	if ((also & OR_OFF) != 0 && strcmp(text, "off") == 0) {
		*duration_ms = DURATION_OFF;
		return (OPTIONS_RUN);
	}
	problem = duration_parse(text, duration_ms);
	if (problem == NULL && *duration_ms == 0 && (also & OR_ZERO) == 0)
		problem = (also & OR_OFF) != 0 ?
		    "it must be longer than nothing; for no limit write off" :
		    "it must be longer than nothing";
	if (problem != NULL)
		return (wrong("--%s '%s': %s%s", option, text, problem,
		    (also & OR_OFF) != 0 && *text != '0' ? ", or off" : ""));
	return (OPTIONS_RUN);
}

static enum options_action
set_connections(struct plan *plan, const char *text)
{
	if (!text_number(text, strlen(text), CONNECTIONS_MAX,
	    &plan->connections_max) || plan->connections_max == 0)
		return (wrong("--max-connections '%s': "
		    "it must be a whole number of at least 1", text));
	return (OPTIONS_RUN);
}

static enum options_action
set_workers(struct plan *plan, const char *text)
{
	if (!text_number(text, strlen(text), WORKERS_MAX, &plan->workers) ||
	    plan->workers == 0)
		return (wrong("--workers '%s': "
		    "it must be a whole number from 1 to %d", text,
		    WORKERS_MAX));
	return (OPTIONS_RUN);
}

static enum options_action
set_log(struct plan *plan, const char *text)
{
	if (strcmp(text, "stderr") != 0 && strcmp(text, "syslog") != 0 &&
	    strchr(text, '/') == NULL)
		return (wrong("--log '%s': write stderr, syslog, or a path "
		    "with a slash, such as ./muxproxy.log", text));
	plan->log.events.target = text;
	return (OPTIONS_RUN);
}

/* An option that getopt does not know, or that lacks its argument. */
static enum options_action
unknown_option(char **argv)
{
	const char *word = argv[optind - 1];

	if (optopt == 'c')
		return (wrong("-c means different things to different "
		    "programs and nothing to this one; -f is kept for a "
		    "configuration file and -t for checking it"));
	if (strncmp(word, "--log-format", 12) == 0)
		return (wrong("%s: this version writes text only", word));
	if (optopt == 'f' || optopt == 't' || optopt == 'T')
		return (wrong("-%c: this version has no configuration file; "
		    "give LISTEN and UPSTREAM", optopt));
	/* a letter that we know needs no argument, but has got one */
	if (optopt != 0 && strchr(short_options, optopt) != NULL)
		return (wrong("option %s takes no argument", word));
	if (optopt != 0)
		return (wrong("unknown option -%c", optopt));
	return (wrong("unknown or ambiguous option %s", word));
}

static enum options_action
missing_argument(char **argv)
{
	return (wrong("option %s needs an argument", argv[optind - 1]));
}

struct flags {
	int verbose, version, help;
};

static enum options_action
take_option(struct plan *plan, struct flags *flags, int option, char **argv)
{
	struct route *route = &plan->routes[0];

	switch (option) {
	case 'D':
		plan->is_daemon = true;
		break;
	case 'h':
		flags->help = 1;
		break;
	case 'p':
		if (*optarg == '\0')
			return (wrong("--pidfile: the path is empty"));
		plan->pidfile = optarg;
		break;
	case 'q':
		plan->log.threshold = SEVERITY_WARNING;
		break;
	case 'u':
		plan->user = optarg;
		break;
	case 'v':
		flags->verbose = 1;
		plan->log.threshold = SEVERITY_DEBUG;
		break;
	case 'V':
		flags->version = 1;
		break;
	case 'w':
		return (set_workers(plan, optarg));
	case OPT_LOG:
		return (set_log(plan, optarg));
	case OPT_CONNECT:
		return (set_duration(&route->connect_timeout_ms,
		    "connect-timeout", optarg, POSITIVE));
	case OPT_IDLE:
		return (set_duration(&route->idle_timeout_ms, "idle-timeout",
		    optarg, OR_OFF));
	case OPT_HALF_CLOSE:
		return (set_duration(&route->half_close_timeout_ms,
		    "half-close-timeout", optarg, OR_OFF));
	case OPT_SHUTDOWN:
		return (set_duration(&plan->shutdown_timeout_ms,
		    "shutdown-timeout", optarg, OR_OFF | OR_ZERO));
	case OPT_CONNECTIONS:
		return (set_connections(plan, optarg));
	case ':':
		return (missing_argument(argv));
	default:
		return (unknown_option(argv));
	}
	return (OPTIONS_RUN);
}

/* One address of LISTEN, which has several joined by commas. */
static enum options_action
add_listener(struct plan *plan, const char *text)
{
	struct route *route = &plan->routes[0];
	struct target *list;
	const char *problem;
	size_t i;

	list = plan_grow(plan, route->listen, route->listen_count + 1,
	    sizeof(*list));
	if (list == NULL)
		return (out_of_memory());
	route->listen = list;
	problem = target_parse_listen(&list[route->listen_count], text);
	if (problem != NULL)
		return (wrong("LISTEN '%s': %s", text, problem));
	for (i = 0; i < route->listen_count; i++) {
		if (target_equal(&list[i], &list[route->listen_count]))
			return (wrong("LISTEN '%s': it is given twice", text));
	}
	route->listen_count++;
	return (OPTIONS_RUN);
}

static enum options_action
set_listeners(struct plan *plan, const char *operand)
{
	enum options_action action = OPTIONS_RUN;
	char *copy, *text, *comma;

	copy = plan_copy(plan, operand);
	if (copy == NULL)
		return (out_of_memory());
	for (text = copy; text != NULL && action == OPTIONS_RUN;
	    text = comma) {
		comma = strchr(text, ',');
		if (comma != NULL)
			*comma++ = '\0';
		action = add_listener(plan, text);
	}
	plan->routes[0].name = operand;
	return (action);
}

static enum options_action
set_upstreams(struct plan *plan, char **operands, size_t count)
{
	struct target *list;
	const char *problem;
	size_t i;

	list = plan_alloc(plan, count * sizeof(*list));
	if (list == NULL)
		return (out_of_memory());
	for (i = 0; i < count; i++) {
		problem = target_parse_upstream(&list[i], operands[i]);
		if (problem != NULL)
			return (wrong("UPSTREAM '%s': %s", operands[i],
			    problem));
	}
	plan->routes[0].upstreams = list;
	plan->routes[0].upstreams_count = count;
	return (OPTIONS_RUN);
}

static enum options_action
take_operands(struct plan *plan, char **operands, int count)
{
	enum options_action action;

	if (count == 0)
		return (wrong("LISTEN and UPSTREAM are missing, as in "
		    "'muxproxy 8888 localhost:9000'"));
	if (count == 1 && strchr(operands[0], '=') != NULL)
		return (wrong("'%s': write LISTEN and UPSTREAM as two words",
		    operands[0]));
	if (count - 1 > UPSTREAMS_MAX)
		return (wrong("too many operands: %d upstreams, and at most "
		    "%d are possible", count - 1, UPSTREAMS_MAX));
	action = set_listeners(plan, operands[0]);
	if (action == OPTIONS_RUN && count == 1)
		return (wrong("UPSTREAM is missing after LISTEN '%s'",
		    operands[0]));
	if (action == OPTIONS_RUN)
		action = set_upstreams(plan, operands + 1, (size_t)count - 1);
	return (action);
}

/* A daemon leaves the directory that relative paths are meant from. */
static bool
is_relative(const char *path)
{
	return (path != NULL && path[0] != '/');
}

static const char *
relative_target(const struct target *targets, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (targets[i].kind == TARGET_UNIX &&
		    is_relative(targets[i].path))
			return (targets[i].path);
	}
	return (NULL);
}

static enum options_action
check_daemon(const struct plan *plan)
{
	const struct route *route = &plan->routes[0];
	const char *log = plan->log.events.target, *path;

	if (!plan->is_daemon)
		return (OPTIONS_RUN);
	if (log != NULL && strcmp(log, "stderr") == 0)
		return (wrong("--log stderr: a daemon has no standard error; "
		    "write syslog or the path of a file"));
	path = relative_target(route->listen, route->listen_count);
	if (path == NULL)
		path = relative_target(route->upstreams,
		    route->upstreams_count);
	if (path == NULL && is_relative(plan->pidfile))
		path = plan->pidfile;
	if (path == NULL && is_relative(log) && strcmp(log, "syslog") != 0)
		path = log;
	if (path != NULL)
		return (wrong("'%s': with --daemon a path must begin with a "
		    "slash", path));
	return (OPTIONS_RUN);
}

enum options_action
options_parse(struct plan *plan, int argc, char **argv)
{
	struct flags flags = { 0, 0, 0 };
	enum options_action action;
	int option;

	if (plan_add_route(plan) == NULL)
		return (out_of_memory());
	opterr = 0;
	while ((option = getopt_long(argc, argv, short_options, long_options,
	    NULL)) != -1) {
		action = take_option(plan, &flags, option, argv);
		if (action != OPTIONS_RUN)
			return (action);
	}
	if (flags.help)
		return (OPTIONS_HELP);
	if (flags.version)
		return (flags.verbose ? OPTIONS_FACTS : OPTIONS_VERSION);
	action = take_operands(plan, argv + optind, argc - optind);
	return (action == OPTIONS_RUN ? check_daemon(plan) : action);
}
