/* SPDX-License-Identifier: ISC */

/*
 * log.c - lines through the ring, against a list of what must come out.
 *
 * The input is read as steps: one byte says what to do, lines bring their
 * length with them.
 */

#include <stdbool.h>

#include "base/log.h"
#include "base/text.h"
#include "fuzz.h"

const char fuzz_name[] = "log";

#define LINES_MAX	4096

static struct {
	char *text;
	uint8_t severity;
} expected[LINES_MAX];
static size_t first, last;
static uint64_t lost;

/* A long line of a short input, so that the ring fills and wraps. */
static size_t
put(struct log *log, const uint8_t *data, size_t size)
{
	const enum log_severity severity = (enum log_severity)(data[0] & 3);
	const size_t length = size > 1 && data[1] < size - 2 ? data[1] :
	    size > 2 ? size - 2 : 0;
	const int width = (data[0] >> 2) * 24;
	char line[4096], word[1024];
	char *text = fuzz_text(data + (size > 2 ? 2 : 0), length);
	size_t room;

	(void)text_word(word, sizeof(word), text);
	(void)snprintf(line, sizeof(line), "key=%s %*d", word, width, width);
	line[LOG_TEXT_MAX] = '\0';
	room = LOG_RING_BYTES - (atomic_load(&log->written) -
	    atomic_load(&log->read));
	log_line(log, severity, "key=%s %*d", word, width, width);
	free(text);
	if (!log_wants(log, severity))
		return (2 + length);
	if (sizeof(struct log_record) + strlen(line) > room) {
		MUST(atomic_load(&log->lost) == ++lost);
	} else {
		MUST(atomic_load(&log->lost) == lost);
		expected[last].severity = (uint8_t)severity;
		expected[last].text = strdup(line);
		MUST(expected[last++].text != NULL);
	}
	return (2 + length);
}

static void
take(struct log *log)
{
	/* exactly the room that log_take() asks for, for a sanitizer to see */
	char *text = malloc(LOG_TEXT_MAX + 1);
	struct log_record record;

	MUST(text != NULL);
	MUST(log_take(log, &record, text) == (first < last));
	if (first < last) {
		MUST(strlen(text) == record.length);
		MUST(strcmp(text, expected[first].text) == 0);
		MUST(record.severity == expected[first].severity);
		free(expected[first++].text);
	}
	free(text);
}

/* A ring that had much through it, so that its counters wrap. */
static struct log *
aged_log(uint8_t age)
{
	struct log *log = log_create(SEVERITY_INFO, -1);
	const size_t at = age < 128 ? (size_t)age * 2053 :
	    SIZE_MAX - (size_t)(age - 128) * 997;

	MUST(log != NULL);
	atomic_store(&log->written, at);
	atomic_store(&log->read, at);
	return (log);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct log *log;
	size_t at, step;

	if (size < 1)
		return (0);
	first = last = 0;
	lost = 0;
	log = aged_log(data[0]);
	for (at = 1; at < size && last < LINES_MAX; at += step) {
		step = 1;
		if (data[at] == 0xff)
			take(log);
		else
			step = put(log, data + at, size - at);
	}
	while (first < last)
		take(log);
	take(log);
	log_destroy(log);
	return (0);
}
