/* SPDX-License-Identifier: ISC */

/*
 * include.c - the files that a file includes.
 *
 * A pattern with wildcards leaves out what has been read, so that one file
 * may come first and `*.yaml' bring the rest; a path that is written in full
 * is a mistake then, for nothing of it would happen.
 */

#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "config/files.h"
#include "config/keys.h"

/* Appends text to out, with what glob(3) would take for more than itself. */
static char *
put_literally(char *out, const char *text, size_t length)
{
	size_t i;

	for (i = 0; i < length; i++) {
		if (strchr("*?[]\\", text[i]) != NULL)
			*out++ = '\\';
		*out++ = text[i];
	}
	return (out);
}

/*
 * The pattern from where its file is, to be freed; NULL when out of memory.
 * If it has no wildcard, it is a path, and nothing in it is escaped.
 */
static char *
resolve(const char *pattern, const char *path, bool has_wildcard)
{
	const char *slash = strrchr(path, '/');
	const size_t length = *pattern == '/' || slash == NULL ? 0 :
	    (size_t)(slash - path) + 1;
	char *out, *end;

	out = malloc(2 * length + strlen(pattern) + 1);
	if (out == NULL)
		return (NULL);
	if (has_wildcard) {
		end = put_literally(out, path, length);
	} else {
		memcpy(out, path, length);
		end = out + length;
	}
	memcpy(end, pattern, strlen(pattern) + 1);
	return (out);
}

/* The same file by whatever name; one that is no file is never the same. */
static const struct file *
find_file(const struct files *files, const struct source *source)
{
	const struct file *file;

	for (file = files->list; file != NULL; file = file->next) {
		if (source->inode != 0 &&
		    file->source->inode == source->inode &&
		    file->source->device == source->device)
			return (file);
	}
	return (NULL);
}

static bool
is_outside(const struct file *other, const struct file *file)
{
	while (file != NULL && file != other)
		file = file->outer;
	return (file != NULL);
}

static void
include_path(struct files *files, const struct file *file,
    const struct node *value, const char *path, bool has_wildcard)
{
	const struct file *other;
	struct source *source;

	source = source_read(path, file->source, value->offset,
	    files->problems);
	if (source == NULL)
		return;
	other = find_file(files, source);
	if (other == NULL) {
		files_enter(files, source, file);
		return;
	}
	source_free(source);
	if (!has_wildcard)
		source_problem(file->source, value->offset, files->problems,
		    is_outside(other, file) ?
		    "'%.200s' includes this file, and cannot be included by it" :
		    "'%.200s' is included twice", path);
}

/* What could not be looked into, though it is there. */
static _Thread_local int glob_error;

static int
on_glob_error(const char *path, int error)
{
	(void)path;
	if (error == ENOENT || error == ENOTDIR)
		return (0);
	glob_error = error;
	return (1);
}

static int
compare_paths(const void *a, const void *b)
{
	return (strcmp(*(char *const *)a, *(char *const *)b));
}

static void
include_pattern(struct files *files, const struct file *file,
    const struct node *value, const char *pattern)
{
	glob_t found;
	size_t i;
	int result;

	result = glob(pattern, GLOB_NOSORT, on_glob_error, &found);
	if (result == GLOB_NOSPACE) {
		files->problems->is_out_of_memory = true;
		source_problem(file->source, value->offset, files->problems,
		    "out of memory");
	} else if (result != 0 && result != GLOB_NOMATCH)
		source_problem(file->source, value->offset, files->problems,
		    "cannot look for '%.200s': %s", pattern,
		    text_error(glob_error));
	if (result != 0)
		return;
	/* bytes, not the order of a locale */
	qsort(found.gl_pathv, found.gl_pathc, sizeof(char *), compare_paths);
	for (i = 0; i < found.gl_pathc; i++)
		include_path(files, file, value, found.gl_pathv[i], true);
	globfree(&found);
}

static void
include_text(struct files *files, const struct file *file,
    const struct node *value, const char *text)
{
	const bool has_wildcard = strpbrk(text, "*?[") != NULL;
	char *path;

	if (*text == '\0') {
		source_problem(file->source, value->offset, files->problems,
		    "include '': it is empty; write the path of a file");
		return;
	}
	path = resolve(text, file->source->path, has_wildcard);
	if (path == NULL) {
		files->problems->is_out_of_memory = true;
		source_problem(file->source, value->offset, files->problems,
		    "out of memory");
	} else if (has_wildcard)
		include_pattern(files, file, value, path);
	else
		include_path(files, file, value, path, false);
	free(path);
}

void
files_include(struct files *files, const struct file *file,
    const struct node *value)
{
	const struct reading reading = { files->plan, files->problems,
	    file->source };
	const struct key *key = keys_find(&keys_file, "include");
	char *text;

	if (file->depth == FILES_DEPTH_MAX) {
		reading_problem(&reading, value,
		    "files include each other too deeply; %d levels are "
		    "possible", FILES_DEPTH_MAX);
		return;
	}
	text = reading_text(&reading, key->name, value, key->wants);
	if (text != NULL)
		include_text(files, file, value, text);
	free(text);
}
