/* SPDX-License-Identifier: ISC */

/* prefix.c - prefixes, one a line, and the list that they are. */

#include <stdbool.h>

#include "base/prefix.h"
#include "fuzz.h"

const char fuzz_name[] = "prefix";

#define LIST_MAX	64

/* What is wrong is told in printable words, whatever was written. */
static void
check_problem(const char *problem)
{
	size_t i;

	MUST(problem[0] != '\0' && strlen(problem) < 200);
	for (i = 0; problem[i] != '\0'; i++)
		MUST(problem[i] >= ' ' && problem[i] < 0x7f);
}

static void
check_prefix(const struct prefix *prefix)
{
	char out[PREFIX_TEXT_SIZE + 64];
	struct prefix again;
	unsigned i;

	MUST(prefix->bits <= 128);
	for (i = prefix->bits; i < 128; i++)
		MUST((prefix->bytes[i / 8] & (0x80 >> i % 8)) == 0);
	MUST(prefix_format(out, sizeof(out), prefix) == out);
	MUST(strlen(out) < PREFIX_TEXT_SIZE);
	MUST(prefix_parse(&again, out) == NULL &&
	    memcmp(&again, prefix, sizeof(again)) == 0);
}

/* The address where the prefix begins. */
static struct address
first_of(const struct prefix *prefix)
{
	struct address address = { .in6 = { .sin6_family = AF_INET6 } };

	memcpy(&address.in6.sin6_addr, prefix->bytes, sizeof(prefix->bytes));
	return (address);
}

/* Sorting changes no answer. */
static void
check_list(const struct prefix *list, size_t count)
{
	struct prefix sorted[LIST_MAX];
	struct address address;
	size_t i, j, kept;
	bool want;

	memcpy(sorted, list, count * sizeof(*list));
	kept = prefixes_sort(sorted, count);
	MUST(kept <= count && (kept > 0) == (count > 0));
	for (i = 0; i < count; i++) {
		address = first_of(&list[i]);
		want = false;
		for (j = 0; j < count; j++)
			want |= prefixes_contain(&list[j], 1, &address);
		MUST(prefixes_contain(sorted, kept, &address) == want);
		MUST(prefix_allows(NULL, 0, sorted, kept, &address) == !want);
		MUST(prefix_allows(sorted, kept, NULL, 0, &address) == want);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct prefix list[LIST_MAX];
	char *text = fuzz_text(data, size), *at, *line;
	const char *problem;
	size_t count = 0;

	for (at = text; at != NULL && count < LIST_MAX; ) {
		line = at;
		at = strchr(at, '\n');
		if (at != NULL)
			*at++ = '\0';
		list[count] = (struct prefix){ .bits = 0xa5 };
		problem = prefix_parse(&list[count], line);
		if (problem == NULL)
			check_prefix(&list[count++]);
		else {
			MUST(list[count].bits == 0xa5);
			check_problem(problem);
		}
	}
	check_list(list, count);
	free(text);
	return (0);
}
