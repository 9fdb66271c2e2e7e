/* SPDX-License-Identifier: ISC */

/* attempts.c - what a thread of each role may do, and may not. */

#include <sys/syscall.h>

#include <errno.h>

#include "attempts.h"
#include "confined.h"

#define COUNT(list)	(sizeof(list) / sizeof((list)[0]))

const struct attempt never[] = {
	{ "open", open_plainly, EPERM },
	{ "the old open", open_old, EPERM },
	{ "openat", open_at, EPERM },
	{ "openat2", open_at2, EPERM },
	{ "creating a file", create_inside, EPERM },
	{ "mkdir", make_directory, EPERM },
	{ "fork", run_fork, EPERM },
	{ "a thread", start_thread, EPERM },
	{ "kill", kill_parent, EPERM },
	{ "tgkill of others", kill_thread, EPERM },
	{ "memory that is code", make_code, EPERM },
	{ "memory that becomes code", turn_to_code, EPERM },
#ifndef SYS_socketcall	/* whose arguments no filter sees */
	{ "AF_PACKET", open_packet, EPERM },
	{ "AF_NETLINK", open_netlink, EPERM },
#endif
	{ "mount", mount_something, EPERM },
	{ "unshare", leave_namespaces, EPERM },
	{ "io_uring", set_up_ring, EPERM },
	{ "bpf", load_program, EPERM },
	{ "setrlimit", raise_limit, EPERM },
	{ "setuid", become_root, EPERM },
	{ "listen", begin_to_listen, EPERM },
};
const size_t never_count = COUNT(never);

const struct attempt carries[] = {
	{ "send, splice, recv, shutdown", carry, 0 },
	{ "epoll, poll, ioctl, nanosleep", wait_for_input, 0 },
	{ "accept4 and options", accept_and_tune, 0 },
	{ "memory of any size", take_memory, 0 },
	{ "connecting to a UNIX socket", connect_local, 0 },
	{ "binding to any port", bind_any_port, 0 },
};
const size_t carries_count = COUNT(carries);

const struct attempt removes[] = {
	{ "lstat", look_inside, 0 },
	{ "unlink where it may", remove_inside, ENOENT },
	{ "unlink elsewhere", remove_outside, EACCES },
};
const size_t removes_count = COUNT(removes);

const struct attempt helps[] = {
	{ "open", open_plainly, 0 },
	{ "creating where it may", create_inside, 0 },
	{ "creating elsewhere", create_outside, EACCES },
	{ "looking a name up", look_up, 0 },
	{ "netlink", open_netlink, 0 },
	{ "fork", run_fork, EPERM },
	{ "execve", run_exec, EPERM },
	{ "ptrace", trace, EPERM },
	{ "process_vm_readv", read_process, EPERM },
	{ "mount", mount_something, EPERM },
	{ "io_uring", set_up_ring, EPERM },
	{ "kill", kill_parent, EPERM },
	{ "listen", begin_to_listen, EPERM },
	{ "unlink", remove_inside, EPERM },
};
const size_t helps_count = COUNT(helps);

const struct attempt keeps[] = {
	{ "open", open_plainly, 0 },
	{ "creating where it may", create_inside, 0 },
	{ "creating elsewhere", create_outside, EACCES },
	{ "unlink where it may", remove_inside, 0 },
	{ "unlink elsewhere", remove_outside, EACCES },
	{ "mkdir", make_directory, EACCES },
	{ "a UNIX socket where it may", bind_inside, 0 },
	{ "a UNIX socket elsewhere", bind_outside, EACCES },
	{ "listen", begin_to_listen, 0 },
	{ "looking a name up", look_up, 0 },
	{ "a thread", start_thread, 0 },
	{ "fork", run_fork, 0 },
	{ "another program", run_foreign, EACCES },
	{ "ptrace", trace, EPERM },
	{ "process_vm_readv", read_process, EPERM },
	{ "mount", mount_something, EPERM },
	{ "unshare", leave_namespaces, EPERM },
	{ "io_uring", set_up_ring, EPERM },
	{ "bpf", load_program, EPERM },
	{ "its own program", run_own, 0 },
};
const size_t keeps_count = COUNT(keeps);

const struct attempt by_rules[] = {
	{ "open", open_plainly, EACCES },
	{ "creating a file", create_inside, EACCES },
	{ "mkdir", make_directory, EACCES },
	{ "another program", run_foreign, EACCES },
	{ "a UNIX socket", bind_inside, EACCES },
	{ "connecting to a UNIX socket", connect_local, 0 },
};
const size_t by_rules_count = COUNT(by_rules);

const struct attempt deadly[] = {
	{ "execve", run_exec, 0 },
	{ "execveat", run_exec_at, 0 },
	{ "ptrace", trace, 0 },
	{ "process_vm_readv", read_process, 0 },
};
const size_t deadly_count = COUNT(deadly);
