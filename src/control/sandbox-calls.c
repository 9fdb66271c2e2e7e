/* SPDX-License-Identifier: ISC */

/*
 * sandbox-calls.c - the system calls of each role.
 *
 * For threads that carry bytes, a list of what is allowed: it is what their
 * code and the C library call, by reading and by strace(1).  For helpers and
 * the keeper, a list of what is refused: what modules of nsswitch.conf(5) call
 * nobody knows, and the keeper starts a program that has yet to start up.
 *
 * A filter sees numbers and not what pointers point to, so paths are for
 * Landlock to judge; and clone3(2), whose flags are behind a pointer, is said
 * not to exist, upon which the C library calls clone(2).
 */

#include "config.h"

#include "control/sandbox.h"

#if defined(__linux__) && defined(HAVE_SECCOMP)

#include <sys/types.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include "control/sandbox-calls.h"

#ifndef AT_EMPTY_PATH
#define AT_EMPTY_PATH	0x1000
#endif
#define SIOCINQ_NUMBER	0x541b	/* SIOCINQ, SIOCOUTQ, FIONBIO of tty_ioctl(2) */
#define SIOCOUTQ_NUMBER	0x5411
#define FIONBIO_NUMBER	0x5421

#ifdef __s390__
#define CLONE_FLAGS	1	/* which argument they are */
#else
#define CLONE_FLAGS	0
#endif
#define CLONE_NAMESPACES \
	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | \
	CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET)

#define COUNT(list)	(sizeof(list) / sizeof((list)[0]))

/* The busiest first: where there is no bitmap, these are found soonest. */
static const int hot[] = {
	SCMP_SYS(recvfrom), SCMP_SYS(sendto), SCMP_SYS(epoll_wait),
	SCMP_SYS(splice), SCMP_SYS(epoll_ctl), SCMP_SYS(epoll_pwait),
	SCMP_SYS(accept4), SCMP_SYS(close), SCMP_SYS(connect),
	SCMP_SYS(setsockopt), SCMP_SYS(getsockopt), SCMP_SYS(shutdown),
	SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(futex), SCMP_SYS(poll),
};

static const int data_path[] = {
	/* sockets and pipes */
	SCMP_SYS(accept), SCMP_SYS(bind), SCMP_SYS(getpeername),
	SCMP_SYS(getsockname), SCMP_SYS(recv), SCMP_SYS(recvmsg),
	SCMP_SYS(send), SCMP_SYS(sendmsg), SCMP_SYS(readv), SCMP_SYS(writev),
	SCMP_SYS(pipe), SCMP_SYS(pipe2), SCMP_SYS(eventfd), SCMP_SYS(eventfd2),
	SCMP_SYS(dup), SCMP_SYS(dup2), SCMP_SYS(dup3), SCMP_SYS(fstat),
	SCMP_SYS(fstat64),
	/* waiting */
	SCMP_SYS(epoll_create), SCMP_SYS(epoll_create1),
	SCMP_SYS(ppoll), SCMP_SYS(ppoll_time64), SCMP_SYS(select),
	SCMP_SYS(_newselect), SCMP_SYS(pselect6), SCMP_SYS(pselect6_time64),
	SCMP_SYS(nanosleep), SCMP_SYS(clock_nanosleep),
	SCMP_SYS(clock_nanosleep_time64), SCMP_SYS(restart_syscall),
	SCMP_SYS(sched_yield), SCMP_SYS(futex_time64),
	/* time */
	SCMP_SYS(clock_gettime), SCMP_SYS(clock_gettime64),
	SCMP_SYS(clock_getres), SCMP_SYS(clock_getres_time64),
	SCMP_SYS(gettimeofday), SCMP_SYS(time), SCMP_SYS(getrusage),
	SCMP_SYS(times),
	/* memory; mapping has conditions */
	SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise), SCMP_SYS(brk),
	SCMP_SYS(membarrier),
	/* signals, threads and the end */
	SCMP_SYS(rt_sigreturn), SCMP_SYS(sigreturn), SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigpending), SCMP_SYS(sigaltstack),
	SCMP_SYS(getpid), SCMP_SYS(gettid), SCMP_SYS(getuid), SCMP_SYS(geteuid),
	SCMP_SYS(getgid), SCMP_SYS(getegid), SCMP_SYS(sched_getaffinity),
	SCMP_SYS(getrlimit), SCMP_SYS(ugetrlimit), SCMP_SYS(sysinfo),
	SCMP_SYS(getrandom), SCMP_SYS(rseq),
	SCMP_SYS(set_robust_list), SCMP_SYS(exit), SCMP_SYS(exit_group),
};

/* Metadata of files tells nothing of what is in them. */
static const int removing[] = {
	SCMP_SYS(unlink), SCMP_SYS(unlinkat), SCMP_SYS(stat),
	SCMP_SYS(stat64), SCMP_SYS(lstat), SCMP_SYS(lstat64),
	SCMP_SYS(newfstatat), SCMP_SYS(fstatat64), SCMP_SYS(statx),
	SCMP_SYS(ftruncate), SCMP_SYS(ftruncate64),
};

