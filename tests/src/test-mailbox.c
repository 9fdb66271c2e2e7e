/* SPDX-License-Identifier: ISC */

/* test-mailbox.c - connections on their way from one thread to another. */

#include <sys/resource.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

#include "relay/mailbox.h"
#include "tap.h"
#include "units.h"

#define PARCELS	100000
#define TAKE_BACK_IN	7	/* so many puts, one looks whether it is taken */

static void
test_order(void)
{
	struct parcel parcels[3], *parcel;
	struct mailbox mailbox;
	int i, in_order = 0;

	mailbox_init(&mailbox);
	ok(mailbox_take(&mailbox) == NULL && mailbox_is_empty(&mailbox),
	    "a new mailbox is empty");
	for (i = 0; i < 3; i++) {
		parcels[i].arrival.fd = i;
		mailbox_put(&mailbox, &parcels[i]);
	}
	ok(!mailbox_is_empty(&mailbox), "until something is put in");
	for (parcel = mailbox_take(&mailbox), i = 0; parcel != NULL;
	    parcel = parcel->next)
		in_order += parcel->arrival.fd == i++;
	is(in_order, 3, "parcels come in their order");
	ok(mailbox_take(&mailbox) == NULL && mailbox_is_empty(&mailbox),
	    "and once");
}

static void
test_answers(void)
{
	struct mailbox mailbox;
	unsigned question;

	mailbox_init(&mailbox);
	ok(!mailbox_is_asked(&mailbox) && !mailbox_is_late(&mailbox, 5000),
	    "without a question no answer is late");
	mailbox_ask(&mailbox, 5000);
	ok(mailbox_is_asked(&mailbox), "a question");
	ok(!mailbox_is_late(&mailbox, 5000 + MAILBOX_LATE_MS - 1),
	    "there is time to answer it");
	ok(mailbox_is_late(&mailbox, 5000 + MAILBOX_LATE_MS), "and an end to it");
	question = mailbox_question(&mailbox);
	mailbox_ask(&mailbox, 5000 + MAILBOX_LATE_MS);
	ok(mailbox_is_late(&mailbox, 5000 + MAILBOX_LATE_MS),
	    "a second question gives no more time");
	mailbox_answer(&mailbox, question);
	ok(mailbox_is_asked(&mailbox), "one answer of two");
	ok(!mailbox_is_late(&mailbox, 6000), "shows that someone is there");
	ok(!mailbox_is_late(&mailbox, 6000 + MAILBOX_LATE_MS - 1) &&
	    mailbox_is_late(&mailbox, 6000 + MAILBOX_LATE_MS),
	    "who has as much time again");
	mailbox_answer(&mailbox, mailbox_question(&mailbox));
	ok(!mailbox_is_asked(&mailbox) && !mailbox_is_late(&mailbox, 9000),
	    "all are answered");
}

/* Where there are not enough descriptors, none is held. */
static void
test_held(void)
{
	struct rlimit limit, none;
	struct parcel parcel;
	int fd, result;

	ok(parcel_hold(&parcel, HELD_MAX) == 0 && parcel.held[0] != -1 &&
	    parcel.held[HELD_MAX - 1] != -1, "all descriptors are held");
	fd = parcel.held[HELD_MAX - 1];
	parcel_let_go(&parcel);
	ok(parcel.held[0] == -1 && fcntl(fd, F_GETFD) == -1, "and let go");
	if (getrlimit(RLIMIT_NOFILE, &limit) == -1)
		bail_out("no limits");
	none = limit;
	none.rlim_cur = (rlim_t)fd;		/* room for one */
	if (setrlimit(RLIMIT_NOFILE, &none) == -1)
		bail_out("the limit cannot be lowered");
	result = parcel_hold(&parcel, HELD_MAX);
	ok(result == -1 && errno == EMFILE && parcel.held[0] == -1,
	    "or none");
	(void)setrlimit(RLIMIT_NOFILE, &limit);
}

struct traffic {
	struct mailbox mailbox;
	atomic_bool is_over;
	unsigned seen[PARCELS];		/* by who owns the parcel */
	unsigned long delivered;
};

static void
count(struct traffic *traffic, struct parcel *parcel, unsigned long *number)
{
	struct parcel *next;

	for (; parcel != NULL; parcel = next) {
		next = parcel->next;
		traffic->seen[parcel->arrival.id]++;
		free(parcel);
		++*number;
	}
}

static void *
deliver(void *arg)
{
	struct traffic *traffic = arg;
	unsigned question;
	bool is_over;

	do {
		is_over = atomic_load(&traffic->is_over);
		question = mailbox_question(&traffic->mailbox);
		count(traffic, mailbox_take(&traffic->mailbox),
		    &traffic->delivered);
		mailbox_answer(&traffic->mailbox, question);
		(void)sched_yield();
	} while (!is_over);
	return (NULL);
}

/* One puts in, and takes back now and then what another takes out. */
static void
test_threads(void)
{
	struct traffic *traffic = calloc(1, sizeof(*traffic));
	unsigned long back = 0, once = 0;
	struct parcel *parcel;
	pthread_t thread;
	uint64_t id;

	if (traffic == NULL)
		bail_out("no memory");
	mailbox_init(&traffic->mailbox);
	atomic_init(&traffic->is_over, false);
	if (pthread_create(&thread, NULL, deliver, traffic) != 0)
		bail_out("pthread_create");
	for (id = 0; id < PARCELS; id++) {
		parcel = calloc(1, sizeof(*parcel));
		if (parcel == NULL)
			bail_out("no memory");
		parcel->arrival.id = id;
		mailbox_put(&traffic->mailbox, parcel);
		mailbox_ask(&traffic->mailbox, 0);
		if (id % TAKE_BACK_IN == 0)
			count(traffic, mailbox_take(&traffic->mailbox), &back);
	}
	atomic_store(&traffic->is_over, true);
	(void)pthread_join(thread, NULL);
	for (id = 0; id < PARCELS; id++)
		once += traffic->seen[id] == 1;
	is((long long)once, PARCELS, "two threads: each parcel comes to one");
	is((long long)(back + traffic->delivered), PARCELS, "and none is left");
	ok(!mailbox_is_asked(&traffic->mailbox), "and every question answered");
	free(traffic);
}

void
test_mailbox(void)
{
	test_order();
	test_answers();
	test_held();
	test_threads();
}
