/* SPDX-License-Identifier: ISC */

/* test-log-form.c - what becomes of a line of the log, and where it goes. */

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "control/journal.h"
#include "control/log-form.h"
#include "control/log-sink.h"
#include "tap.h"
#include "units.h"

#define NS_PER_MS	INT64_C(1000000)

/* 2026-01-02T03:04:05.678Z */
static const struct log_record record = { .severity = SEVERITY_WARNING,
	.time_ns = INT64_C(1767323045678) * NS_PER_MS };

static const char line[] =
    "session id=7 upstream=a\\x20b route=\"88\" lost-up=0 connect=0.250s cut=\"x";

#define JSON_HEAD "{\"time\":\"2026-01-02T03:04:05.678Z\",\"level\":\"warning\"," \
	"\"event\":\""

static void
test_text_form(void)
{
	char out[FORM_MAX];
	const size_t length = form_text(out, &record, "start a=1");

	ok(strcmp(out, "2026-01-02T03:04:05.678Z warning start a=1") == 0 &&
	    length == strlen(out), "text: %s", out);
	is(form_priority(&record), LOG_WARNING, "a priority of syslog(3)");
}

static void
makes_json(const char *text, const char *want)
{
	char out[FORM_MAX];
	const size_t length = form_json(out, &record, text);

	if (!form_has_json()) {
		is((long long)length, 0, "no JSON");
		return;
	}
	if (!ok(strncmp(out, JSON_HEAD, strlen(JSON_HEAD)) == 0 &&
	    strcmp(out + strlen(JSON_HEAD), want) == 0 &&
	    length == strlen(out), "JSON: %s", text))
		diag("%s", out);
}

static void
test_json_form(void)
{
	char text[LOG_TEXT_MAX + 1] = "e", out[FORM_MAX];
	size_t used;

	makes_json("start", "start\"}");
	makes_json("start a=1 b=-2 c=0.1 d=3661.007s", "start\",\"a\":1,\"b\":-2,"
	    "\"c\":0.1,\"d\":3661.007}");
	makes_json(line, "session\",\"id\":7,\"upstream\":\"a b\","
	    "\"route\":\"88\",\"lost-up\":0,\"connect\":0.25,"
	    "\"text\":\"cut=\\\"x\"}");
	makes_json("e a=\\xc3\\xbc b=\\xff c=\"q\\\"q\"", "e\",\"a\":\"\xc3\xbc\","
	    "\"b\":\"\\\\xff\",\"c\":\"q\\\"q\"}");
	makes_json("No event", "\",\"text\":\"No event\"}");

	/* what grows most: many small fields, and what has to be escaped */
	for (used = 1; used < LOG_TEXT_MAX - 10; used += 5)
		(void)snprintf(text + used, sizeof(text) - used, " %c%c=9",
		    (char)('a' + used / 5 % 26), (char)('a' + used / 130));
	ok(!form_has_json() || form_json(out, &record, text) > used,
	    "many fields");
	memset(text, '\\', sizeof(text) - 1);
	ok(!form_has_json() || form_json(out, &record, text) > 2 * LOG_TEXT_MAX,
	    "much to be escaped");
}

static void
test_journal_form(void)
{
	char out[FORM_DATAGRAM_MAX + 1];
	const size_t length = form_journal(out, &record, line, "the message");

	out[length] = '\0';
	if (!ok(strcmp(out, "MESSAGE=the message\nPRIORITY=4\n"
	    "SYSLOG_IDENTIFIER=muxproxy\nMUXPROXY_EVENT=session\n"
	    "MUXPROXY_ID=7\nMUXPROXY_UPSTREAM=a b\nMUXPROXY_ROUTE=88\n"
	    "MUXPROXY_LOST_UP=0\nMUXPROXY_CONNECT=0.250s\n") == 0,
	    "fields of the journal"))
		diag("%s", out);
}

static int
listen_at(const char *path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	const int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	(void)snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", path);
	if (fd == -1 || bind(fd, (struct sockaddr *)&sun, sizeof(sun)) == -1)
		bail_out("no socket");
	return (fd);
}

static bool
receives(int fd, const char *begin)
{
	char bytes[FORM_DATAGRAM_MAX];
	const ssize_t n = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);

	return (n > 0 && strncmp(bytes, begin, strlen(begin)) == 0);
}

static void
put(struct sink *sink, enum log_format format, const char *text)
{
	sink_put(sink, format, &record, text);
	sink_flush(sink);
}

/* A journald that is not there, is there, and is started anew. */
static void
test_journald(const char *directory)
{
	const char *usual = journal_path;
	struct sink *sink;
	char path[128];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/journal", directory);
	journal_path = path;
	ok(sink_open("journald") == NULL && errno == ENOENT, "no journald");
	fd = listen_at(path);
	sink = sink_open("journald");
	if (sink == NULL)
		bail_out("sink_open");
	put(sink, LOG_TEXT, "start a=1");
	ok(receives(fd, "MESSAGE=start a=1\nPRIORITY=4\n"), "a message");
	if (form_has_json()) {
		put(sink, LOG_JSON, "start a=1");
		ok(receives(fd, "MESSAGE=" JSON_HEAD "start\",\"a\":1}\n"),
		    "a message that is JSON");
	}
	(void)close(fd);
	put(sink, LOG_TEXT, "nobody hears it");
	(void)unlink(path);
	put(sink, LOG_TEXT, "nobody hears it");
	is((long long)sink->unwritten, 2, "what is lost is counted");
	fd = listen_at(path);
	put(sink, LOG_TEXT, "again");
	ok(receives(fd, "MESSAGE=again\n"), "and a new one is found");
	ok(sink_reopen(sink) == 0, "there is nothing to open anew");
	sink_close(sink);
	(void)close(fd);
	(void)unlink(path);
	journal_path = usual;
}