/* Never done by a thread of ours. */
static const int deadly[] = {
	SCMP_SYS(execve), SCMP_SYS(execveat), SCMP_SYS(ptrace),
	SCMP_SYS(process_vm_readv), SCMP_SYS(process_vm_writev),
};

/* What only an attacker wants: the kernel's surface, and other processes. */
static const int dangerous[] = {
	SCMP_SYS(ptrace), SCMP_SYS(process_vm_readv),
	SCMP_SYS(process_vm_writev), SCMP_SYS(pidfd_getfd), SCMP_SYS(kcmp),
	SCMP_SYS(bpf), SCMP_SYS(perf_event_open), SCMP_SYS(userfaultfd),
	SCMP_SYS(io_uring_setup), SCMP_SYS(io_uring_enter),
	SCMP_SYS(io_uring_register), SCMP_SYS(fanotify_init),
	SCMP_SYS(init_module), SCMP_SYS(finit_module), SCMP_SYS(delete_module),
	SCMP_SYS(create_module), SCMP_SYS(kexec_load),
	SCMP_SYS(kexec_file_load), SCMP_SYS(reboot), SCMP_SYS(swapon),
	SCMP_SYS(swapoff), SCMP_SYS(acct), SCMP_SYS(quotactl),
	SCMP_SYS(syslog), SCMP_SYS(vhangup),
	SCMP_SYS(keyctl), SCMP_SYS(add_key), SCMP_SYS(request_key),
	SCMP_SYS(mount), SCMP_SYS(umount), SCMP_SYS(umount2),
	SCMP_SYS(open_tree), SCMP_SYS(move_mount), SCMP_SYS(fsopen),
	SCMP_SYS(fsconfig), SCMP_SYS(fsmount), SCMP_SYS(fspick),
	SCMP_SYS(pivot_root), SCMP_SYS(chroot),
	SCMP_SYS(setns), SCMP_SYS(unshare), SCMP_SYS(open_by_handle_at),
	SCMP_SYS(mknod), SCMP_SYS(mknodat), SCMP_SYS(personality),
	SCMP_SYS(sethostname), SCMP_SYS(setdomainname),
	SCMP_SYS(settimeofday), SCMP_SYS(clock_settime),
	SCMP_SYS(clock_settime64), SCMP_SYS(clock_adjtime),
	SCMP_SYS(clock_adjtime64), SCMP_SYS(adjtimex), SCMP_SYS(stime),
	SCMP_SYS(iopl), SCMP_SYS(ioperm), SCMP_SYS(modify_ldt), SCMP_SYS(vm86),
	SCMP_SYS(vm86old), SCMP_SYS(lookup_dcookie), SCMP_SYS(nfsservctl),
	SCMP_SYS(uselib), SCMP_SYS(sysfs), SCMP_SYS(ustat),
	SCMP_SYS(move_pages), SCMP_SYS(migrate_pages), SCMP_SYS(mbind),
	SCMP_SYS(set_mempolicy), SCMP_SYS(remap_file_pages),
};

/* Looking names up and writing lines need none of these. */
static const int not_helping[] = {
	SCMP_SYS(execve), SCMP_SYS(execveat), SCMP_SYS(fork), SCMP_SYS(vfork),
	SCMP_SYS(kill), SCMP_SYS(tkill), SCMP_SYS(rt_sigqueueinfo),
	SCMP_SYS(pidfd_send_signal), SCMP_SYS(listen), SCMP_SYS(accept),
	SCMP_SYS(accept4), SCMP_SYS(setuid), SCMP_SYS(setreuid),
	SCMP_SYS(setresuid), SCMP_SYS(setgid), SCMP_SYS(setregid),
	SCMP_SYS(setresgid), SCMP_SYS(setgroups), SCMP_SYS(setfsuid),
	SCMP_SYS(setfsgid), SCMP_SYS(capset), SCMP_SYS(chmod),
	SCMP_SYS(fchmod), SCMP_SYS(fchmodat), SCMP_SYS(chown),
	SCMP_SYS(lchown), SCMP_SYS(fchown), SCMP_SYS(fchownat),
	SCMP_SYS(setxattr), SCMP_SYS(lsetxattr), SCMP_SYS(fsetxattr),
	SCMP_SYS(link), SCMP_SYS(linkat), SCMP_SYS(symlink),
	SCMP_SYS(symlinkat), SCMP_SYS(unlink), SCMP_SYS(unlinkat),
	SCMP_SYS(rename), SCMP_SYS(renameat), SCMP_SYS(renameat2),
	SCMP_SYS(mkdir), SCMP_SYS(mkdirat), SCMP_SYS(rmdir), SCMP_SYS(chdir),
	SCMP_SYS(fchdir), SCMP_SYS(setsid), SCMP_SYS(setpgid),
};

/* The library returns errors; what an architecture lacks is none. */
static int
result_of(int error)
{
	if (error == 0)
		return (0);
	errno = -error;
	return (-1);
}

