/* SPDX-License-Identifier: ISC */

/*
 * replay.c - runs a fuzz target on files: those that are named, or all in
 * the directory of its corpus.
 */

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "tap.h"

static void
replay(const char *path)
{
	static uint8_t data[1 << 16];
	FILE *file;
	size_t size;

	file = fopen(path, "r");
	if (file == NULL)
		bail_out(path);
	size = fread(data, 1, sizeof(data), file);
	(void)fclose(file);
	(void)LLVMFuzzerTestOneInput(data, size);
	ok(true, "%s", strrchr(path, '/') == NULL ? path :
	    strrchr(path, '/') + 1);
}

static void
replay_corpus(const char *directory)
{
	char path[1024];
	struct dirent **entries;
	int count, i;

	count = scandir(directory, &entries, NULL, alphasort);
	if (count == -1)
		bail_out(directory);
	for (i = 0; i < count; i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", directory,
		    entries[i]->d_name);
		if (entries[i]->d_name[0] != '.')
			replay(path);
		free(entries[i]);
	}
	free(entries);
	ok(count > 2, "there are inputs");
}

int
main(int argc, char **argv)
{
	const char *top = getenv("MUX_SRCDIR");
	char directory[512];
	int i;

	tap_begin(fuzz_name);
	for (i = 1; i < argc; i++)
		replay(argv[i]);
	if (argc == 1) {
		(void)snprintf(directory, sizeof(directory),
		    "%s/tests/fuzz/corpus/%s", top != NULL ? top : ".",
		    fuzz_name);
		replay_corpus(directory);
	}
	return (tap_done());
}
