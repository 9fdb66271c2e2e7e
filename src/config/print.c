/* SPDX-License-Identifier: ISC */

/* print.c - a plan as a configuration file; muxproxy.yaml(5) has the keys. */

#include "base/text.h"
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "config/help.h"
#include "config/print.h"
#include "config/quote.h"

struct writer {
	FILE *out;
	int depth;		/* columns before a key */
	const char *unfit;	/* a text that YAML cannot have, if any */
};

/* `text' is written for `what', which is a text of the plan. */
static void
quoted(struct writer *writer, const char *text, const char *what)
{
	if (!quote_write(writer->out, text))
		writer->unfit = what;
	(void)fputc('\n', writer->out);
}

static void
open_map(struct writer *writer, const char *key)
{
	(void)fprintf(writer->out, "%*s%s:\n", writer->depth, "", key);
	writer->depth += 2;
}

static void
close_map(struct writer *writer)
{
	writer->depth -= 2;
}

/* A value that is not text from outside. */
static void
put(struct writer *writer, const char *key, const char *value)
{
	(void)fprintf(writer->out, "%*s%s: %s\n", writer->depth, "", key,
	    value);
}

static void
put_bool(struct writer *writer, const char *key, bool value)
{
	put(writer, key, value ? "true" : "false");
}

static void
put_text(struct writer *writer, const char *key, const char *text)
{
	(void)fprintf(writer->out, "%*s%s: ", writer->depth, "", key);
	quoted(writer, text, text);
}

static void
put_number(struct writer *writer, const char *key, uint64_t number)
{
	char text[UNIT_TEXT_SIZE];

	(void)snprintf(text, sizeof(text), "%" PRIu64, number);
	put(writer, key, text);
}

static void
put_duration(struct writer *writer, const char *key, uint64_t duration_ms)
{
	char text[UNIT_TEXT_SIZE];

	put(writer, key, duration_format(text, sizeof(text), duration_ms));
}

static void
put_size(struct writer *writer, const char *key, uint64_t bytes)
{
	char text[UNIT_TEXT_SIZE];

	put(writer, key, size_format(text, sizeof(text), bytes));
}

static void
put_rate(struct writer *writer, const char *key, const struct rate *rate)
{
	char text[UNIT_TEXT_SIZE];

	if (rate->count != 0)
		put(writer, key, rate_format(text, sizeof(text), rate));
}

static void
put_targets(struct writer *writer, const char *key,
    const struct target *targets, size_t count)
{
	char text[TARGET_TEXT_SIZE];
	size_t i;

	open_map(writer, key);
	for (i = 0; i < count; i++) {
		(void)fprintf(writer->out, "%*s- ", writer->depth, "");
		quoted(writer, target_format(text, sizeof(text), &targets[i]),
		    targets[i].kind == TARGET_UNIX ? targets[i].path :
		    targets[i].host);
	}
	close_map(writer);
}

static void
put_prefixes(struct writer *writer, const char *key,
    const struct prefix *prefixes, size_t count)
{
	char text[PREFIX_TEXT_SIZE];
	size_t i;

	if (count == 0)
		return;
	open_map(writer, key);
	for (i = 0; i < count; i++) {
		(void)fprintf(writer->out, "%*s- ", writer->depth, "");
		quoted(writer, prefix_format(text, sizeof(text), &prefixes[i]),
		    "");
	}
	close_map(writer);
}

/* The address alone: a source has no port. */
static void
put_source(struct writer *writer, const struct address *source)
{
	char text[ADDRESS_TEXT_SIZE], *start = text;

	if (source->sa.sa_family == AF_UNSPEC)
		return;
	(void)address_format(text, sizeof(text), source);
	*strrchr(text, ':') = '\0';
	if (*text == '[') {
		start++;
		*strrchr(text, ']') = '\0';
	}
	(void)fprintf(writer->out, "%*ssource: ", writer->depth, "");
	quoted(writer, start, "");
}

static bool
is_tuned(const struct tuning *tuning)
{
	return (tuning->keepalive_off || tuning->keepalive_idle_s != 0 ||
	    tuning->keepalive_interval_s != 0 || tuning->keepalive_count != 0 ||
	    tuning->user_timeout_ms != 0 || tuning->send_buffer_bytes != 0 ||
	    tuning->receive_buffer_bytes != 0 || tuning->fast_open ||
	    tuning->mptcp || tuning->has_dscp || tuning->has_mark ||
	    tuning->congestion != NULL);
}

static void
put_keepalive(struct writer *writer, const struct tuning *tuning)
{
	if (tuning->keepalive_off)
		put_bool(writer, "keepalive", false);
	if (tuning->keepalive_idle_s != 0)
		put_duration(writer, "keepalive-idle",
		    UINT64_C(1000) * tuning->keepalive_idle_s);
	if (tuning->keepalive_interval_s != 0)
		put_duration(writer, "keepalive-interval",
		    UINT64_C(1000) * tuning->keepalive_interval_s);
	if (tuning->keepalive_count != 0)
		put_number(writer, "keepalive-count", tuning->keepalive_count);
}

static void
put_tuning(struct writer *writer, const char *key, const struct tuning *tuning)
{
	if (!is_tuned(tuning))
		return;
	open_map(writer, key);
	put_keepalive(writer, tuning);
	if (tuning->user_timeout_ms != 0)
		put_duration(writer, "user-timeout", tuning->user_timeout_ms);
	if (tuning->send_buffer_bytes != 0)
		put_size(writer, "send-buffer", tuning->send_buffer_bytes);
	if (tuning->receive_buffer_bytes != 0)
		put_size(writer, "receive-buffer",
		    tuning->receive_buffer_bytes);
	if (tuning->fast_open)
		put_bool(writer, "fast-open", true);
	if (tuning->mptcp)
		put_bool(writer, "mptcp", true);
	if (tuning->has_dscp)
		put_number(writer, "dscp", tuning->dscp);
	if (tuning->has_mark)
		put_number(writer, "mark", tuning->mark);
	if (tuning->congestion != NULL)
		put_text(writer, "congestion", tuning->congestion);
	close_map(writer);
}

