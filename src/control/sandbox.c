/* SPDX-License-Identifier: ISC */

/* sandbox.c - what is the same for each system, and the words for it. */

#include "config.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "base/thread.h"
#include "control/sandbox-parts.h"
#include "control/sandbox.h"

/* Written by the first thread, before it starts any other. */
static struct {
	bool has_begun;
	size_t used;
	char words[128];
} state = { .words = "off" };

void
sandbox_note(const char *format, ...)
{
	const size_t comma = state.used > 0;
	const size_t at = state.used + comma;
	const size_t room = sizeof(state.words) - at;
	va_list ap;
	int n;

	if (comma)
		state.words[state.used] = ',';
	va_start(ap, format);
	n = vsnprintf(state.words + at, room, format, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= room)
		state.words[state.used] = '\0';
	else
		state.used = at + (size_t)n;
}

const char *
sandbox_description(void)
{
	return (state.words);
}

const char *
sandbox_facts(void)
{
	return (sandbox_system_facts);
}

static void
confine_helper(void)
{
	sandbox_confine(SANDBOX_HELPER, NULL);
}

enum exit_status
sandbox_begin(const struct plan *plan, const char *program)
{
	enum exit_status status;

	if (!plan->is_confined)
		return (STATUS_OK);
	state.used = 0;
	(void)snprintf(state.words, sizeof(state.words), "none");
	status = sandbox_system_begin(plan, program);
	state.has_begun = status == STATUS_OK;
	if (state.has_begun)
		thread_set_confine(confine_helper);
	return (status);
}

void
sandbox_confine(enum sandbox_role role, struct log *log)
{
	static const char *const threads[SANDBOX_ROLES] = {
		[SANDBOX_WORKER] = "worker",
		[SANDBOX_MAIN] = "main",
		[SANDBOX_HELPER] = "helper",
		[SANDBOX_KEEPER] = "keeper",
	};
	static atomic_bool has_told;
	const char *part;

	part = state.has_begun ? sandbox_system_confine(role) : NULL;
	if (part == NULL || log == NULL || atomic_exchange(&has_told, true))
		return;
	log_line(log, SEVERITY_WARNING, "sandbox-incomplete thread=%s "
	    "part=%s error=\"%s\"", threads[role], part, text_error(errno));
}

/* The directory of a file; "stderr" and "syslog" are no files. */
static void
give_directory(const char *path, directory_fn *fn, void *arg)
{
	char directory[PATH_MAX];
	const char *slash;
	size_t length;

	slash = path != NULL ? strrchr(path, '/') : NULL;
	if (slash == NULL)
		return;
	length = slash == path ? 1 : (size_t)(slash - path);
	if (length >= sizeof(directory))
		return;
	memcpy(directory, path, length);
	directory[length] = '\0';
	fn(directory, arg);
}

/* As it is written, and where it really is, should it be a link. */
static void
give_file(const char *path, directory_fn *fn, void *arg)
{
	char real[PATH_MAX];

	give_directory(path, fn, arg);
	if (path != NULL && realpath(path, real) != NULL)
		give_directory(real, fn, arg);
}

static void
give_sockets(const struct target *targets, size_t count, directory_fn *fn,
    void *arg)
{
	const char *path;
	size_t i;

	for (i = 0; i < count; i++) {
		path = targets[i].path;
		if (targets[i].kind != TARGET_UNIX)
			continue;
		if (strchr(path, '/') == NULL)
			fn(".", arg);
		else
			give_directory(path, fn, arg);
	}
}

void
sandbox_each_directory(const struct plan *plan, bool all, directory_fn *fn,
    void *arg)
{
	size_t i;

	give_file(plan->log.events.target, fn, arg);
	give_file(plan->log.sessions.target, fn, arg);
	if (!all)
		return;
	if (plan->pidfile != NULL && strchr(plan->pidfile, '/') == NULL)
		fn(".", arg);
	else
		give_file(plan->pidfile, fn, arg);
	for (i = 0; i < plan->routes_count; i++)
		give_sockets(plan->routes[i].listen,
		    plan->routes[i].listen_count, fn, arg);
}

void
sandbox_each_upstream_directory(const struct plan *plan, directory_fn *fn,
    void *arg)
{
	size_t i;

	for (i = 0; i < plan->routes_count; i++)
		give_sockets(plan->routes[i].upstreams,
		    plan->routes[i].upstreams_count, fn, arg);
}

/* A path that is looked for below directories. */
struct search {
	const char *path;
	bool is_below;
};

static void
look_below(const char *directory, void *arg)
{
	struct search *search = arg;
	const bool is_here = strcmp(directory, ".") == 0;
	const size_t length = is_here ? 0 : strlen(directory);
	const char *rest = search->path + length;

	/* what leads up again may lead out */
	if (strncmp(search->path, directory, length) != 0 ||
	    strstr(rest, "..") != NULL)
		return;
	search->is_below |= is_here ? *rest != '/' :
	    length == 1 || *rest == '/';
}

static bool
reaches(const struct plan *first, const struct target *target)
{
	struct search search = { .path = target->path };

	if (target->kind != TARGET_UNIX)
		return (true);
	sandbox_each_directory(first, true, look_below, &search);
	sandbox_each_upstream_directory(first, look_below, &search);
	return (search.is_below);
}

const char *
sandbox_cut_off(const struct plan *first, const struct plan *plan)
{
	const struct route *route;
	size_t i, j;

	if (!state.has_begun || !sandbox_system_hides)
		return (NULL);
	for (i = 0; i < plan->routes_count; i++) {
		route = &plan->routes[i];
		for (j = 0; j < route->upstreams_count; j++) {
			if (!reaches(first, &route->upstreams[j]))
				return (route->upstreams[j].path);
		}
	}
	return (NULL);
}
