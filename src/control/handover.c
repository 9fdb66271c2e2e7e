/* SPDX-License-Identifier: ISC */

/* handover.c - reading what a process says to the one that succeeds it. */

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "control/handover.h"

/* Takes the rest of a record behind its first word; or NULL. */
static const char *
behind(const char *record, const char *word)
{
	const size_t length = strlen(word);

	return (strncmp(record, word, length) == 0 && record[length] == ' ' ?
	    record + length + 1 : NULL);
}

/* The number of a descriptor, up to a blank or the end; -1: it is none. */
static int
take_fd(const char **at)
{
	const size_t length = strcspn(*at, " ");
	uint64_t number;

	if (!text_number(*at, length, INT_MAX, &number))
		return (-1);
	*at += length;
	return ((int)number);
}

static const char *
take_listener(struct handover *handover, const char *at)
{
	struct handover_listener *listener;

	if (handover->count == HANDOVER_MAX)
		return ("too many listeners");
	if ((handover->count & (handover->count - 1)) == 0) {
		listener = realloc(handover->listeners, (handover->count == 0 ?
		    1 : 2 * handover->count) * sizeof(*listener));
		if (listener == NULL)
			return ("out of memory");
		handover->listeners = listener;
	}
	listener = &handover->listeners[handover->count];
	*listener = (struct handover_listener){ .has_file = false };
	listener->fd = take_fd(&at);
	if (listener->fd == -1 || *at++ != ' ')
		return ("a listener without a descriptor");
	if (target_parse_listen(&listener->target, at) != NULL)
		return ("a listener without a place");
	handover->count++;
	return (NULL);
}

static const char *
take_passed(struct handover *handover, const char *at)
{
	struct activation_passed *passed;

	if (handover->passed_count == ACTIVATION_MAX)
		return ("too many sockets of the service manager");
	passed = realloc(handover->passed, (handover->passed_count + 1) *
	    sizeof(*passed));
	if (passed == NULL)
		return ("out of memory");
	handover->passed = passed;
	passed += handover->passed_count;
	passed->fd = take_fd(&at);
	if (passed->fd == -1 || *at++ != ' ')
		return ("a passed socket without a descriptor");
	if (!activation_is_name(at))
		return ("a passed socket without a name");
	(void)snprintf(passed->name, sizeof(passed->name), "%s", at);
	handover->passed_count++;
	return (NULL);
}

/* A number that ends with this character; behind it, or NULL. */
static const char *
take_number(const char *at, char end, uint64_t *number)
{
	const size_t length = strcspn(at, " ");

	if (at[length] != end || !text_number(at, length, UINT64_MAX, number))
		return (NULL);
	return (at + length + (end != '\0'));
}

static const char *
take_file(struct handover *handover, const char *at)
{
	struct handover_listener *listener;

	if (handover->count == 0)
		return ("a file without a listener");
	listener = &handover->listeners[handover->count - 1];
	if (listener->target.kind != TARGET_UNIX || listener->has_file)
		return ("a file of no UNIX-domain socket");
	if ((at = take_number(at, ' ', &listener->device)) == NULL ||
	    take_number(at, '\0', &listener->inode) == NULL)
		return ("a file without numbers");
	listener->has_file = true;
	return (NULL);
}

static const char *
take_record(void *arg, const char *record)
{
	struct handover *handover = arg;
	const char *at;

	if ((at = behind(record, "listen")) != NULL)
		return (take_listener(handover, at));
	if ((at = behind(record, "file")) != NULL)
		return (take_file(handover, at));
	if ((at = behind(record, "passed")) != NULL)
		return (take_passed(handover, at));
	if ((at = behind(record, "pidfile")) != NULL) {
		handover->pidfile_fd = take_fd(&at);
		return (handover->pidfile_fd == -1 || *at != '\0' ?
		    "a pid file without a descriptor" : NULL);
	}
	return ("an unknown record");
}

/* Calls take for each record, up to the first that is wrong. */
static const char *
each(const char *bytes, size_t length,
    const char *(*take)(void *arg, const char *record), void *arg)
{
	const char *problem = NULL, *end;

	while (length > 0 && problem == NULL) {
		end = memchr(bytes, '\0', length);
		if (end == NULL)
			return ("a record that does not end");
		problem = take(arg, bytes);
		length -= (size_t)(end + 1 - bytes);
		bytes = end + 1;
	}
	return (problem);
}

const char *
handover_parse(struct handover *handover, const char *bytes, size_t length)
{
	const char *problem;

	*handover = (struct handover){ .pidfile_fd = -1 };
	problem = each(bytes, length, take_record, handover);
	if (problem != NULL)
		handover_free(handover);
	return (problem);
}

void
handover_free(struct handover *handover)
{
	free(handover->listeners);
	free(handover->passed);
	*handover = (struct handover){ .pidfile_fd = -1 };
}

static const char *
take_kept(struct handover_answer *answer, const char *at)
{
	int *kept;

	if (answer->count == HANDOVER_MAX)
		return ("too many listeners");
	kept = realloc(answer->kept, (answer->count + 1) * sizeof(*kept));
	if (kept == NULL)
		return ("out of memory");
	answer->kept = kept;
	kept[answer->count] = take_fd(&at);
	if (kept[answer->count] == -1 || *at != '\0')
		return ("a listener without a descriptor");
	answer->count++;
	return (NULL);
}

static const char *
take_answer(void *arg, const char *record)
{
	struct handover_answer *answer = arg;
	const char *at;

	if (answer->is_ready)
		return ("something behind the end");
	if ((at = behind(record, "kept")) != NULL)
		return (take_kept(answer, at));
	if (strcmp(record, "pidfile") == 0)
		answer->has_pidfile = true;
	else if (strcmp(record, "ready") == 0)
		answer->is_ready = true;
	else
		return ("an unknown record");
	return (NULL);
}

const char *
handover_parse_answer(struct handover_answer *answer, const char *bytes,
    size_t length)
{
	const char *problem;

	*answer = (struct handover_answer){ .kept = NULL };
	problem = each(bytes, length, take_answer, answer);
	if (problem == NULL && !answer->is_ready)
		problem = "it ended before it was ready";
	if (problem != NULL)
		handover_free_answer(answer);
	return (problem);
}

void
handover_free_answer(struct handover_answer *answer)
{
	free(answer->kept);
	*answer = (struct handover_answer){ .kept = NULL };
}
