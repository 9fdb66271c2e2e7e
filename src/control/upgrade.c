/* SPDX-License-Identifier: ISC */

/* upgrade.c - another process in the place of this one. */

#include "config.h"

#include <sys/types.h>
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/socket.h"
#include "base/text.h"
#include "control/activation.h"
#include "control/heir.h"
#include "control/succession.h"
#include "control/upgrade.h"

uint64_t upgrade_start_ms = 60000;

#if !HAVE_DECL_ENVIRON
extern char **environ;
#endif

/* What threads open is of low numbers, but for sessions. */
#define FDS_SEARCHED	4096

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

/* The environment, with the descriptor to talk through; NULL with errno. */
static char **
make_environment(char *variable)
{
	char **copy;
	size_t count = 0, i;

	while (environ[count] != NULL)
		count++;
	copy = calloc(count + 2, sizeof(char *));
	if (copy == NULL)
		return (NULL);
	for (i = 0; i < count; i++)
		copy[i] = environ[i];
	copy[count] = variable;
	return (copy);
}

/*
 * What another thread has just opened, and not marked yet, is not for the new
 * process either.
 */
static void
close_all_on_exec(void)
{
	int fd;

#ifdef CLOSE_RANGE_CLOEXEC
	if (close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC) == 0)
		return;
#endif
	for (fd = STDERR_FILENO + 1; fd < FDS_SEARCHED; fd++)
		(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
}

/* Between fork(2) and execve(2), of a process with threads: calls alone. */
static void
become(const struct upgrade *upgrade, char **environment, int fd)
{
	const struct listen_sockets *sockets =
	    &upgrade->operation->deployment->sockets;
	const struct activation *activation = activation_of_process();
	sigset_t none;
	size_t i;

	close_all_on_exec();
	for (i = 0; i < sockets->count; i++)
		(void)fcntl(sockets->list[i].fd, F_SETFD, 0);
	for (i = 0; i < activation->count; i++)
		(void)fcntl(activation->list[i].fd, F_SETFD, 0);
	if (upgrade->pidfile->path != NULL)
		(void)fcntl(upgrade->pidfile->fd, F_SETFD, 0);
	(void)fcntl(fd, F_SETFD, 0);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)execve(upgrade->program, upgrade->argv, environment);
	_exit(HEIR_NOT_EXECUTED);
}

/* The process, and the descriptor to talk to it; -1 with errno. */
static int
spawn(struct upgrade *upgrade)
{
	char variable[sizeof(SUCCESSION_VARIABLE) + 16];
	char **environment;
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == -1)
		return (-1);
	(void)fcntl(fds[0], F_SETFD, FD_CLOEXEC);
	(void)fcntl(fds[1], F_SETFD, FD_CLOEXEC);
	(void)snprintf(variable, sizeof(variable), SUCCESSION_VARIABLE "=%d",
	    fds[1]);
	environment = make_environment(variable);
	upgrade->pid = environment == NULL ? -1 : fork();
	if (upgrade->pid == 0)
		become(upgrade, environment, fds[1]);
	free(environment);
	socket_close(fds[1]);
	if (upgrade->pid != -1)
		return (fds[0]);
	socket_close(fds[0]);
	return (-1);
}

static void
tell_failure(const struct upgrade *upgrade, const char *problem)
{
	log_line(upgrade->log, SEVERITY_ERROR, "upgrade-failed "
	    "error=\"%s\" action=keep-running", problem);
}

static void
talk_with(struct upgrade *upgrade, int fd, const struct message *message)
{
	struct heir heir = { .pid = upgrade->pid, .fd = fd,
	    .patience_ms = upgrade_start_ms,
	    .is_given_up = &upgrade->is_given_up };
	const char *problem;

	problem = heir_talk(&heir, message->bytes, message->length,
	    &upgrade->answer);
	if (problem != NULL)
		tell_failure(upgrade, problem);
}

/* On the keeper's thread. */
static void
run(void *arg)
{
	struct upgrade *upgrade = arg;
	struct message message = { .bytes = NULL };
	const char *problem = NULL;
	int fd;

	if (upgrade->program == NULL)
		problem = "the program's path is not known";
	else if (!write_message(&message, upgrade))
		problem = text_error(ENOMEM);
	else if ((fd = spawn(upgrade)) == -1)
		problem = text_error(errno);
	else {
		talk_with(upgrade, fd, &message);
		socket_close(fd);
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
