/* SPDX-License-Identifier: ISC */

/* log-sink.c - where lines of the log go. */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "base/socket.h"
#include "base/text.h"
#include "control/journal.h"
#include "control/log-sink.h"
#include "control/sandbox.h"

/* A descriptor that someone else made non-blocking is waited for. */
static bool
write_all(int fd, const char *bytes, size_t count, size_t *written)
{
	struct pollfd entry = { .fd = fd, .events = POLLOUT };
	ssize_t n;

	for (*written = 0; *written < count; ) {
		n = write(fd, bytes + *written, count - *written);
		if (n >= 0)
			*written += (size_t)n;
		else if (errno == EAGAIN)
			(void)poll(&entry, 1, -1);
		else if (errno != EINTR)
			return (false);
	}
	return (true);
}

/* A part of a line gets an end of its own, so that it spoils no other. */
static bool
mend(struct sink *sink)
{
	size_t written;

	if (sink->is_torn && write_all(sink->fd, "\n", 1, &written))
		sink->is_torn = false;
	return (!sink->is_torn);
}

void
sink_flush(struct sink *sink)
{
	size_t written = 0, i;

	if (sink->used == 0)
		return;
	if (!mend(sink) ||
	    !write_all(sink->fd, sink->batch, sink->used, &written)) {
		for (i = written; i < sink->used; i++)
			sink->unwritten += sink->batch[i] == '\n';
		sink->is_torn = sink->is_torn ||
		    (written > 0 && sink->batch[written - 1] != '\n');
	}
	sink->used = 0;
}

/* The time and the level are left to those who note them by themselves. */
static size_t
form(const struct sink *sink, char *out, enum log_format format,
    const struct log_record *record, const char *text)
{
	if (format == LOG_JSON)
		return (form_json(out, record, text));
	if (sink->kind == SINK_STDERR && !sink->has_prefixes)
		return (form_text(out, record, text));
	if (sink->kind == SINK_FILE)
		return (form_text(out, record, text));
	return ((size_t)snprintf(out, FORM_MAX, "%s", text));
}

static void
put_message(struct sink *sink, const struct log_record *record,
    const char *text, const char *message)
{
	char datagram[FORM_DATAGRAM_MAX];
	size_t length;

	if (sink->kind == SINK_SYSLOG) {
		if (!sink->has_begun)
			openlog("muxproxy", LOG_PID | LOG_NDELAY, LOG_DAEMON);
		sink->has_begun = true;
		syslog(form_priority(record), "%s", message);
		return;
	}
	length = form_journal(datagram, record, text, message);
	if (journal_send(sink->fd, datagram, length) == -1)
		sink->unwritten++;
}

static void
put_bytes(struct sink *sink, const struct log_record *record,
    const char *line, size_t length)
{
	if (sizeof(sink->batch) - sink->used < FORM_MAX + sizeof("<0>\n"))
		sink_flush(sink);
	if (sink->has_prefixes)
		sink->used += (size_t)snprintf(sink->batch + sink->used,
		    sizeof("<0>"), "<%d>", form_priority(record));
	memcpy(sink->batch + sink->used, line, length);
	sink->used += length;
	sink->batch[sink->used++] = '\n';
}

void
sink_put(struct sink *sink, enum log_format format,
    const struct log_record *record, const char *text)
{
	char plain[LOG_TEXT_MAX + 1], line[FORM_MAX];
	size_t length;

	(void)snprintf(plain, sizeof(plain), "%s", text);
	text_ascii(plain, strlen(plain));
	length = form(sink, line, format, record, plain);
	if (length == 0 && plain[0] != '\0')
		sink->unwritten++;
	else if (sink->kind == SINK_SYSLOG || sink->kind == SINK_JOURNAL)
		put_message(sink, record, plain, line);
	else
		put_bytes(sink, record, line, length);
}

/* A pipe that nobody reads is an error, and not to be waited for. */
static int
open_file(const char *path)
{
	int fd;

	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY |
	    O_NONBLOCK, 0640);
	if (fd != -1)
		(void)fcntl(fd, F_SETFL, O_WRONLY | O_APPEND);
	sandbox_limit_fd(fd, SANDBOX_LOG);
	return (fd);
}

int
sink_reopen(struct sink *sink)
{
	int fd;

	if (sink->kind == SINK_SYSLOG) {
		if (sink->has_begun)
			closelog();
		sink->has_begun = false;	/* the next line opens it */
		return (0);
	}
	if (sink->kind != SINK_FILE)
		return (0);
	fd = open_file(sink->path);
	if (fd == -1)
		return (-1);
	(void)close(sink->fd);
	sink->fd = fd;
	sink->is_torn = false;
	return (0);
}

static enum sink_kind
kind_of(const char *target)
{
	if (strcmp(target, "stderr") == 0)
		return (SINK_STDERR);
	if (strcmp(target, "syslog") == 0)
		return (SINK_SYSLOG);
	return (strcmp(target, "journald") == 0 ? SINK_JOURNAL : SINK_FILE);
}

static int
open_target(struct sink *sink, const char *target)
{
	sink->kind = kind_of(target);
	switch (sink->kind) {
	case SINK_STDERR:
		sink->fd = STDERR_FILENO;
		sink->has_prefixes = journal_is_stream(sink->fd);
		return (0);
	case SINK_SYSLOG:
		return (0);
	case SINK_JOURNAL:
		sink->fd = journal_open();
		break;
	case SINK_FILE:
		sink->path = strdup(target);
		sink->fd = sink->path == NULL ? -1 : open_file(target);
		break;
	}
	return (sink->fd == -1 ? -1 : 0);
}

struct sink *
sink_open(const char *target)
{
	struct sink *sink;

	sink = calloc(1, sizeof(*sink));
	if (sink == NULL)
		return (NULL);
	sink->fd = -1;
	if (open_target(sink, target) == 0)
		return (sink);
	sink_close(sink);
	return (NULL);
}

void
sink_close(struct sink *sink)
{
	const int saved_errno = errno;

	if (sink->fd > STDERR_FILENO)
		socket_close(sink->fd);
	if (sink->kind == SINK_SYSLOG && sink->has_begun)
		closelog();
	free(sink->path);
	free(sink);
	errno = saved_errno;
}
