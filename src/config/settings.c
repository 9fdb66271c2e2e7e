/* SPDX-License-Identifier: ISC */

/* settings.c - what the options of a command line set in a plan. */

#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "config.h"
#include "config/settings.h"

/* What a duration may be besides a positive one. */
enum { POSITIVE = 0, OR_OFF = 1, OR_ZERO = 2 };

static void
set_duration(struct command *command, uint64_t *duration_ms,
    const char *option, const char *text, int also)
{
	const char *problem;

	if ((also & OR_OFF) != 0 && strcmp(text, "off") == 0) {
		*duration_ms = DURATION_OFF;
		return;
	}
	problem = duration_parse(text, duration_ms);
	if (problem == NULL && *duration_ms == 0 && (also & OR_ZERO) == 0)
		problem = (also & OR_OFF) != 0 ?
		    "it must be longer than nothing; for no limit write off" :
		    "it must be longer than nothing";
	if (problem != NULL)
		command_wrong(command, "--%s '%s': %s%s", option, text, problem,
		    (also & OR_OFF) != 0 && *text != '0' ? ", or off" : "");
}

static void
set_count(struct command *command, uint64_t *count, const char *option,
    const char *text)
{
	if (!text_number(text, strlen(text), CONNECTIONS_MAX, count) ||
	    *count == 0)
		command_wrong(command, "--%s '%s': it must be a whole number "
		    "from 1 to 100000000", option, text);
}

static void
set_workers(struct command *command, const char *text)
{
	uint64_t *workers = &command->plan->workers;

	if (strcmp(text, "auto") == 0)
		*workers = 0;
	else if (!text_number(text, strlen(text), WORKERS_MAX, workers) ||
	    *workers == 0)
		command_wrong(command, "--workers '%s': it must be a whole "
		    "number from 1 to %d, or auto", text, WORKERS_MAX);
}

static void
set_memory(struct command *command, const char *text)
{
	const char *problem;

	problem = size_parse(text, &command->plan->memory_max_bytes);
	if (problem == NULL && command->plan->memory_max_bytes == 0)
		problem = "it must be more than nothing";
	if (problem != NULL)
		command_wrong(command, "--memory '%s': %s", text, problem);
}

static void
set_log(struct command *command, const char *text)
{
	if (strcmp(text, "stderr") != 0 && strcmp(text, "syslog") != 0 &&
	    strcmp(text, "journald") != 0 && strchr(text, '/') == NULL)
		command_wrong(command, "--log '%s': write stderr, syslog, "
		    "journald, or a path with a slash, such as "
		    "./muxproxy.log", text);
	else if (text[strlen(text) - 1] == '/')
		command_wrong(command, "--log '%s': it is a directory; write "
		    "the path of a file", text);
	else
		command->plan->log.events.target = text;
}

/* One format for all, whatever a file says of sessions. */
static void
set_log_format(struct command *command, const char *text)
{
	struct log_plan *log = &command->plan->log;

	if (strcmp(text, "text") == 0)
		log->events.format = log->sessions.format = LOG_TEXT;
	else if (strcmp(text, "json") != 0)
		command_wrong(command, "--log-format '%s': write text or json",
		    text);
#ifdef HAVE_JANSSON
	else
		log->events.format = log->sessions.format = LOG_JSON;
#else
	else
		command_wrong(command, "--log-format json: this build writes "
		    "text only (configure --with-jansson)");
#endif
}

/* What can be known without looking the names up. */
static void
set_user(struct command *command, const char *text)
{
	const char *colon = strchr(text, ':');

	if (*text == '\0' || colon == text || (colon != NULL &&
	    (colon[1] == '\0' || strchr(colon + 1, ':') != NULL)))
		command_wrong(command, "--user '%s': write USER or USER:GROUP, "
		    "by their names", text);
	else
		command->plan->user = text;
}

static void
set_pidfile(struct command *command, const char *text)
{
	if (*text == '\0')
		command_wrong(command, "--pidfile: the path is empty");
	else if (text[strlen(text) - 1] == '/')
		command_wrong(command, "--pidfile '%s': it is a directory; "
		    "write the path of a file", text);
	else
		command->plan->pidfile = text;
}

static void
set_accept_rate(struct command *command, const char *text)
{
	const char *problem;

	problem = rate_parse(text, &command->route.limits.accept_rate);
	if (problem != NULL)
		command_wrong(command, "--accept-rate '%s': %s", text, problem);
}

static void
add_prefix(struct command *command, struct prefix **list, size_t *count,
    const char *option, const char *text)
{
	struct prefix *larger;
	const char *problem;

	larger = plan_grow(command->plan, *list, *count + 1, sizeof(*larger));
	if (larger == NULL) {
		command->is_out_of_memory = true;
		return;
	}
	*list = larger;
	problem = prefix_parse(&larger[*count], text);
	if (problem != NULL)
		command_wrong(command, "--%s '%s': %s", option, text, problem);
	else
		++*count;
}

