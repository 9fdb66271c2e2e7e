/* SPDX-License-Identifier: ISC */

/* report.c - what the log says of the program's start and its end. */

#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/logfmt.h"
#include "base/text.h"
#include "control/orders.h"
#include "control/report.h"
#include "control/sandbox.h"

/* As one word, joined by commas; those that fit. */
static char *
format_upstreams(char *out, size_t size, const struct route *route)
{
	char text[TARGET_TEXT_SIZE], word[4 * TARGET_TEXT_SIZE];
	size_t i, used = 0;
	int n;

	out[0] = '\0';
	for (i = 0; i < route->upstreams_count; i++) {
		(void)text_word(word, sizeof(word), target_format(text,
		    sizeof(text), &route->upstreams[i]));
		n = snprintf(out + used, size - used, "%s%s", i > 0 ? "," : "",
		    word);
		if (n < 0 || (size_t)n >= size - used)
			break;
		used += (size_t)n;
	}
	return (out);
}

static void
report_route(const struct operation *operation, size_t number)
{
	const struct deployment *deployment = operation->deployment;
	const struct route *route = &deployment->plan->routes[number];
	char name[LOG_TEXT_MAX / 4], listen[LOG_TEXT_MAX / 4];
	char upstreams[LOG_TEXT_MAX / 4];

	log_line(operation->log, SEVERITY_INFO,
	    "route name=%s listen=%s upstream=%s",
	    logfmt_string(name, sizeof(name), route->name),
	    listen_format(listen, sizeof(listen), &deployment->sockets, number),
	    format_upstreams(upstreams, sizeof(upstreams), route));
}

static bool
has_line(const struct deployment *deployment, const struct line *line)
{
	size_t i;

	for (i = 0; i < deployment->plan->routes_count; i++) {
		if (deployment->lines[i] == line)
			return (true);
	}
	return (false);
}

static bool
has_name(const struct plan *plan, const char *name)
{
	size_t i;

	for (i = 0; i < plan->routes_count; i++) {
		if (strcmp(plan->routes[i].name, name) == 0)
			return (true);
	}
	return (false);
}

void
report_reload(const struct operation *operation,
    const struct deployment *before)
{
	const struct deployment *deployment = operation->deployment;
	const struct plan *plan = deployment->plan;
	char name[LOG_TEXT_MAX / 4];
	size_t i;

	log_line(operation->log, SEVERITY_INFO,
	    "reload routes=%zu kept=%zu listeners=%zu max-connections=%zu",
	    plan->routes_count, deployment->lines_kept,
	    deployment->sockets.count, deployment->sessions_max);
	for (i = 0; i < plan->routes_count; i++) {
		if (!has_line(before, deployment->lines[i]))
			report_route(operation, i);
	}
	for (i = 0; i < before->plan->routes_count; i++) {
		if (!has_name(plan, before->plan->routes[i].name))
			log_line(operation->log, SEVERITY_INFO,
			    "route-gone name=%s", logfmt_string(name,
			    sizeof(name), before->plan->routes[i].name));
	}
}

static void
tell_start(const struct operation *operation, size_t workers)
{
	const struct deployment *deployment = operation->deployment;
	const struct plan *plan = deployment->plan;
	char listen[LOG_TEXT_MAX / 2], upstreams[LOG_TEXT_MAX / 4];
	size_t i;

	if (plan->routes_count == 1) {
		log_line(operation->log, SEVERITY_INFO, "start version="
		    PACKAGE_VERSION " backend=%s workers=%zu listen=%s"
		    " upstream=%s max-connections=%zu sandbox=%s pid=%ld",
		    mux_backend_name(), workers, listen_format(listen,
		    sizeof(listen), &deployment->sockets, 0),
		    format_upstreams(upstreams, sizeof(upstreams),
		    &plan->routes[0]), deployment->sessions_max,
		    sandbox_description(), (long)getpid());
		return;
	}
	log_line(operation->log, SEVERITY_INFO, "start version="
	    PACKAGE_VERSION " backend=%s workers=%zu routes=%zu listeners=%zu"
	    " max-connections=%zu sandbox=%s pid=%ld", mux_backend_name(),
	    workers, plan->routes_count, deployment->sockets.count,
	    deployment->sessions_max, sandbox_description(), (long)getpid());
	for (i = 0; i < plan->routes_count; i++)
		report_route(operation, i);
}

void
report_start(const struct operation *operation, size_t workers)
{
	const char *sandbox = sandbox_description();

	tell_start(operation, workers);
	if (strchr(sandbox, '!') != NULL)
		log_line(operation->log, SEVERITY_WARNING,
		    "sandbox-incomplete sandbox=%s", sandbox);
}

void
report_stop(const struct operation *operation,
    const struct counters *counters, int error, uint64_t uptime_ms)
{
	log_line(operation->log, error != 0 ? SEVERITY_ERROR : SEVERITY_INFO,
	    "stop %s%s%s sessions=%"
	    PRIu64 " up=%" PRIu64 " down=%" PRIu64 " lost-up=%" PRIu64
	    " lost-down=%" PRIu64 " refused=%" PRIu64 " pauses=%" PRIu64
	    " uptime=%" PRIu64 ".%03" PRIu64 "s",
	    error != 0 ? "error=\"" : "reason=",
	    error != 0 ? text_error(error) :
	    signal_name(operation->stop_signal),
	    error != 0 ? "\"" : "", counters->sessions,
	    counters->up_bytes, counters->down_bytes, counters->lost_up_bytes,
	    counters->lost_down_bytes, crew_refused(operation->crew),
	    crew_pauses(operation->crew),
	    uptime_ms / 1000, uptime_ms % 1000);
}

void
report_status(void *arg, char *out, size_t size)
{
	const struct operation *operation = arg;
	const size_t routes = operation->deployment->plan->routes_count;
	const size_t sessions = crew_sessions(operation->crew);

	(void)snprintf(out, size, "%s on %zu route%s, %zu open session%s",
	    operation->stop_signal != 0 ? "draining" : "serving", routes,
	    routes == 1 ? "" : "s", sessions, sessions == 1 ? "" : "s");
}
