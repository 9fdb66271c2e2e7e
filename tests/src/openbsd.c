/* SPDX-License-Identifier: ISC */

/*
 * openbsd.c - what OpenBSD would be told: sandbox-openbsd.c, compiled here, with
 * unveil(2) and pledge(2) as their manual pages have them.
 *
 * Of unveil(2): the last call for a place counts; a file is looked up by its
 * own entry, else by that of the nearest directory above it.  There is room for
 * so many.  tests/relay/elsewhere.t holds the promises against the calls that a
 * running relay makes.
 */

#include "config.h"

#include <sys/types.h>

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "config/plan.h"
#include "control/sandbox.h"
#include "relay/route.h"
#include "tap.h"

int pledge(const char *promises, const char *execpromises);
int unveil(const char *path, const char *permissions);
static int there(const char *path, int mode);

#define __OpenBSD__	1
#define access		there
#include "control/sandbox-openbsd.c"
#undef access
#undef __OpenBSD__

#define VEILS_MAX	128	/* UNVEIL_MAX_NAMES */

static struct veil {
	char path[128];
	char permissions[8];
} veils[VEILS_MAX];

static size_t veils_count;
static bool is_locked;
static char promised[256];

static struct veil *
find(const char *path, size_t length)
{
	size_t i;

	for (i = 0; i < veils_count; i++) {
		if (strlen(veils[i].path) == length &&
		    memcmp(veils[i].path, path, length) == 0)
			return (&veils[i]);
	}
	return (NULL);
}

/* Whatever has no "absent" in its name. */
static int
there(const char *path, int mode)
{
	(void)mode;
	errno = ENOENT;
	return (strstr(path, "absent") == NULL ? 0 : -1);
}

int
unveil(const char *path, const char *permissions)
{
	struct veil *veil;

	if (path == NULL) {
		is_locked = true;
		return (0);
	}
	veil = find(path, strlen(path));
	if (is_locked || (veil == NULL && veils_count == VEILS_MAX)) {
		errno = is_locked ? EPERM : E2BIG;
		return (-1);
	}
	if (veil == NULL)
		veil = &veils[veils_count++];
	(void)snprintf(veil->path, sizeof(veil->path), "%s", path);
	(void)snprintf(veil->permissions, sizeof(veil->permissions), "%s",
	    permissions);
	return (0);
}

int
pledge(const char *promises, const char *execpromises)
{
	if (execpromises != NULL)
		bail_out("what is executed confines itself");
	(void)snprintf(promised, sizeof(promised), " %s ", promises);
	return (0);
}

/* Whether all of `wanted' may be done to the file. */
static bool
may(const char *path, const char *wanted)
{
	const struct veil *veil;
	size_t length = strlen(path);

	for (;;) {
		veil = find(path, length);
		if (veil != NULL || length <= 1)
			break;
		while (length > 0 && path[length - 1] != '/')
			length--;
		if (length > 1)
			length--;
	}
	if (veil == NULL)
		return (false);
	for (; *wanted != '\0'; wanted++) {
		if (strchr(veil->permissions, *wanted) == NULL)
			return (false);
	}
	return (true);
}

static void
add(struct plan *plan, const struct target **list, size_t *count,
    plan_parse_fn *parse, const char *text)
{
	const char *problem;

	if (!plan_add_target(plan, list, count, parse, text, &problem) ||
	    problem != NULL)
		bail_out(text);
}

static void
add_route(struct plan *plan, const char *listen, const char *upstream)
{
	struct route *route = plan_add_route(plan);

	if (route == NULL)
		bail_out("no route");
	add(plan, &route->listen, &route->listen_count, target_parse_listen,
	    listen);
	add(plan, &route->upstreams, &route->upstreams_count,
	    target_parse_upstream, upstream);
}

static struct plan *
new_plan(const char *listen, const char *upstream)
{
	struct plan *plan = plan_create();

	if (plan == NULL)
		bail_out("no plan");
	add_route(plan, listen, upstream);
	return (plan);
}

static void
begin(const struct plan *plan, const char *program)
{
	veils_count = 0;
	is_locked = false;
	if (sandbox_begin(plan, program) != STATUS_OK)
		bail_out("sandbox_begin");
	sandbox_confine(SANDBOX_MAIN, NULL);
}

static bool
has_promised(const char *promise)
{
	char word[32];

	(void)snprintf(word, sizeof(word), " %s ", promise);
	return (strstr(promised, word) != NULL);
}

