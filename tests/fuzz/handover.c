/* SPDX-License-Identifier: ISC */

/*
 * handover.c - what one process says to the one that succeeds it, both ways.
 *
 * The input is read as the records of either side.
 */

#include "control/handover.h"
#include "fuzz.h"

const char fuzz_name[] = "handover";

/* What was read says the same when it is written again. */
static void
check_listener(const struct handover_listener *listener)
{
	char place[TARGET_TEXT_SIZE], record[TARGET_TEXT_SIZE + 32];
	struct handover again;
	int length;

	MUST(listener->fd >= 0);
	MUST(listener->target.kind != TARGET_BUILTIN);
	MUST(!listener->has_file || listener->target.kind == TARGET_UNIX);
	length = snprintf(record, sizeof(record), "listen %d %s", listener->fd,
	    target_format(place, sizeof(place), &listener->target));
	MUST(length > 0 && (size_t)length < sizeof(record));
	MUST(handover_parse(&again, record, (size_t)length + 1) == NULL);
	MUST(again.count == 1 && again.listeners[0].fd == listener->fd);
	MUST(target_equal(&again.listeners[0].target, &listener->target));
	handover_free(&again);
}

static void
check_passed(const struct activation_passed *passed)
{
	char record[ACTIVATION_NAME_MAX + 32];
	struct handover again;
	int length;

	MUST(passed->fd >= 0);
	MUST(activation_is_name(passed->name));
	length = snprintf(record, sizeof(record), "passed %d %s", passed->fd,
	    passed->name);
	MUST(length > 0 && (size_t)length < sizeof(record));
	MUST(handover_parse(&again, record, (size_t)length + 1) == NULL);
	MUST(again.passed_count == 1 && again.passed[0].fd == passed->fd);
	MUST(strcmp(again.passed[0].name, passed->name) == 0);
	handover_free(&again);
}

static void
check_handover(const char *bytes, size_t size)
{
	struct handover handover;
	const char *problem;
	size_t i;

	problem = handover_parse(&handover, bytes, size);
	if (problem != NULL) {
		MUST(*problem != '\0' && handover.listeners == NULL);
		MUST(handover.count == 0 && handover.pidfile_fd == -1);
		MUST(handover.passed_count == 0 && handover.passed == NULL);
		return;
	}
	MUST(size == 0 || bytes[size - 1] == '\0');
	MUST(handover.count <= HANDOVER_MAX && handover.pidfile_fd >= -1);
	MUST((handover.count == 0) == (handover.listeners == NULL));
	for (i = 0; i < handover.count; i++)
		check_listener(&handover.listeners[i]);
	for (i = 0; i < handover.passed_count; i++)
		check_passed(&handover.passed[i]);
	handover_free(&handover);
}

static void
check_answer(const char *bytes, size_t size)
{
	struct handover_answer answer;
	const char *problem;
	size_t i;

	problem = handover_parse_answer(&answer, bytes, size);
	if (problem != NULL) {
		MUST(*problem != '\0' && answer.kept == NULL);
		MUST(answer.count == 0 && !answer.is_ready);
		return;
	}
	MUST(answer.is_ready && answer.count <= HANDOVER_MAX);
	MUST(size >= sizeof("ready"));
	MUST(memcmp(bytes + size - sizeof("ready"), "ready", 6) == 0);
	for (i = 0; i < answer.count; i++)
		MUST(answer.kept[i] >= 0);
	handover_free_answer(&answer);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* of its own size, so that a byte too many is noticed */
	char *bytes = calloc(1, size > 0 ? size : 1);

	MUST(bytes != NULL);
	if (size > 0)
		memcpy(bytes, data, size);
	check_handover(bytes, size);
	check_answer(bytes, size);
	free(bytes);
	return (0);
}
