/* SPDX-License-Identifier: ISC */

/* refusals.h - the tests of the parts of src when the system says no. */

#ifndef REFUSALS_H
#define REFUSALS_H

void test_options(void);
void test_socket(void);
void test_listen(void);
void test_elsewhere(void);
void test_pidfile(void);
void test_identity(void);
void test_limits(void);
void test_daemon(void);
void test_process(void);
void test_logger(void);
void test_log_change(void);
void test_resolver(void);
void test_pool(void);
void test_worker(void);
void test_accept(void);
void test_crowd(void);
void test_tuning_refused(void);

#endif
