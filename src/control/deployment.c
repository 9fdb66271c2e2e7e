/* SPDX-License-Identifier: ISC */

/* deployment.c - a plan put into service: its sockets and its lines. */

#include <stdlib.h>
#include <string.h>

#include "control/deployment.h"
#include "control/limits.h"
#include "control/names.h"
#include "control/sandbox.h"

static void
plan_gone(void *owner)
{
	plan_release(owner);
}

/* The line of a route that was the same before, with the pool it has; or NULL. */
static struct line *
find_line(const struct deployment *before, const struct route *route)
{
	size_t i;

	for (i = 0; before != NULL && i < before->plan->routes_count; i++) {
		if (route_equal(before->lines[i]->route, route))
			return (before->lines[i]);
	}
	return (NULL);
}

/* What the route of that name had before, whatever has changed, goes on. */
static void
follow(struct line *line, const struct deployment *before)
{
	size_t i;

	for (i = 0; before != NULL && i < before->plan->routes_count; i++) {
		if (strcmp(before->lines[i]->route->name,
		    line->route->name) == 0)
			line_follow(line, before->lines[i]);
	}
}

/* -1 with errno */
static int
open_lines(struct deployment *deployment, const struct deployment *before,
    size_t workers)
{
	struct plan *plan = deployment->plan;
	struct line *line;
	size_t i;

	for (i = 0; i < plan->routes_count; i++) {
		line = find_line(before, &plan->routes[i]);
		if (line != NULL) {
			deployment->lines_kept++;
			line_hold(line);
		} else {
			line = line_create(&plan->routes[i], workers,
			    plan_gone, plan);
			if (line == NULL)
				return (-1);
			(void)plan_hold(plan);
			follow(line, before);
		}
		deployment->lines[i] = line;
		if (line->session_fds > deployment->session_fds)
			deployment->session_fds = line->session_fds;
	}
	return (0);
}

static void
fill_listening(struct deployment *deployment)
{
	const struct listen_socket *socket;
	size_t i;

	for (i = 0; i < deployment->sockets.count; i++) {
		socket = &deployment->sockets.list[i];
		deployment->listening[i] = (struct listening){
			.fd = socket->fd,
			.port_offset = socket->port_offset,
			.line = deployment->lines[socket->route],
			.tunes = socket->tunes_accepted,
		};
	}
	listening_sort(deployment->listening, deployment->sockets.count);
}

struct deployment *
deployment_listen(struct plan *plan, const struct listen_sockets *open,
    enum exit_status *status)
{
	struct deployment *deployment;

	deployment = calloc(1, sizeof(*deployment));
	if (deployment == NULL) {
		*status = failure(STATUS_OSERR, "out of memory");
		return (NULL);
	}
	deployment->plan = plan_hold(plan);
	*status = listen_open(&deployment->sockets, plan->routes,
	    plan->routes_count, open);
	if (*status != STATUS_OK) {
		deployment_free(deployment);
		return (NULL);
	}
	return (deployment);
}

enum exit_status
deployment_equip(struct deployment *deployment,
    const struct deployment *before, size_t workers)
{
	size_t i;

	deployment->lines = calloc(deployment->plan->routes_count,
	    sizeof(struct line *));
	deployment->listening = calloc(deployment->sockets.count,
	    sizeof(deployment->listening[0]));
	if (deployment->lines == NULL || deployment->listening == NULL ||
	    open_lines(deployment, before, workers) == -1)
		return (failure(STATUS_OSERR, "out of memory"));
	fill_listening(deployment);
	for (i = 0; i < deployment->sockets.count; i++)
		sandbox_limit_fd(deployment->sockets.list[i].fd,
		    SANDBOX_LISTENER);
	return (STATUS_OK);
}

void
deployment_discard(struct deployment *deployment)
{
	if (deployment == NULL)
		return;
	listen_close(&deployment->sockets);
	deployment_free(deployment);
}

struct deployment *
deployment_create(struct plan *plan, const struct deployment *before,
    const struct listen_sockets *open, size_t workers,
    enum exit_status *status)
{
	struct deployment *deployment;

	deployment = deployment_listen(plan, open, status);
	if (deployment == NULL)
		return (NULL);
	*status = deployment_equip(deployment, before, workers);
	if (*status == STATUS_OK)
		return (deployment);
	deployment_discard(deployment);
	return (NULL);
}

static bool
has_line(const struct deployment *deployment, const struct line *line)
{
	size_t i;

	for (i = 0; deployment != NULL && i < deployment->plan->routes_count;
	    i++) {
		if (deployment->lines[i] == line)
			return (true);
	}
	return (false);
}

/* Of what was there before, the names are known. */
static enum exit_status
check_names(const struct deployment *deployment,
    const struct deployment *before, struct mux_loop *loop, struct log *log)
{
	const size_t count = deployment->plan->routes_count;
	enum exit_status status;
	struct line **lines;
	size_t i, new_count = 0;

	lines = calloc(count, sizeof(struct line *));
	if (lines == NULL)
		return (failure(STATUS_OSERR, "out of memory"));
	for (i = 0; i < count; i++) {
		if (!has_line(before, deployment->lines[i]))
			lines[new_count++] = deployment->lines[i];
	}
	status = names_check(lines, new_count, loop, log);
	free(lines);
	return (status);
}

/* Before there are sessions; listeners that were handed over may be anywhere. */
static uint64_t
count_fds(const struct listen_sockets *sockets)
{
	const uint64_t end = LIMITS_FDS_OPENED + sockets->count;
	uint64_t count = limits_fds_in_use(end);
	size_t i;

	for (i = 0; i < sockets->count; i++)
		count += (uint64_t)sockets->list[i].fd >= end;
	return (count);
}

enum exit_status
deployment_check(struct deployment *deployment,
    const struct deployment *before, struct mux_loop *loop, struct log *log)
{
	enum exit_status status;

	status = check_names(deployment, before, loop, log);
	if (status != STATUS_OK)
		return (status);
	deployment->fds_in_use = before == NULL ?
	    count_fds(&deployment->sockets) :
	    before->fds_in_use - before->sockets.count +
	    deployment->sockets.count;
	return (limits_sessions(&deployment->sessions_max,
	    deployment->plan->connections_max, deployment->session_fds,
	    deployment->fds_in_use));
}

void
deployment_retire(struct deployment *deployment,
    const struct deployment *after)
{
	size_t i;

	for (i = 0; i < deployment->plan->routes_count; i++) {
		if (!has_line(after, deployment->lines[i]))
			atomic_store(&deployment->lines[i]->is_retired, true);
	}
	if (after != NULL)
		listen_remove_others(&deployment->sockets, &after->sockets);
	else
		listen_remove(&deployment->sockets);
}

void
deployment_free(struct deployment *deployment)
{
	size_t i;

	if (deployment == NULL)
		return;
	for (i = 0; deployment->lines != NULL &&
	    i < deployment->plan->routes_count; i++)
		line_release(deployment->lines[i]);
	free(deployment->lines);
	free(deployment->listening);
	listen_free(&deployment->sockets);
	plan_release(deployment->plan);
	free(deployment);
}
