/* SPDX-License-Identifier: ISC */

/* upgrade.c - another process in the place of this one. */

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/socket.h"
#include "base/text.h"
#include "control/activation.h"
#include "control/heir.h"
#include "control/spawn.h"
#include "control/upgrade.h"

uint64_t upgrade_start_ms = 60000;

/* What is said to the new process, and to its start. */
struct message {
	char *bytes;
	size_t length, size;
};

static bool
append(struct message *message, const char *record)
{
	const size_t length = strlen(record) + 1;
	char *larger;

	if (message->bytes == NULL || length > message->size - message->length) {
		larger = realloc(message->bytes, 2 * message->size + length);
		if (larger == NULL)
			return (false);
		message->bytes = larger;
		message->size = 2 * message->size + length;
	}
	memcpy(message->bytes + message->length, record, length);
	message->length += length;
	return (true);
}

static bool
append_listener(struct message *message, const struct listen_socket *socket)
{
	char place[TARGET_TEXT_SIZE], record[TARGET_TEXT_SIZE + 32];
	struct target target = *socket->target;

	if (target.kind == TARGET_INET) {
		target.port = (uint16_t)(target.port + socket->port_offset);
		target.ports = 1;
	}
	(void)snprintf(record, sizeof(record), "listen %d %s", socket->fd,
	    target_format(place, sizeof(place), &target));
	if (!append(message, record))
		return (false);
	if (socket->path == NULL)
		return (true);
	(void)snprintf(record, sizeof(record), "file %llu %llu",
	    socket->device, socket->inode);
	return (append(message, record));
}

/* Those that nobody listens on are kept for a plan that does. */
static bool
append_passed(struct message *message)
{
	const struct activation *activation = activation_of_process();
	char record[ACTIVATION_NAME_MAX + 32];
	bool is_whole = true;
	size_t i;

	for (i = 0; i < activation->count; i++) {
		(void)snprintf(record, sizeof(record), "passed %d %s",
		    activation->list[i].fd, activation->list[i].name);
		is_whole = is_whole && append(message, record);
	}
	return (is_whole);
}

/* False for want of memory. */
static bool
write_message(struct message *message, const struct upgrade *upgrade)
{
	const struct listen_sockets *sockets =
	    &upgrade->operation->deployment->sockets;
	char record[64];
	bool is_whole = true;
	size_t i;

	for (i = 0; i < sockets->count; i++)
		is_whole = is_whole && append_listener(message,
		    &sockets->list[i]);
	is_whole = is_whole && append_passed(message);
	(void)snprintf(record, sizeof(record), "pidfile %d",
	    upgrade->pidfile->fd);
	return (is_whole && (upgrade->pidfile->path == NULL ||
	    append(message, record)));
}

static void
tell_failure(const struct upgrade *upgrade, const char *problem)
{
	log_line(upgrade->log, SEVERITY_ERROR, "upgrade-failed "
	    "error=\"%s\" action=keep-running", problem);
}

static void
talk_with(struct upgrade *upgrade, struct heir *heir,
    const struct message *message)
{
	const char *problem;

	problem = heir_talk(heir, message->bytes, message->length,
	    &upgrade->answer);
	if (problem == NULL)
		return;
	tell_failure(upgrade, problem);
	/* it may have come as far as to write its own */
	(void)pidfile_renew(upgrade->pidfile);
}

/* On the keeper's thread. */
static void
run(void *arg)
{
	struct upgrade *upgrade = arg;
	struct heir heir = { .patience_ms = upgrade_start_ms,
	    .is_given_up = &upgrade->is_given_up };
	const struct image image = { .program = upgrade->program,
	    .argv = upgrade->argv, .pidfile = upgrade->pidfile,
	    .sockets = &upgrade->operation->deployment->sockets };
	struct message message = { .bytes = NULL };
	const char *problem = NULL;

	if (upgrade->program == NULL)
		problem = "the program's path is not known";
	else if (!write_message(&message, upgrade))
		problem = text_error(ENOMEM);
	else if ((heir.fd = spawn_heir(&image, &heir.waiter)) == -1)
		problem = text_error(errno);
	else {
		upgrade->pid = heir.waiter.child;
		talk_with(upgrade, &heir, &message);
		socket_close(heir.fd);
	}
	free(message.bytes);
	if (problem != NULL)
		tell_failure(upgrade, problem);
}

