/* SPDX-License-Identifier: ISC */

/* test-log.c - the ring between a loop and the logger's thread. */

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "tap.h"
#include "units.h"

#define LINES	200000

static void
test_order(struct log *log)
{
	char text[LOG_TEXT_MAX + 1];
	struct log_record record;

	ok(!log_take(log, &record, text), "a new log is empty");
	log_line(log, SEVERITY_DEBUG, "not this");
	log_line(log, SEVERITY_INFO, "first %d", 1);
	log_line(log, SEVERITY_ERROR, "second");
	ok(log_take(log, &record, text) && strcmp(text, "first 1") == 0 &&
	    record.severity == SEVERITY_INFO, "lines come in order");
	ok(log_take(log, &record, text) && strcmp(text, "second") == 0 &&
	    record.severity == SEVERITY_ERROR, "with their severity");
	ok(!log_take(log, &record, text),
	    "and those below the threshold not at all");
	log_line(log, SEVERITY_INFO, "%02000d", 0);
	ok(log_take(log, &record, text) && strlen(text) == LOG_TEXT_MAX,
	    "one that is too long is cut");
}

static void
test_full(struct log *log)
{
	char text[LOG_TEXT_MAX + 1], want[32];
	struct log_record record;
	unsigned i, kept = 0;
	bool in_order = true;

	for (i = 0; i < 100000; i++)
		log_line(log, SEVERITY_INFO, "line %u", i);
	while (log_take(log, &record, text)) {
		(void)snprintf(want, sizeof(want), "line %u", kept++);
		in_order = in_order && strcmp(text, want) == 0;
	}
	ok(in_order && kept > 0 && kept < 100000,
	    "a full ring keeps what it has");
	is((long long)atomic_load(&log->lost), 100000 - kept,
	    "and counts what it drops");
	log_line(log, SEVERITY_INFO, "room again");
	ok(log_take(log, &record, text) && strcmp(text, "room again") == 0,
	    "and takes lines when there is room");
}

struct producer {
	struct log *log;
	uint64_t lost_before;
};

static void *
produce(void *arg)
{
	struct producer *producer = arg;
	unsigned i;

	for (i = 0; i < LINES; i++)
		log_line(producer->log, SEVERITY_INFO, "%u %0*u", i,
		    (int)(i % 100), 0);
	log_line(producer->log, SEVERITY_INFO, "end");
	return (NULL);
}

/* Whatever is not lost arrives whole and in order, through every wrap. */
static void
test_threads(struct log *log, int wake_fd)
{
	struct producer producer = { .log = log };
	char text[LOG_TEXT_MAX + 1], want[LOG_TEXT_MAX + 1], byte;
	struct log_record record;
	pthread_t thread;
	unsigned number, next = 0, taken = 0, wrong = 0;
	bool ended = false;

	producer.lost_before = atomic_load(&log->lost);
	if (pthread_create(&thread, NULL, produce, &producer) != 0)
		bail_out("pthread_create");
	while (!ended) {
		while (!ended && log_take(log, &record, text)) {
			ended = strcmp(text, "end") == 0;
			if (ended || sscanf(text, "%u", &number) != 1)
				continue;
			(void)snprintf(want, sizeof(want), "%u %0*u", number,
			    (int)(number % 100), 0);
			wrong += strcmp(text, want) != 0 || number < next;
			next = number + 1;
			taken++;
		}
		/* the last line itself may be one that is lost */
		if (!ended && atomic_load(&log->lost) -
		    producer.lost_before + taken == LINES + 1)
			break;
		if (!ended && log_may_sleep(log) && read(wake_fd, &byte, 1) != 1)
			bail_out("read");
	}
	(void)pthread_join(thread, NULL);
	is(wrong, 0, "two threads: every line is whole and in order");
	is((long long)(taken + (ended ? 1U : 0U) + atomic_load(&log->lost) -
	    producer.lost_before), LINES + 1,
	    "and each was either taken or counted as lost");
}

void
test_log(void)
{
	struct log *log;
	int fds[2];

	if (pipe(fds) == -1)
		bail_out("pipe");
	log = log_create(SEVERITY_INFO, fds[1]);
	if (log == NULL)
		bail_out("log_create");
	test_order(log);
	test_full(log);
	test_threads(log, fds[0]);
	log_destroy(log);
	(void)close(fds[0]);
	(void)close(fds[1]);
}
