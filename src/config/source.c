/* SPDX-License-Identifier: ISC */

/* source.c - a configuration file in memory. */

#include <sys/types.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "config/source.h"
#include "config/utf8.h"

#define READ_BYTES	(64 * 1024)	/* at a time, at least */

static void
out_of_memory(const char *path, struct problems *problems)
{
	problems->is_out_of_memory = true;
	problems_add(problems, path, 0, 0, NULL, "out of memory");
}

void
source_free(struct source *source)
{
	struct node *node, *next;

	if (source == NULL)
		return;
	for (node = source->nodes; node != NULL; node = next) {
		next = node->next;
		free(node->children);
		free(node->anchor);
		free(node->text);
		free(node);
	}
	free(source->path);
	free(source->text);
	free(source);
}

unsigned
source_line(const struct source *source, size_t offset)
{
	const char *at = source->text, *end = source->text + offset;
	unsigned line = 1;

	while ((at = memchr(at, '\n', (size_t)(end - at))) != NULL) {
		line++;
		at++;
	}
	return (line);
}

static const char *
line_start(const struct source *source, size_t offset)
{
	while (offset > 0 && source->text[offset - 1] != '\n')
		offset--;
	return (source->text + offset);
}

void
source_problem(const struct source *source, size_t offset,
    struct problems *problems, const char *format, ...)
{
	const char *start, *at;
	char text[2048];
	uint32_t code;
	unsigned column = 1;
	va_list ap;

	va_start(ap, format);
	(void)vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	if (offset > source->length)
		offset = source->length;
	start = line_start(source, offset);
	for (at = start; at < source->text + offset; column++)
		at += utf8_decode(at, (size_t)(source->text + offset - at),
		    &code);
	problems_add(problems, source->path, source_line(source, offset),
	    column, start, "%s", text);
}

/*
 * What the parser is not to see: bytes that are no UTF-8, and NUL, which
 * would end the text.  UTF-16 has both.
 */
static int
check_text(const struct source *source, struct problems *problems)
{
	size_t at, bytes;
	uint32_t code;

	for (at = 0; at < source->length; at += bytes) {
		bytes = utf8_decode(source->text + at, source->length - at,
		    &code);
		if (code == UTF8_INVALID || code == 0) {
			source_problem(source, at, problems, code == 0 ?
			    "there is a NUL byte; a configuration is text in UTF-8" :
			    "this byte is not UTF-8, in which a configuration is written");
			return (-1);
		}
		if (code < ' ' && strchr("\t\n\r", (int)code) == NULL) {
			source_problem(source, at, problems,
			    "there is a control character, \\x%02x; in double "
			    "quotes it may be written like that", code);
			return (-1);
		}
	}
	return (0);
}

/* The mark that some editors put before UTF-8 is not part of the text. */
static void
drop_mark(struct source *source)
{
	if (source->length < 3 || memcmp(source->text, "\xef\xbb\xbf", 3) != 0)
		return;
	source->length -= 3;
	memmove(source->text, source->text + 3, source->length + 1);
}

struct source *
source_make(const char *path, char *text, size_t length,
    struct problems *problems)
{
	struct source *source;

	source = calloc(1, sizeof(*source));
	if (source == NULL) {
		free(text);
		out_of_memory(path, problems);
		return (NULL);
	}
	source->text = text;
	source->length = length;
	source->path = strdup(path);
	text[length] = '\0';
	drop_mark(source);
	if (source->path == NULL)
		out_of_memory(path, problems);
	else if (check_text(source, problems) == 0 &&
	    yaml_parse(source, problems) == 0)
		return (source);
	source_free(source);
	return (NULL);
}

/* -1 with errno; EFBIG when there is more than allowed. */
static int
read_all(int fd, char **text, size_t *length)
{
	size_t size = 0, used = 0;
	char *larger;
	ssize_t count;

	*text = NULL;
	do {
		if (size - used < READ_BYTES) {
			size += size + READ_BYTES;
			larger = realloc(*text, size + 1);
			if (larger == NULL)
				return (-1);
			*text = larger;
		}
		count = read(fd, *text + used, size - used);
		if (count > 0)
			used += (size_t)count;
	} while ((count > 0 && used <= SOURCE_BYTES_MAX) ||
	    (count == -1 && errno == EINTR));
	*length = used;
	if (used > SOURCE_BYTES_MAX)
		errno = EFBIG;
	return (count == -1 || used > SOURCE_BYTES_MAX ? -1 : 0);
}

static void
cannot_read(const char *path, const struct source *from, size_t offset,
    struct problems *problems)
{
	char why[160];

	if (errno == EFBIG)
		(void)snprintf(why, sizeof(why), "it has more than %d MiB",
		    SOURCE_BYTES_MAX / (1024 * 1024));
	else if (errno == ENODEV)
		(void)snprintf(why, sizeof(why), "it is not a regular file");
	else
		(void)snprintf(why, sizeof(why), "%s", text_error(errno));
	if (errno == ENOMEM)
		problems->is_out_of_memory = true;
	if (from == NULL)
		problems_add(problems, path, 0, 0, NULL, "cannot be read: %s",
		    why);
	else
		source_problem(from, offset, problems,
		    "'%.200s' cannot be read: %s", path, why);
}

/*
 * -1 with errno; which file it is goes to *st.  The main file may be a pipe,
 * which one waits for; what it includes may not hold us up.
 */
static int
open_file(const char *path, bool is_main, struct stat *st)
{
	int fd, error;

	fd = is_main && strcmp(path, "-") == 0 ?
	    fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1) :
	    open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY |
	    (is_main ? 0 : O_NONBLOCK));
	if (fd == -1)
		return (-1);
	if (fstat(fd, st) == -1)
		error = errno;
	else if (S_ISREG(st->st_mode) || (is_main && !S_ISDIR(st->st_mode)))
		return (fd);
	else
		error = S_ISDIR(st->st_mode) ? EISDIR : ENODEV;
	(void)close(fd);
	errno = error;
	return (-1);
}

struct source *
source_read(const char *path, const struct source *from, size_t offset,
    struct problems *problems)
{
	const char *name = from == NULL && strcmp(path, "-") == 0 ?
	    "<stdin>" : path;
	struct source *source;
	struct stat st = { .st_mode = 0 };
	char *text = NULL;
	size_t length = 0;
	int fd, error;

	fd = open_file(path, from == NULL, &st);
	if (fd == -1 || read_all(fd, &text, &length) == -1) {
		error = errno;
		free(text);
		if (fd != -1)
			(void)close(fd);
		errno = error;
		cannot_read(name, from, offset, problems);
		return (NULL);
	}
	(void)close(fd);
	source = source_make(name, text, length, problems);
	if (source != NULL && S_ISREG(st.st_mode)) {
		source->device = (uint64_t)st.st_dev;
		source->inode = (uint64_t)st.st_ino;
	}
	return (source);
}