static bool
is_kept(const struct handover_answer *answer, int fd)
{
	size_t i;

	for (i = 0; i < answer->count; i++) {
		if (answer->kept[i] == fd)
			return (true);
	}
	return (false);
}

/* What the other has not kept is served to the end of its accept queue. */
static void
leave_sockets(struct upgrade *upgrade)
{
	struct deployment *deployment = upgrade->operation->deployment;
	struct listen_socket *socket;
	size_t i, count = 0;

	for (i = 0; i < deployment->sockets.count; i++) {
		socket = &deployment->sockets.list[i];
		if (is_kept(&upgrade->answer, socket->fd))
			socket->path = NULL;	/* the other's to be removed */
		if (is_kept(&upgrade->answer, deployment->listening[i].fd))
			deployment->listening[count++] =
			    deployment->listening[i];
	}
	listen_remove(&deployment->sockets);
	(void)crew_serve(upgrade->operation->crew, deployment->listening,
	    count);
}

static void
on_run(void *arg)
{
	struct upgrade *upgrade = arg;
	const bool leaves = upgrade->answer.is_ready;

	upgrade->is_running = false;
	if (leaves) {
		leave_sockets(upgrade);
		if (upgrade->answer.has_pidfile)
			pidfile_leave(upgrade->pidfile);
	}
	handover_free_answer(&upgrade->answer);
	upgrade->over(upgrade->arg, leaves);
}

void
upgrade_start(struct upgrade *upgrade)
{
	upgrade->is_wanted = true;
	upgrade_resume(upgrade);
}

bool
upgrade_give_up(struct upgrade *upgrade)
{
	if (upgrade->is_running)
		atomic_store(&upgrade->is_given_up, true);
	return (upgrade->is_running);
}

void
upgrade_resume(struct upgrade *upgrade)
{
	if (!upgrade->is_wanted ||
	    keeper_is_busy(upgrade->operation->keeper))
		return;
	upgrade->is_wanted = false;
	upgrade->is_running = true;
	keeper_do(upgrade->operation->keeper, run, on_run, upgrade);
}

/* A path that is relative, from where we are now; it may be a link. */
static char *
absolute(const char *path)
{
	char here[PATH_MAX], *whole;
	size_t size;

	if (*path == '/')
		return (strdup(path));
	if (getcwd(here, sizeof(here)) == NULL)
		return (NULL);
	size = strlen(here) + strlen(path) + 2;
	whole = malloc(size);
	if (whole != NULL)
		(void)snprintf(whole, size, "%s/%s", here, path);
	return (whole);
}

char *
upgrade_program(const char *argv0)
{
	const char *at = getenv("PATH");
	char path[PATH_MAX];
	size_t length;
	int n;

	if (strchr(argv0, '/') != NULL)
		return (absolute(argv0));
	for (; at != NULL && *at != '\0'; at += length + (at[length] == ':')) {
		length = strcspn(at, ":");
		n = snprintf(path, sizeof(path), "%.*s%s%s", (int)length, at,
		    length > 0 ? "/" : "./", argv0);
		if (n > 0 && (size_t)n < sizeof(path) &&
		    access(path, X_OK) == 0)
			return (absolute(path));
	}
	return (NULL);
}

void
upgrade_open(struct upgrade *upgrade, struct operation *operation,
    struct log *log, struct pidfile *pidfile, char **argv,
    upgrade_over_fn *over, void *arg)
{
	*upgrade = (struct upgrade){ .operation = operation, .log = log,
	    .pidfile = pidfile, .argv = argv, .over = over, .arg = arg };
	atomic_init(&upgrade->is_given_up, false);
	upgrade->program = upgrade_program(argv[0]);
}

void
upgrade_close(struct upgrade *upgrade)
{
	free(upgrade->program);
	handover_free_answer(&upgrade->answer);
}