static int
add_all(scmp_filter_ctx filter, uint32_t action, const int *calls, size_t count)
{
	size_t i;
	int error = 0;

	for (i = 0; i < count && error == 0; i++)
		error = seccomp_rule_add(filter, action, calls[i], 0);
	return (result_of(error));
}

/* When argument `number' is one of these values. */
static int
add_values(scmp_filter_ctx filter, int call, unsigned number, const int *values,
    size_t count)
{
	size_t i;
	int error = 0;

	for (i = 0; i < count && error == 0; i++)
		error = seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 1,
		    SCMP_CMP(number, SCMP_CMP_EQ,
		    (unsigned)values[i], 0));
	return (result_of(error));
}

/* When these bits of argument `number' have this value. */
static int
add_bits(scmp_filter_ctx filter, uint32_t action, int call, unsigned number,
    uint32_t bits, uint32_t value)
{
	return (result_of(seccomp_rule_add(filter, action, call, 1,
	    SCMP_CMP(number, SCMP_CMP_MASKED_EQ, bits, value))));
}

/* What depends on arguments: families, memory that is not code, our own. */
static int
allow_some(scmp_filter_ctx filter, enum sandbox_role role)
{
	static const int families[] = { AF_INET, AF_INET6, AF_UNIX };
	static const int pairs[] = { AF_UNIX };
	static const int requests[] = { SIOCINQ_NUMBER, SIOCOUTQ_NUMBER,
		FIONBIO_NUMBER };
	static const int commands[] = { F_GETFD, F_SETFD, F_GETFL, F_SETFL,
		F_DUPFD, F_DUPFD_CLOEXEC, F_SETPIPE_SZ, F_GETPIPE_SZ };
	const int self[] = { (int)getpid() };
	const int nothing[] = { 0 };

	if (add_values(filter, SCMP_SYS(socket), 0, families,
	    COUNT(families)) == -1 ||
	    add_values(filter, SCMP_SYS(socketpair), 0, pairs, 1) == -1 ||
	    add_values(filter, SCMP_SYS(ioctl), 1, requests,
	    COUNT(requests)) == -1 ||
	    add_values(filter, SCMP_SYS(fcntl), 1, commands,
	    COUNT(commands)) == -1 ||
	    add_values(filter, SCMP_SYS(fcntl64), 1, commands,
	    COUNT(commands)) == -1 ||
	    add_values(filter, SCMP_SYS(tgkill), 0, self, 1) == -1 ||
	    add_values(filter, SCMP_SYS(prlimit64), 2, nothing, 1) == -1 ||
	    add_bits(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 2, PROT_EXEC,
	    0) == -1 ||
	    add_bits(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap2), 2, PROT_EXEC,
	    0) == -1 ||
	    add_bits(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 2, PROT_EXEC,
	    0) == -1)
		return (-1);
	/* fstat(3) of the C library */
	return (role != SANDBOX_WORKER ? 0 : add_bits(filter, SCMP_ACT_ALLOW,
	    SCMP_SYS(newfstatat), 3, AT_EMPTY_PATH, AT_EMPTY_PATH));
}

int
calls_allow(scmp_filter_ctx filter, enum sandbox_role role)
{
#ifdef IS_INSTRUMENTED
	/* reports of sanitizers start programs that name functions */
	const uint32_t action = SCMP_ACT_ERRNO(EACCES);
#else
	const uint32_t action = SCMP_ACT_KILL_PROCESS;
#endif
	size_t i;

	for (i = 0; i < COUNT(hot); i++)
		(void)seccomp_syscall_priority(filter, hot[i],
		    (uint8_t)(UINT8_MAX - i));
	if (add_all(filter, SCMP_ACT_ALLOW, hot, COUNT(hot)) == -1 ||
	    add_all(filter, SCMP_ACT_ALLOW, data_path,
	    COUNT(data_path)) == -1 || allow_some(filter, role) == -1 ||
	    add_all(filter, action, deadly, COUNT(deadly)) == -1)
		return (-1);
	return (role != SANDBOX_MAIN ? 0 : add_all(filter, SCMP_ACT_ALLOW,
	    removing, COUNT(removing)));
}

int
calls_refuse(scmp_filter_ctx filter, enum sandbox_role role)
{
	const uint32_t refused = SCMP_ACT_ERRNO(EPERM);
	static const int absent[] = { SCMP_SYS(clone3) };
	uint32_t bit;

	if (add_all(filter, refused, dangerous, COUNT(dangerous)) == -1 ||
	    add_all(filter, SCMP_ACT_ERRNO(ENOSYS), absent, 1) == -1)
		return (-1);
	if (role == SANDBOX_HELPER)
		return (add_all(filter, refused, not_helping,
		    COUNT(not_helping)) == -1 ? -1 : add_bits(filter, refused,
		    SCMP_SYS(clone), CLONE_FLAGS, CLONE_THREAD, 0));
	for (bit = 1; bit != 0; bit <<= 1) {
		if ((CLONE_NAMESPACES & bit) != 0 && add_bits(filter, refused,
		    SCMP_SYS(clone), CLONE_FLAGS, bit, bit) == -1)
			return (-1);
	}
	return (0);
}

#endif
