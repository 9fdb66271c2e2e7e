/* SPDX-License-Identifier: ISC */

/* test-config.c - a plan from a file, and what reads it, by themselves. */

#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <stdlib.h>
#include <string.h>

#include "config/expand.h"
#include "config/files.h"
#include "config/suggest.h"
#include "config/utf8.h"
#include "tap.h"
#include "units.h"

static void
is_suggested(const char *word, const char *want)
{
	static const char *const words[] = { "listen", "upstreams", "timeouts",
	    "half-close", "ef", "idle" };
	const char *got;

	got = suggest_word(word, words, sizeof(words) / sizeof(words[0]),
	    sizeof(words[0]));
	if (!ok(want == NULL ? got == NULL :
	    got != NULL && strcmp(got, want) == 0, "'%s' may mean %s", word,
	    want == NULL ? "nothing" : want))
		diag("%s", got == NULL ? "nothing" : got);
}

static void
test_suggest(void)
{
	char longer[100];

	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	ok(suggest_distance("", "") == 0 && suggest_distance("", "ab") == 2 &&
	    suggest_distance("ab", "") == 2, "nothing is so far from words");
	ok(suggest_distance("listen", "lisen") == 1, "a letter left out");
	ok(suggest_distance("listen", "lsiten") == 1, "letters swapped");
	ok(suggest_distance("kitten", "sitting") == 3, "some of each");
	ok(suggest_distance("HALF_close", "half-close") == 0, "case");
	ok(suggest_distance(longer, "x") == SIZE_MAX, "words without end");
	is_suggested("lisen", "listen");
	is_suggested("Upstream", "upstreams");
	is_suggested("half_close", "half-close");
	is_suggested("fe", "ef");
	is_suggested("i", NULL);
	is_suggested("zz", NULL);
	is_suggested("", NULL);
	is_suggested(longer, NULL);
}

static char *
look_up(const char *name)
{
	static char value[] = "v$${A}", empty[] = "";

	if (strcmp(name, "A_1") == 0)
		return (value);
	return (strcmp(name, "EMPTY") == 0 ? empty : NULL);
}

static void
expands(const char *text, const char *want)
{
	struct expand_error error;
	char *got = expand_text(text, look_up, &error);

	if (!ok(got != NULL && strcmp(got, want) == 0, "'%s' is '%s'", text,
	    want))
		diag("%s", got != NULL ? got : error.text);
	free(got);
}

static void
does_not_expand(const char *text, size_t where, const char *why)
{
	struct expand_error error;
	char *got = expand_text(text, look_up, &error);

	if (!ok(got == NULL && error.where == where &&
	    strstr(error.text, why) != NULL, "'%s': %s", text, why))
		diag("%zu: %s", error.where, got != NULL ? got : error.text);
	free(got);
}

static void
test_expand(void)
{
	expands("", "");
	expands("plain", "plain");
	expands("a$$b$$", "a$b$");
	expands("<${A_1}>", "<v$${A}>");
	expands("${NONE:-x y}${EMPTY:-z}${EMPTY}", "x yz");
	expands("${A_1:-x}${NONE:-}", "v$${A}");
	expands("${NONE:-a:-b}", "a:-b");
	does_not_expand("x${NONE}", 1, "no variable NONE");
	does_not_expand("$HOME", 0, "${HOME}");
	does_not_expand("a$", 1, "a dollar $$");
	does_not_expand("$$${A_1", 2, "closing }");
	does_not_expand("${}", 0, "letters, digits");
	does_not_expand("${1}", 0, "begins with no digit");
	does_not_expand("${A-b}", 0, "${NAME:-DEFAULT}");
	does_not_expand("${A_1:-${B}}", 0, "cannot have a variable");
}

static void
test_utf8(void)
{
	char out[5];
	uint32_t code;

	ok(utf8_decode("\xf0\x9f\x98\x80", 4, &code) == 4 && code == 0x1f600,
	    "four bytes");
	ok(utf8_decode("\xe2\x82\xac", 2, &code) == 1 && code == UTF8_INVALID,
	    "a character that ends too early");
	ok(utf8_decode("\xc0\x80", 2, &code) == 1 && code == UTF8_INVALID,
	    "one that is longer than it needs to be");
	ok(utf8_decode("\xed\xa0\x80", 3, &code) == 1 && code == UTF8_INVALID,
	    "a surrogate");
	ok(utf8_decode("\xf4\x90\x80\x80", 4, &code) == 1 &&
	    code == UTF8_INVALID, "one beyond the last");
	ok(utf8_copy(out, sizeof(out), "ab\xe2\x82\xac", 5) == 2 &&
	    strcmp(out, "ab") == 0, "no part of a character is copied");
}

#ifdef HAVE_FYAML

/* What a build without it refuses. */
#ifdef HAVE_UTHASH
#define PER_SOURCE	3
#define PER_SOURCE_TEXT	"3"
#else
#define PER_SOURCE	0
#define PER_SOURCE_TEXT	"off"
#endif

