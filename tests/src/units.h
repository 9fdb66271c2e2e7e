/* SPDX-License-Identifier: ISC */

/* units.h - the tests of parts of src by themselves. */

#ifndef UNITS_H
#define UNITS_H

#include <stddef.h>

/* From 0 to count - 1, the same numbers in each run. */
size_t random_below(size_t count);

void test_print(void);
void test_quote(void);
void test_herald(void);
void test_routes(void);
void test_text(void);
void test_target(void);
void test_address(void);
void test_sizes_and_rates(void);
void test_prefix(void);
void test_bucket(void);
void test_siphash(void);
void test_tuning_check(void);
void test_tuning(void);
void test_sources(void);
void test_shortage(void);
void test_pipes(void);
void test_queue(void);
void test_endpoint(void);

/* The two ends of a connection; the second has little room for what comes. */
void tcp_pair(int fds[2]);

void test_flow(void);
void test_log(void);
void test_logfmt(void);
void test_log_form(void);
void test_mailbox(void);
void test_notify(void);
void test_activation(void);
void test_handover(void);
void test_succession(void);
void test_problems(void);
void test_config(void);

#endif
