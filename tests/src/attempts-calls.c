/* SPDX-License-Identifier: ISC */

/* attempts-calls.c - trying what needs no path. */

#include "config.h"

#include <sys/types.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "attempts.h"
#include "confined.h"

/* What was opened is closed again, and -1 stays -1, with its errno. */
static int
closed(int fd)
{
	return (fd == -1 ? -1 : close(fd));
}

int
run_fork(void)
{
	const pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	return (pid == -1 ? -1 : waitpid(pid, NULL, 0) == pid ? 0 : -1);
}

int
run_exec(void)
{
	char name[] = "/bin/true", *argv[] = { name, NULL };
	char *env[] = { NULL };

	return (execve("/bin/true", argv, env));
}

int
run_exec_at(void)
{
	char *argv[] = { NULL }, *env[] = { NULL };

	return ((int)syscall(SYS_execveat, AT_FDCWD, "/bin/true", argv, env,
	    0));
}

/* In a child, so that who may does not go on as another program. */
static int
run_other(const char *program)
{
	char name[] = SUCCESSOR, *argv[] = { name, NULL }, *env[] = { NULL };
	int status;
	pid_t pid;

	pid = fork();
	if (pid == 0) {
		(void)execve(program, argv, env);
		_exit(errno);
	}
	if (pid == -1 || waitpid(pid, &status, 0) != pid)
		return (-1);
	errno = WEXITSTATUS(status);
	return (errno == 0 ? 0 : -1);
}

int
run_foreign(void)
{
	return (run_other("/bin/true"));
}

int
run_own(void)
{
	return (run_other("/proc/self/exe"));
}

int
trace(void)
{
	return ((int)ptrace(PTRACE_TRACEME, 0, NULL, NULL));
}

int
read_process(void)
{
	return ((int)syscall(SYS_process_vm_readv, getppid(), NULL, 0ul, NULL,
	    0ul, 0ul));
}

int
kill_parent(void)
{
	return (kill(getppid(), 0));
}

int
kill_thread(void)
{
	return ((int)syscall(SYS_tgkill, getppid(), getppid(), 0));
}

int
make_code(void)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return (page == MAP_FAILED ? -1 : munmap(page, 4096));
}

int
turn_to_code(void)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int result, error;

	if (page == MAP_FAILED) {
		errno = ENOMEM;
		return (-1);
	}
	result = mprotect(page, 4096, PROT_READ | PROT_EXEC);
	error = errno;
	(void)munmap(page, 4096);
	errno = error;
	return (result);
}

int
open_packet(void)
{
	return (closed(socket(17 /* AF_PACKET */, SOCK_RAW | SOCK_CLOEXEC, 0)));
}

int
open_netlink(void)
{
	return (closed(socket(16 /* AF_NETLINK */, SOCK_RAW | SOCK_CLOEXEC,
	    0)));
}

int
mount_something(void)
{
	return (mount("none", inside, "tmpfs", 0, NULL));
}

int
leave_namespaces(void)
{
	return (unshare(0x10000000 /* CLONE_NEWUSER */));
}

int
set_up_ring(void)
{
	return (closed((int)syscall(425, 1u, NULL)));
}

int
load_program(void)
{
	return ((int)syscall(SYS_bpf, 0, NULL, 0u));
}

int
raise_limit(void)
{
	struct rlimit limit = { 10, 10 };

	return (setrlimit(RLIMIT_CORE, &limit));
}

/* Of this thread alone: the C library would ask all of them. */
int
become_root(void)
{
	return ((int)syscall(SYS_setuid, 0));
}

int
begin_to_listen(void)
{
	const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	const int result = listen(fd, 1), error = errno;

	(void)close(fd);
	errno = error;
	return (result);
}

static int
bind_port(unsigned port)
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
	    .sin_port = htons((uint16_t)port) };
	const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int result, error;

	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	result = bind(fd, (struct sockaddr *)&sin, sizeof(sin));
	error = errno;
	(void)close(fd);
	errno = error;
	return (result);
}

int
bind_some_port(void)
{
	return (bind_port(40999));
}

int
bind_any_port(void)
{
	return (bind_port(0));
}

/* A connection of loopback, and bytes through a pipe by splice(2). */
int
carry(void)
{
	char bytes[4] = "abc";
	int fds[2], pipes[2], result = -1;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds) == -1)
		return (-1);
	if (pipe(pipes) == -1)
		return (-1);
	(void)fcntl(pipes[1], F_SETPIPE_SZ, 65536);
	if (send(fds[0], bytes, 4, MSG_NOSIGNAL) == 4 &&
	    splice(fds[1], NULL, pipes[1], NULL, 4, SPLICE_F_NONBLOCK) == 4 &&
	    splice(pipes[0], NULL, fds[1], NULL, 4, 0) == 4 &&
	    recv(fds[0], bytes, 4, 0) == 4 && shutdown(fds[0], SHUT_WR) == 0)
		result = 0;
	(void)close(fds[0]);
	(void)close(fds[1]);
	(void)close(pipes[0]);
	(void)close(pipes[1]);
	return (result);
}

int
wait_for_input(void)
{
	const struct timespec moment = { .tv_nsec = 1000 };
	struct epoll_event event = { .events = EPOLLIN };
	struct pollfd entry = { .events = POLLIN };
	int fds[2], fd, result = -1, bytes;

	if (pipe(fds) == -1)
		return (-1);
	fd = epoll_create1(EPOLL_CLOEXEC);
	entry.fd = fds[0];
	if (epoll_ctl(fd, EPOLL_CTL_ADD, fds[0], &event) == 0 &&
	    epoll_wait(fd, &event, 1, 0) == 0 && poll(&entry, 1, 1) == 0 &&
	    ioctl(fds[0], FIONREAD, &bytes) == 0 &&
	    nanosleep(&moment, NULL) == 0)
		result = 0;
	(void)close(fd);
	(void)close(fds[0]);
	(void)close(fds[1]);
	return (result);
}

int
accept_and_tune(void)
{
	const int on = 1;
	struct sockaddr_in sin = { .sin_family = AF_INET };
	socklen_t length = sizeof(sin);
	const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	int result = setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));

	if (result == 0)
		result = getsockname(fd, (struct sockaddr *)&sin, &length);
	if (result == 0 && (accept4(fd, NULL, NULL, SOCK_CLOEXEC) != -1 ||
	    errno != EINVAL))
		result = -1;
	(void)close(fd);
	return (result);
}

/* Small and large, with a stack that grows. */
int
take_memory(void)
{
	volatile char stack[256 * 1024];
	size_t size;
	char *memory;

	stack[0] = stack[sizeof(stack) - 1] = 1;
	for (size = 1; size <= 64 * 1024 * 1024; size *= 2) {
		memory = malloc(size);
		if (memory == NULL)
			return (-1);
		memory[0] = memory[size - 1] = stack[0];
		memory = realloc(memory, size * 2);
		free(memory);
	}
	return (0);
}

int
look_up(void)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
	    .ai_flags = AI_ADDRCONFIG };
	struct addrinfo *found;
	const int error = getaddrinfo("localhost", "80", &hints, &found);

	if (error == 0)
		freeaddrinfo(found);
	return (error == 0 ? 0 : -1);
}

static void *
do_nothing(void *arg)
{
	return (arg);
}

int
start_thread(void)
{
	pthread_t thread;
	const int error = pthread_create(&thread, NULL, do_nothing, NULL);

	if (error == 0)
		return (pthread_join(thread, NULL));
	errno = error;
	return (-1);
}