/* The plan of a file; it is the caller's. */
static struct plan *
plan_of(const char *text)
{
	struct problems problems = { .list = NULL };
	struct plan *plan = plan_create();
	struct source *source;
	const size_t length = strlen(text);
	char *copy = malloc(length + 1);

	if (plan == NULL || copy == NULL)
		bail_out("memory");
	memcpy(copy, text, length);
	source = source_make("test", copy, length, &problems);
	if (!ok(source != NULL && files_read(plan, source, &problems) == 0,
	    "a file is read"))
		problems_print(&problems, stdout, false);
	problems_free(&problems);
	if (plan->routes_count == 0)
		bail_out("no route");
	return (plan);
}

static void
test_top(void)
{
	struct plan *plan = plan_of("workers: 3\nuser: a:b\npidfile: /p\n"
	    "sandbox: false\nshutdown-timeout: off\n"
	    "limits: {connections: 7, memory: 2m}\n"
	    "log: {target: ./log, level: error,\n"
	    "  sessions: {target: syslog, start: true, interval: 5m}}\n"
	    "routes: [{listen: 80, upstreams: a:1}]\n");

	ok(plan->workers == 3 && strcmp(plan->user, "a:b") == 0 &&
	    strcmp(plan->pidfile, "/p") == 0 && !plan->is_confined &&
	    plan->shutdown_timeout_ms == DURATION_OFF, "of the top");
	ok(plan->connections_max == 7 &&
	    plan->memory_max_bytes == 2 * 1024 * 1024, "of limits");
	ok(strcmp(plan->log.events.target, "./log") == 0 &&
	    plan->log.events.format == LOG_TEXT &&
	    plan->log.threshold == SEVERITY_ERROR, "of the log");
	ok(plan->log.has_sessions && plan->log.has_starts &&
	    strcmp(plan->log.sessions.target, "syslog") == 0 &&
	    plan->log.interval_ms == 5 * 60 * 1000, "of its sessions");
	plan_release(plan);
	plan = plan_of("log: {sessions: false}\n"
	    "routes: [{listen: 80, upstreams: a:1}]\n");
	ok(!plan->log.has_sessions && !plan->log.has_starts,
	    "they may be off");
	plan_release(plan);
}

static void
test_route(void)
{
	struct plan *plan = plan_of("defaults:\n"
	    "  timeouts: {connect: 1s, idle: 2m}\n"
	    "  limits: {connections: 9, per-source: " PER_SOURCE_TEXT "}\n"
	    "  allow: [10.0.0.0/8, 192.0.2.1]\n"
	    "  deny: [10.1.0.0/16]\n"
	    "  socket: {dscp: EF, mark: 0x1F, keepalive: false}\n"
	    "routes:\n"
	    "- &one {name: one, listen: [80, '[::1]:81'], upstreams: a:1,\n"
	    "   source: 127.0.0.1, interface: lo, timeouts: {idle: off},\n"
	    "   limits: {per-source: off, accept-rate: 6/m}, allow: []}\n"
	    "- {<<: *one, name: two, listen: 82, client-socket:\n"
	    "    {keepalive-idle: 1m, send-buffer: 64k, mark: 5}}\n"
	    "- {listen: 83, upstreams: [a:1, b:2]}\n");
	const struct route *one = &plan->routes[0], *two = one + 1,
	    *three = one + 2;

	ok(plan->routes_count == 3, "three routes");
	ok(strcmp(one->name, "one") == 0 && one->listen_count == 2 &&
	    one->upstreams_count == 1 && one->listen[1].port == 81,
	    "one listens twice");
	ok(one->connect_timeout_ms == 1000 &&
	    one->idle_timeout_ms == DURATION_OFF &&
	    one->half_close_timeout_ms == 60 * 1000, "its timeouts");
	ok(one->limits.connections_max == 9 &&
	    one->limits.per_source_max == 0 &&
	    one->limits.accept_rate.count == 6 &&
	    one->limits.accept_rate.per_ms == 60 * 1000, "its limits");
	ok(one->allow_count == 0 && one->deny_count == 1, "its lists");
	ok(one->source.in.sin_addr.s_addr == htonl(INADDR_LOOPBACK) &&
	    strcmp(one->upstream.interface, "lo") == 0, "its source");
	ok(one->client.dscp == 46 && one->upstream.has_dscp &&
	    one->upstream.mark == 31 && one->client.keepalive_off,
	    "its sockets");
	ok(strcmp(two->name, "two") == 0 && two->listen_count == 1 &&
	    two->listen[0].port == 82 && two->source.sa.sa_family == AF_INET,
	    "two is merged");
	ok(two->client.keepalive_idle_s == 60 && two->client.mark == 5 &&
	    two->client.send_buffer_bytes == 65536 &&
	    two->upstream.mark == 31 && two->upstream.keepalive_idle_s == 0,
	    "with a side of its own");
	ok(strcmp(three->name, "83") == 0 && three->allow_count == 2 &&
	    three->upstreams_count == 2 && three->limits.per_source_max == PER_SOURCE,
	    "three has the defaults");
	plan_release(plan);
}

#endif

void
test_config(void)
{
	test_suggest();
	test_expand();
	test_utf8();
#ifdef HAVE_FYAML
	test_top();
	test_route();
#else
	skip("built without libfyaml", "a plan from a file");
#endif
}