static bool
has_text(const char *path, const char *want)
{
	char text[1024];
	FILE *file = fopen(path, "r");
	size_t n;

	if (file == NULL)
		return (false);
	n = fread(text, 1, sizeof(text) - 1, file);
	text[n] = '\0';
	(void)fclose(file);
	return (strcmp(text, want) == 0);
}

static bool
is_stream(const char *text)
{
	(void)setenv("JOURNAL_STREAM", text, 1);
	return (journal_is_stream(STDERR_FILENO));
}

/* Standard error is the journal's when the numbers are right. */
static void
test_prefixes(void)
{
	char stream[64], path[] = "/tmp/mux-err-XXXXXX";
	const int fd = mkstemp(path), before = dup(STDERR_FILENO);
	struct sink *sink;
	struct stat st;

	if (fd == -1 || before == -1 || dup2(fd, STDERR_FILENO) == -1 ||
	    fstat(fd, &st) == -1)
		bail_out("no file");
	(void)snprintf(stream, sizeof(stream), "%" PRIu64 ":%" PRIu64,
	    (uint64_t)st.st_dev, (uint64_t)st.st_ino + 1);
	ok(!is_stream(stream) && !is_stream("") && !is_stream("1:") &&
	    !is_stream(":1") && !is_stream("1"), "not the journal");
	(void)unsetenv("JOURNAL_STREAM");
	ok(!journal_is_stream(STDERR_FILENO), "nor without a word of it");
	(void)snprintf(stream, sizeof(stream), "%" PRIu64 ":%" PRIu64,
	    (uint64_t)st.st_dev, (uint64_t)st.st_ino);
	ok(is_stream(stream), "the journal");
	sink = sink_open("stderr");
	if (sink == NULL)
		bail_out("sink_open");
	put(sink, LOG_TEXT, "start a=1");
	sink_close(sink);
	(void)unsetenv("JOURNAL_STREAM");
	sink = sink_open("stderr");
	if (sink == NULL)
		bail_out("sink_open");
	put(sink, LOG_TEXT, "stop \x1b\xff");
	sink_close(sink);
	(void)dup2(before, STDERR_FILENO);
	(void)close(before);
	(void)close(fd);
	ok(has_text(path, "<4>start a=1\n"
	    "2026-01-02T03:04:05.678Z warning stop ??\n"),
	    "lines with a priority, and plain ones");
	(void)unlink(path);
}

/* What was written of a line, before there was no room, spoils no other. */
static void
test_torn(const char *directory)
{
	struct sink *sink;
	char path[128];

	(void)snprintf(path, sizeof(path), "%s/log", directory);
	sink = sink_open(path);
	if (sink == NULL || write(sink->fd, "part", 4) != 4)
		bail_out("sink_open");
	sink->is_torn = true;
	put(sink, LOG_TEXT, "stop");
	put(sink, LOG_TEXT, "stop");
	ok(has_text(path, "part\n2026-01-02T03:04:05.678Z warning stop\n"
	    "2026-01-02T03:04:05.678Z warning stop\n"), "a torn line is mended");
	sink_close(sink);
	(void)unlink(path);
	if (access("/dev/full", W_OK) == -1) {
		skip("there is no /dev/full", "no room");
		return;
	}
	sink = sink_open("/dev/full");
	if (sink == NULL)
		bail_out("sink_open");
	put(sink, LOG_TEXT, "stop");
	sink_put(sink, LOG_TEXT, &record, "stop");
	put(sink, LOG_TEXT, "stop");
	is((long long)sink->unwritten, 3, "no room: lines are counted");
	ok(!sink->is_torn, "and none is torn");
	sink_close(sink);
}

static void
test_sinks(void)
{
	struct log_plan plan = { .events = { .format = LOG_TEXT } };
	const char *failed;
	struct sinks *sinks;

	sinks = sinks_open(&plan, "stderr", &failed);
	ok(sinks != NULL && sinks->of[KIND_EVENT]->kind == SINK_STDERR &&
	    sinks->of[KIND_SESSION] == sinks->of[KIND_EVENT] &&
	    sinks_each(sinks, 1) == NULL, "the usual target, once");
	sinks_close(sinks);
	plan.events.target = "/dev/null";
	plan.sessions.target = "/nowhere/log";
	ok(sinks_open(&plan, "stderr", &failed) == NULL && errno == ENOENT &&
	    strcmp(failed, "/nowhere/log") == 0, "the one that failed");
	plan.sessions.target = "/dev/null";
	plan.sessions.format = LOG_JSON;
	sinks = sinks_open(&plan, "stderr", &failed);
	ok(form_has_json() ? sinks != NULL && sinks->of[0] == sinks->of[1] &&
	    sinks->formats[KIND_SESSION] == LOG_JSON &&
	    sinks->formats[KIND_EVENT] == LOG_TEXT : errno == ENOTSUP,
	    "one target in two forms");
	sinks_close(sinks);
}

void
test_log_form(void)
{
	char directory[] = "/tmp/mux-form-XXXXXX";

	if (mkdtemp(directory) == NULL)
		bail_out("no directory");
	test_text_form();
	test_json_form();
	test_journal_form();
	test_journald(directory);
	test_prefixes();
	test_torn(directory);
	test_sinks();
	(void)rmdir(directory);
}
