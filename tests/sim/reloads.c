/* SPDX-License-Identifier: ISC */

/* reloads.c - other plans in the place of the one in service. */

#include <string.h>
#include <unistd.h>

#include "dice.h"
#include "relay/interval.h"
#include "relay/listener.h"
#include "relay/worker.h"
#include "reloads.h"
#include "socks.h"

#define LISTENERS_MAX	4
#define RELOADED_IN	3	/* so many lives, one has reloads */
#define RELOADS_MAX	6
#define WITHIN_MS	300	/* the next one */

static struct {
	struct worker *worker;
	struct acceptor *acceptor;
	struct line *line;
	struct route routes[RELOADS_MAX + 1];	/* sessions may keep each */
	size_t reloads, reloads_max;
	uint64_t next_ns;
} world;

static void
await_next(void)
{
	world.next_ns = kernel.now_ns + dice_below(WITHIN_MS) * NS_PER_MS;
}

void
reloads_begin(struct worker *worker, struct acceptor *acceptor,
    struct line *line, const struct route *route)
{
	world.worker = worker;
	world.acceptor = acceptor;
	world.line = line;
	world.routes[0] = *route;
	world.reloads = 0;
	world.reloads_max = dice_one_in(RELOADED_IN) ?
	    1 + dice_below(RELOADS_MAX) : 0;
	await_next();
}

struct line *
reloads_end(void)
{
	struct line *line = world.line;

	world.worker = NULL;
	world.line = NULL;
	return (line);
}

/* The line of the new plan, held; NULL: there is no memory. */
static struct line *
choose_line(void)
{
	struct route *route = &world.routes[world.reloads];
	struct line *line;

	if (dice_one_in(2))
		return (line_hold(world.line));
	*route = world.routes[0];
	if (dice_one_in(4))
		route->limits.connections_max = 1 + dice_below(4);
	line = line_create(route, 1, NULL, NULL);
	/* of the same route, mostly */
	if (line != NULL && !dice_one_in(4))
		line_follow(line, world.line);
	return (line);
}

/* Of those that are open, and are not to be closed already. */
static size_t
keep_some(struct listening *list, struct line *line)
{
	const struct listener *listener;
	size_t count = 0;

	for (listener = world.acceptor->listeners; listener != NULL &&
	    count < LISTENERS_MAX; listener = listener->next) {
		if (!listener->is_closing && (count == 0 || dice_one_in(2)))
			list[count++] = (struct listening){ .line = line,
			    .fd = listener->fd };
	}
	return (count);
}

static void
close_new(const struct listening *list, size_t kept, size_t count)
{
	/* nobody waits there: what does, waits where others accept */
	kernel.was_empty = true;
	while (count > kept)
		(void)close(list[--count].fd);
}

/* The limit of all, which may be lower now, but not below what is there. */
static void
limit_all(void)
{
	struct acceptor *acceptor = world.acceptor;
	size_t most = acceptor->sessions_max;

	if (dice_one_in(2) && acceptor->sessions_count > 0)
		most = acceptor->sessions_count + dice_below(2);
	(void)acceptor_start(acceptor, most);
}

/* -1: all is as it was. */
static int
serve(struct line *line)
{
	struct listening list[LISTENERS_MAX], sorted[LISTENERS_MAX];
	const size_t kept = keep_some(list, line);
	size_t count = kept;

	while (count < LISTENERS_MAX && dice_one_in(2)) {
		list[count] = (struct listening){ .line = line,
		    .fd = desc_open(KIND_LISTENER, NULL) };
		if (list[count].fd == -1)
			break;
		count++;
	}
	memcpy(sorted, list, count * sizeof(list[0]));
	listening_sort(sorted, count);
	if (acceptor_serve(world.acceptor, sorted, count) == 0) {
		limit_all();
		return (0);
	}
	close_new(list, kept, count);
	return (-1);
}

/* What is asked of the log; each session has its line anyway. */
static void
wish(struct log *log)
{
	const struct log_wishes wishes = {
		.threshold = SEVERITY_INFO,
		.session_threshold = SEVERITY_INFO,
		.has_sessions = true,
		.has_starts = dice_one_in(2),
		.interval_ms = dice_one_in(3) ? 0 : 1 + dice_below(100),
	};

	if (log_wants(log, SEVERITY_INFO) && dice_one_in(4))
		log_wish(log, &wishes);
	interval_update(world.worker);
}

static size_t
count_open(void)
{
	const struct listener *listener;
	size_t count = 0;

	for (listener = world.acceptor->listeners; listener != NULL;
	    listener = listener->next)
		count += !listener->is_closing;
	return (count);
}

static void
reload(void)
{
	const size_t before = count_open();
	struct line *line;

	world.reloads++;
	line = choose_line();
	if (line == NULL)
		return;
	if (serve(line) == -1) {
		trace("a reload fails");
		if (count_open() != before)
			violated("reload", "it failed, and changed listeners");
		line_release(line);
		return;
	}
	trace("a reload %s the line", line == world.line ? "keeps" : "changes");
	if (line != world.line) {
		atomic_store(&world.line->is_retired, true);
		lanes_sweep(world.worker);
	}
	line_release(world.line);
	world.line = line;
	wish(world.worker->log);
}

void
reloads_turn(void)
{
	if (world.worker == NULL || world.reloads == world.reloads_max ||
	    kernel.is_stopped || kernel.now_ns < world.next_ns)
		return;
	reload();
	await_next();
}
