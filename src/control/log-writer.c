/* SPDX-License-Identifier: ISC */

/* log-writer.c - lines on their way from the rings of the logs to the sinks. */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "base/logfmt.h"
#include "base/text.h"
#include "control/log-writer.h"

#define TAKE_LINES	128	/* before orders are looked at */
#define TELL_MS		1000	/* from one count of lost lines to the next */
#define NS_PER_S	INT64_C(1000000000)
#define NS_PER_MS	INT64_C(1000000)

static int64_t
clock_ns(clockid_t clock)
{
	struct timespec ts;

	(void)clock_gettime(clock, &ts);
	return ((int64_t)ts.tv_sec * NS_PER_S + ts.tv_nsec);
}

void
log_writer_flush(const struct log_writer *writer)
{
	struct sink *sink;
	unsigned i;

	for (i = 0; i < KIND_COUNT; i++) {
		sink = sinks_each(writer->sinks, i);
		if (sink != NULL)
			sink_flush(sink);
	}
}

static void
put_line(const struct log_writer *writer, const struct log_record *record,
    const char *text)
{
	sink_put(writer->sinks->of[record->kind],
	    writer->sinks->formats[record->kind], record, text);
}

static void
put_own_line(const struct log_writer *writer, enum log_severity severity,
    const char *text)
{
	struct log_record record = { .severity = (uint8_t)severity,
	    .kind = KIND_EVENT };

	record.time_ns = clock_ns(CLOCK_REALTIME);
	put_line(writer, &record, text);
	log_writer_flush(writer);
}

static uint64_t
unwritten_lines(const struct sinks *sinks)
{
	struct sink *sink;
	uint64_t count = 0;
	unsigned i;

	for (i = 0; i < KIND_COUNT; i++) {
		sink = sinks_each(sinks, i);
		count += sink != NULL ? sink->unwritten : 0;
	}
	return (count);
}

static uint64_t
lost_lines(const struct log_writer *writer)
{
	uint64_t lost = writer->unwritten + unwritten_lines(writer->sinks);
	size_t i;

	for (i = 0; i < writer->logs_count; i++)
		lost += atomic_load(&writer->logs[i]->lost);
	return (lost);
}

void
log_writer_tell_lost(struct log_writer *writer, bool is_end)
{
	const uint64_t lost = lost_lines(writer);
	struct sink *sink = writer->sinks->of[KIND_EVENT];
	const uint64_t unwritten = sink->unwritten;
	const int64_t now_ns = clock_ns(CLOCK_MONOTONIC);
	char text[64];

	if (lost == writer->told || (!is_end && writer->told_ns != 0 &&
	    now_ns - writer->told_ns < TELL_MS * NS_PER_MS))
		return;
	writer->told_ns = now_ns;
	(void)snprintf(text, sizeof(text), "log-lost lines=%" PRIu64,
	    lost - writer->told);
	put_own_line(writer, SEVERITY_WARNING, text);
	if (sink->unwritten == unwritten)
		writer->told = lost;
	else
		sink->unwritten = unwritten;	/* not a line of others */
}

void
log_writer_reopen(const struct log_writer *writer)
{
	char text[LOG_TEXT_MAX + 1], path[LOG_TEXT_MAX / 2];
	struct sink *sink;
	unsigned i;

	for (i = 0; i < KIND_COUNT; i++) {
		sink = sinks_each(writer->sinks, i);
		if (sink == NULL || sink_reopen(sink) == 0)
			continue;
		(void)snprintf(text, sizeof(text), "log-reopen error=\"%s\" "
		    "file=%s action=keep-old", text_error(errno),
		    logfmt_string(path, sizeof(path), sink->path));
		put_own_line(writer, SEVERITY_ERROR, text);
	}
}

bool
log_writer_take(const struct log_writer *writer)
{
	struct log_record record;
	struct log *log;
	char text[LOG_TEXT_MAX + 1];
	unsigned taken;

	for (taken = 0; taken < TAKE_LINES; taken++) {
		log = log_oldest(writer->logs, writer->logs_count);
		if (log == NULL)
			return (false);
		(void)log_take(log, &record, text);
		put_line(writer, &record, text);
	}
	return (true);
}

bool
log_writer_has_untold(const struct log_writer *writer)
{
	return (lost_lines(writer) != writer->told);
}

void
log_writer_use(struct log_writer *writer, struct sinks *sinks)
{
	writer->unwritten += unwritten_lines(writer->sinks);
	sinks_close(writer->sinks);
	writer->sinks = sinks;
}