static void
put_route_limits(struct writer *writer, const struct route_limits *limits)
{
	open_map(writer, "limits");
	if (limits->connections_max != 0)
		put_number(writer, "connections", limits->connections_max);
	if (limits->per_source_max != 0)
		put_number(writer, "per-source", limits->per_source_max);
	put_rate(writer, "accept-rate", &limits->accept_rate);
	put_rate(writer, "accept-rate-per-source", &limits->source_rate);
	open_map(writer, "source-prefix");
	put_number(writer, "ipv4", limits->ipv4_bits);
	put_number(writer, "ipv6", limits->ipv6_bits);
	close_map(writer);
	close_map(writer);
}

static void
put_route(struct writer *writer, const struct route *route)
{
	(void)fputs("  - name: ", writer->out);
	quoted(writer, route->name, route->name);
	writer->depth += 4;
	put_targets(writer, "listen", route->listen, route->listen_count);
	put_targets(writer, "upstreams", route->upstreams,
	    route->upstreams_count);
	open_map(writer, "timeouts");
	put_duration(writer, "connect", route->connect_timeout_ms);
	put_duration(writer, "idle", route->idle_timeout_ms);
	put_duration(writer, "half-close", route->half_close_timeout_ms);
	close_map(writer);
	put_route_limits(writer, &route->limits);
	put_prefixes(writer, "allow", route->allow, route->allow_count);
	put_prefixes(writer, "deny", route->deny, route->deny_count);
	put_source(writer, &route->source);
	if (route->upstream.interface != NULL)
		put_text(writer, "interface", route->upstream.interface);
	put_tuning(writer, "client-socket", &route->client);
	put_tuning(writer, "upstream-socket", &route->upstream);
	writer->depth -= 4;
}

static const char *
format_name(enum log_format format)
{
	return (format == LOG_JSON ? "json" : "text");
}

static void
put_sessions(struct writer *writer, const struct log_plan *log)
{
	if (!log->has_sessions && !log->has_starts &&
	    log->interval_ms == DURATION_OFF) {
		put_bool(writer, "sessions", false);
		return;
	}
	open_map(writer, "sessions");
	if (log->sessions.target != NULL)
		put_text(writer, "target", log->sessions.target);
	put(writer, "format", format_name(log->sessions.format));
	put_bool(writer, "start", log->has_starts);
	put_duration(writer, "interval", log->interval_ms);
	close_map(writer);
}

static void
put_log(struct writer *writer, const struct log_plan *log)
{
	static const char *const levels[] = {
		[SEVERITY_DEBUG] = "debug",
		[SEVERITY_INFO] = "info",
		[SEVERITY_WARNING] = "warning",
		[SEVERITY_ERROR] = "error",
	};

	open_map(writer, "log");
	if (log->events.target != NULL)
		put_text(writer, "target", log->events.target);
	put(writer, "format", format_name(log->events.format));
	put(writer, "level", levels[log->threshold]);
	put_sessions(writer, log);
	close_map(writer);
}

static void
put_process(struct writer *writer, const struct plan *plan)
{
	if (plan->workers != 0)
		put_number(writer, "workers", plan->workers);
	else
		put(writer, "workers", "auto");
	if (plan->user != NULL)
		put_text(writer, "user", plan->user);
	if (plan->pidfile != NULL)
		put_text(writer, "pidfile", plan->pidfile);
	put_bool(writer, "sandbox", plan->is_confined);
	put_duration(writer, "shutdown-timeout", plan->shutdown_timeout_ms);
	if (plan->connections_max == 0 && plan->memory_max_bytes == 0)
		return;
	open_map(writer, "limits");
	if (plan->connections_max != 0)
		put_number(writer, "connections", plan->connections_max);
	if (plan->memory_max_bytes != 0)
		put_size(writer, "memory", plan->memory_max_bytes);
	close_map(writer);
}

const char *
plan_write(FILE *out, const struct plan *plan)
{
	struct writer writer = { .out = out };
	char word[1024];
	size_t i;

	(void)fprintf(out, "# muxproxy %s: what is in effect, from ",
	    PACKAGE_VERSION);
	if (plan->file == NULL)
		(void)fputs("the command line\n", out);
	else
		(void)fprintf(out, "%s\n", text_word(word, sizeof(word),
		    plan->file));
	put_process(&writer, plan);
	put_log(&writer, &plan->log);
	(void)fputs("routes:\n", out);
	for (i = 0; i < plan->routes_count; i++)
		put_route(&writer, &plan->routes[i]);
	return (writer.unfit);
}

int
plan_print(const struct plan *plan)
{
	char *text = NULL, word[256];
	const char *unfit = NULL;
	size_t length;
	FILE *memory;

	memory = open_memstream(&text, &length);
	if (memory != NULL)
		unfit = plan_write(memory, plan);
	if (memory == NULL || fclose(memory) != 0) {
		(void)fputs("muxproxy: out of memory\n", stderr);
		free(text);
		return (1);
	}
	if (unfit == NULL)
		(void)fwrite(text, 1, length, stdout);
	else
		(void)fprintf(stderr, "muxproxy: '%s' cannot be in a "
		    "configuration file: it is not UTF-8, or has a control "
		    "character\n",
		    text_word(word, sizeof(word), unfit));
	free(text);
	return (unfit == NULL ? help_flush() : 1);
}
