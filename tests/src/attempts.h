/* SPDX-License-Identifier: ISC */

/*
 * attempts.h - what a thread may try: each call once, as plainly as can be.
 * All return -1 with errno when they were refused.
 */

#ifndef ATTEMPTS_H
#define ATTEMPTS_H

int open_plainly(void);
int open_old(void);
int open_at(void);
int open_at2(void);
int create_outside(void);
int create_inside(void);
int make_directory(void);
int remove_inside(void);
int remove_outside(void);
int look_inside(void);
int run_fork(void);
int run_exec(void);
int run_exec_at(void);
int run_foreign(void);
int run_own(void);
int trace(void);
int read_process(void);
int kill_parent(void);
int kill_thread(void);
int make_code(void);
int turn_to_code(void);
int open_packet(void);
int open_netlink(void);
int mount_something(void);
int leave_namespaces(void);
int set_up_ring(void);
int load_program(void);
int raise_limit(void);
int become_root(void);
int begin_to_listen(void);
int bind_some_port(void);
int bind_any_port(void);
int bind_inside(void);
int bind_outside(void);
int connect_local(void);
int carry(void);
int wait_for_input(void);
int accept_and_tune(void);
int take_memory(void);
int look_up(void);
int start_thread(void);

#endif