static void
test_files(const struct plan *plan)
{
	tap_begin("unveil");
	begin(plan, "/usr/sbin/muxproxy");
	ok(strcmp(sandbox_description(), "unveil,pledge") == 0,
	    "the start line has it");
	ok(is_locked, "for good");
	ok(may("/etc/resolv.conf", "r") && may("/etc/muxproxy/any", "r"),
	    "what configurations and look-ups read");
	ok(!may("/etc/passwd", "w") && !may("/etc/new", "c"),
	    "nothing of others is written or made");
	ok(may("/var/log/mux/log", "rwc"), "a log is opened again");
	ok(may("/var/pid/mux.pid", "rwc"), "the pid file is removed");
	ok(may("/var/run/mux/in.sock", "rwc"), "a socket is listened on again");
	ok(may("/var/run/app/out.sock", "w"), "an upstream is connected to");
	ok(!may("/var/run/app/new", "c"), "nothing is made beside it");
	ok(may("/var/run/mux/chain.sock", "rwc"),
	    "one beside what is listened on takes nothing from it");
	ok(may("/srv/app/absent/later.sock", "w") &&
	    !may("/srv/app/absent/later.sock", "c") && !may("/srv/other", "w"),
	    "one of a directory that is to come");
	ok(may("/dev/null", "rw"), "the null device");
	ok(may("/usr/sbin/muxproxy", "x") && !may("/bin/sh", "x"),
	    "the next program is started, and no other");
}

static void
test_promises(const struct plan *plan)
{
	tap_begin("pledge");
	begin(plan, "/usr/sbin/muxproxy");
	ok(has_promised("exec") && has_promised("unix") &&
	    has_promised("inet"), "with a program to upgrade to");
	begin(plan, NULL);
	ok(!has_promised("exec") && has_promised("inet"), "and without");
	ok(!may("/usr/sbin/muxproxy", "x"), "which cannot be started");
}

static const char *
cut_off(const struct plan *first, const char *upstream)
{
	struct plan *plan = new_plan("8888", upstream);
	static char path[TARGET_PATH_MAX + 1];
	const char *found = sandbox_cut_off(first, plan);

	(void)snprintf(path, sizeof(path), "%s", found == NULL ? "" : found);
	plan_release(plan);
	return (path);
}

static void
test_reloads(const struct plan *first)
{
	static const struct {
		const char *upstream;
		bool is_cut_off;
	} cases[] = {
		{ "unix:/var/run/app/out.sock", false },
		{ "unix:/var/run/app/other.sock", false },
		{ "unix:/var/run/app/deep/other.sock", false },
		{ "unix:/var/run/mux/other.sock", false },
		{ "unix:/var/log/mux/other.sock", false },
		{ "unix:/var/run/application/x.sock", true },
		{ "unix:/srv/x.sock", true },
		{ "unix:x.sock", true },
		{ "unix:/var/run/app/../../x.sock", true },
		{ "unix:../up/x.sock", false },
		{ "unix:../up/../x.sock", true },
		{ "127.0.0.1:9", false },
		{ "builtin:echo", false },
	};
	size_t i;

	tap_begin("a reload's upstream");
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ok((*cut_off(first, cases[i].upstream) != '\0') ==
		    cases[i].is_cut_off, "%s", cases[i].upstream);
}

/* More places than there is room for: all is as it was without. */
static void
test_crowd(void)
{
	struct plan *plan = new_plan("8888", "builtin:echo");
	char listen[64];
	int i;

	tap_begin("many directories");
	for (i = 0; i < VEILS_MAX; i++) {
		(void)snprintf(listen, sizeof(listen), "unix:/srv/%d/x", i);
		add_route(plan, listen, "unix:/srv/x");
	}
	begin(plan, "/usr/sbin/muxproxy");
	ok(strcmp(sandbox_description(), "!unveil,pledge") == 0,
	    "the start line tells");
	ok(may("/srv/0/x", "rwc") && may("/srv/127/x", "rwc"), "all can be made");
	ok(may("/srv/x", "w") && *cut_off(plan, "unix:/lib/x.sock") == '\0',
	    "and all be connected to");
	ok(may("/usr/sbin/muxproxy", "x"), "the program can be started");
	plan_release(plan);
}

int
main(void)
{
	struct plan *plan = new_plan("unix:/var/run/mux/in.sock",
	    "unix:/var/run/app/out.sock");

	add_route(plan, "unix:/var/run/mux/chain.sock", "127.0.0.1:9");
	add_route(plan, "8888", "unix:/var/run/mux/chain.sock");
	add_route(plan, "8889", "unix:/srv/app/absent/later.sock");
	add_route(plan, "8890", "unix:/absent/x.sock");
	add_route(plan, "8891", "unix:../up/y.sock");
	plan->log.events.target = "/var/log/mux/log";
	plan->log.sessions.target = "syslog";
	plan->pidfile = "/var/pid/mux.pid";
	test_files(plan);
	test_promises(plan);
	test_reloads(plan);
	test_crowd();
	plan_release(plan);
	return (tap_done());
}