static void
set_source(struct command *command, const char *text)
{
	struct address *source = &command->route.source;
	const bool is_address = address_parse(source, text, 0);

	if (!is_address && errno == ENOMEM)
		command->is_out_of_memory = true;
	else if (is_address && source->sa.sa_family == AF_INET6 &&
	    IN6_IS_ADDR_V4MAPPED(&source->in6.sin6_addr))
		command_wrong(command, "--source '%s': an IPv4 address is "
		    "written without ::ffff:", text);
	else if (!is_address)
		command_wrong(command, "--source '%s': it must be an address of "
		    "this machine, such as 192.0.2.1 or 2001:db8::1", text);
}

static void
take_of_route(struct command *command, int option, const char *value)
{
	struct route *route = &command->route;

	switch (option) {
	case OPT_CONNECT:
		set_duration(command, &route->connect_timeout_ms,
		    "connect-timeout", value, POSITIVE);
		break;
	case OPT_IDLE:
		set_duration(command, &route->idle_timeout_ms, "idle-timeout",
		    value, OR_OFF);
		break;
	case OPT_HALF_CLOSE:
		set_duration(command, &route->half_close_timeout_ms,
		    "half-close-timeout", value, OR_OFF);
		break;
	case OPT_PER_SOURCE:
		set_count(command, &route->limits.per_source_max, "per-source",
		    value);
		break;
	case OPT_ACCEPT_RATE:
		set_accept_rate(command, value);
		break;
	case OPT_ALLOW:
		add_prefix(command, &command->allow, &route->allow_count, "allow",
		    value);
		break;
	case OPT_DENY:
		add_prefix(command, &command->deny, &route->deny_count, "deny",
		    value);
		break;
	case OPT_SOURCE:
		set_source(command, value);
		break;
	}
}

void
setting_take(struct command *command, int option, const char *value)
{
	struct plan *plan = command->plan;

	switch (option) {
	case 'D':
		plan->is_daemon = true;
		break;
	case 'p':
		set_pidfile(command, value);
		break;
	case 'q':
		plan->log.threshold = SEVERITY_WARNING;
		break;
	case 'u':
		set_user(command, value);
		break;
	case 'v':
		plan->log.threshold = SEVERITY_DEBUG;
		break;
	case 'w':
		set_workers(command, value);
		break;
	case OPT_LOG:
		set_log(command, value);
		break;
	case OPT_LOG_FORMAT:
		set_log_format(command, value);
		break;
	case OPT_NO_SANDBOX:
		plan->is_confined = false;
		break;
	case OPT_SHUTDOWN:
		set_duration(command, &plan->shutdown_timeout_ms,
		    "shutdown-timeout", value, OR_OFF | OR_ZERO);
		break;
	case OPT_CONNECTIONS:
		set_count(command, &plan->connections_max, "max-connections",
		    value);
		break;
	case OPT_MEMORY:
		set_memory(command, value);
		break;
	default:
		take_of_route(command, option, value);
		break;
	}
}

void
setting_take_beside_file(struct command *command, int option,
    const char *value)
{
	static const struct {
		const char *option, *key;
	} keys[] = {
		[OPT_CONNECT - OPT_ROUTE] = { "connect-timeout",
		    "timeouts: {connect: 3s}" },
		[OPT_IDLE - OPT_ROUTE] = { "idle-timeout",
		    "timeouts: {idle: 10m}" },
		[OPT_HALF_CLOSE - OPT_ROUTE] = { "half-close-timeout",
		    "timeouts: {half-close: 30s}" },
		[OPT_PER_SOURCE - OPT_ROUTE] = { "per-source",
		    "limits: {per-source: 50}" },
		[OPT_ACCEPT_RATE - OPT_ROUTE] = { "accept-rate",
		    "limits: {accept-rate: 200/s}" },
		[OPT_ALLOW - OPT_ROUTE] = { "allow", "allow: [10.0.0.0/8]" },
		[OPT_DENY - OPT_ROUTE] = { "deny", "deny: [10.6.6.6]" },
		[OPT_SOURCE - OPT_ROUTE] = { "source", "source: 192.0.2.1" },
	};

	if (option < OPT_ROUTE)
		setting_take(command, option, value);
	else
		command_wrong(command, "--%s cannot be used with -f; write it "
		    "into a route of the file, as %s",
		    keys[option - OPT_ROUTE].option,
		    keys[option - OPT_ROUTE].key);
}

void
settings_finish(struct command *command)
{
	struct route *route = &command->route;

	route->allow_count = prefixes_sort(command->allow, route->allow_count);
	route->deny_count = prefixes_sort(command->deny, route->deny_count);
	route->allow = command->allow;
	route->deny = command->deny;
}
