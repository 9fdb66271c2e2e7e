/* SPDX-License-Identifier: ISC */

/*
 * fake-names.c - preloaded into muxproxy: host names from a file.
 *
 * The file named by FAKE_NAMES is read at each look-up. A line is one of
 *
 *	NAME ADDRESS...			these addresses, in this order
 *	NAME error NONAME|AGAIN|FAIL	this error
 *	NAME wait FIFO ADDRESS...	the same after FIFO was opened, and
 *					closed, by a writer
 *
 * Other names, and addresses, are left to the system.
 */

#define _GNU_SOURCE
#include <sys/types.h>
#include <sys/socket.h>

#include <dlfcn.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef int lookup_fn(const char *, const char *, const struct addrinfo *,
    struct addrinfo **);
typedef void free_fn(struct addrinfo *);

/* What the system has under that name; ISO C has no cast for it. */
static void
next_symbol(void *function, const char *name)
{
	void *symbol = dlsym(RTLD_NEXT, name);

	memcpy(function, &symbol, sizeof(symbol));
}

static int
error_of(const char *word)
{
	if (word == NULL || strcmp(word, "FAIL") == 0)
		return (EAI_FAIL);
	return (strcmp(word, "AGAIN") == 0 ? EAI_AGAIN : EAI_NONAME);
}

/* Returns when a writer has opened the FIFO and closed it. */
static void
wait_for(const char *fifo)
{
	char byte;
	int fd;

	if (fifo == NULL || (fd = open(fifo, O_RDONLY | O_CLOEXEC)) == -1)
		return;
	while (read(fd, &byte, 1) > 0)
		continue;
	(void)close(fd);
}

/* Each node stands alone, so that it can be freed alone. */
void
freeaddrinfo(struct addrinfo *list)
{
	struct addrinfo *next;
	free_fn *system_free;

	next_symbol(&system_free, "freeaddrinfo");
	for (; list != NULL; list = next) {
		next = list->ai_next;
		list->ai_next = NULL;
		system_free(list);
	}
}

static int
answer(char *words, const char *service, const struct addrinfo *hints,
    struct addrinfo **found, lookup_fn *system_lookup)
{
	struct addrinfo numeric = *hints, **last = found;
	char *rest, *word = strtok_r(words, " \n", &rest);
	int error;

	*found = NULL;
	if (word != NULL && strcmp(word, "error") == 0)
		return (error_of(strtok_r(NULL, " \n", &rest)));
	if (word != NULL && strcmp(word, "wait") == 0) {
		wait_for(strtok_r(NULL, " \n", &rest));
		word = strtok_r(NULL, " \n", &rest);
	}
	numeric.ai_flags |= AI_NUMERICHOST;
	for (; word != NULL; word = strtok_r(NULL, " \n", &rest)) {
		error = system_lookup(word, service, &numeric, last);
		if (error != 0) {
			freeaddrinfo(*found);
			return (error);
		}
		last = &(*last)->ai_next;
		*last = NULL;
	}
	return (*found != NULL ? 0 : EAI_NONAME);
}

int
getaddrinfo(const char *name, const char *service,
    const struct addrinfo *hints, struct addrinfo **found)
{
	const char *path = getenv("FAKE_NAMES");
	const size_t length = name != NULL ? strlen(name) : 0;
	char line[4096];
	lookup_fn *system_lookup;
	FILE *file = NULL;

	next_symbol(&system_lookup, "getaddrinfo");
	if (length > 0 && path != NULL && hints != NULL &&
	    (hints->ai_flags & AI_NUMERICHOST) == 0)
		file = fopen(path, "re");
	if (file == NULL)
		return (system_lookup(name, service, hints, found));
	while (fgets(line, sizeof(line), file) != NULL) {
		if (strncmp(line, name, length) == 0 && line[length] == ' ') {
			(void)fclose(file);
			return (answer(line + length + 1, service, hints,
			    found, system_lookup));
		}
	}
	(void)fclose(file);
	return (system_lookup(name, service, hints, found));
}
