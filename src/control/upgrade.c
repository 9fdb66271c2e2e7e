/* SPDX-License-Identifier: ISC */

/* upgrade.c - another process in the place of this one. */

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/socket.h"
#include "base/text.h"
#include "control/succession.h"
#include "control/upgrade.h"

#define START_MS	60000	/* for the new process to serve */
#define ANSWER_MAX	(1024 * 1024)

extern char **environ;

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

	if (message->length + length > message->size) {
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
	return (append(message, record));
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

/* Between fork(2) and execve(2), of a process with threads: calls alone. */
static void
become(const struct upgrade *upgrade, char **environment, int fd)
{
	const struct listen_sockets *sockets =
	    &upgrade->operation->deployment->sockets;
	sigset_t none;
	size_t i;

	for (i = 0; i < sockets->count; i++)
		(void)fcntl(sockets->list[i].fd, F_SETFD, 0);
	if (upgrade->pidfile->path != NULL)
		(void)fcntl(upgrade->pidfile->fd, F_SETFD, 0);
	(void)fcntl(fd, F_SETFD, 0);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)execve(upgrade->program, upgrade->argv, environment);
	_exit(127);
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

static bool
send_message(int fd, const struct message *message)
{
	size_t sent = 0;
	ssize_t n;

	while (sent < message->length) {
		n = send(fd, message->bytes + sent, message->length - sent,
		    MSG_NOSIGNAL);
		if (n == -1 && errno != EINTR)
			return (false);
		sent += n > 0 ? (size_t)n : 0;
	}
	return (shutdown(fd, SHUT_WR) == 0);
}

static int64_t
clock_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return ((int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000);
}

/* All that it says, to its end; NULL, or what is wrong. */
static const char *
read_answer(struct upgrade *upgrade, int fd)
{
	static char bytes[ANSWER_MAX];
	const int64_t end_ms = clock_ms() + START_MS;
	struct pollfd entry = { .fd = fd, .events = POLLIN };
	size_t used = 0;
	int64_t left_ms;
	ssize_t n;

	for (;;) {
		left_ms = end_ms - clock_ms();
		if (left_ms <= 0)
			return ("it does not serve after a minute");
		if (poll(&entry, 1, (int)left_ms) < 1)
			continue;
		n = read(fd, bytes + used, sizeof(bytes) - used);
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		used += (size_t)n;
	}
	if (used == 0)
		return ("it ended before it served");
	return (handover_parse_answer(&upgrade->answer, bytes, used));
}

static const char *
talk(struct upgrade *upgrade, int fd, const struct message *message)
{
	const char *problem;
	int status;

	problem = send_message(fd, message) ? read_answer(upgrade, fd) :
	    "it ended before it served";
	if (problem == NULL)
		return (NULL);
	(void)kill(upgrade->pid, SIGKILL);
	while (waitpid(upgrade->pid, &status, 0) == -1 && errno == EINTR)
		continue;
	return (problem);
}

/* On the keeper's thread. */
static void
run(void *arg)
{
	struct upgrade *upgrade = arg;
	struct message message = { .bytes = NULL };
	const char *problem;
	int fd;

	if (upgrade->program == NULL)
		problem = "the program's path is not known";
	else if (!write_message(&message, upgrade))
		problem = text_error(ENOMEM);
	else if ((fd = spawn(upgrade)) == -1)
		problem = text_error(errno);
	else {
		problem = talk(upgrade, fd, &message);
		socket_close(fd);
	}
	free(message.bytes);
	if (problem != NULL)
		log_line(upgrade->log, SEVERITY_ERROR, "upgrade-failed "
		    "error=\"%s\" action=keep-running", problem);
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
		if (!is_kept(&upgrade->answer, socket->fd))
			continue;
		socket->path = NULL;	/* the other's to be removed */
		deployment->listening[count++] = deployment->listening[i];
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

void
upgrade_resume(struct upgrade *upgrade)
{
	if (!upgrade->is_wanted ||
	    keeper_is_busy(upgrade->operation->keeper))
		return;
	upgrade->is_wanted = false;
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
	upgrade->program = upgrade_program(argv[0]);
}

void
upgrade_close(struct upgrade *upgrade)
{
	free(upgrade->program);
	handover_free_answer(&upgrade->answer);
}
