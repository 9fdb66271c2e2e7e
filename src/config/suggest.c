/* SPDX-License-Identifier: ISC */

/* suggest.c - which word somebody may have meant. */

#include <ctype.h>
#include <stdint.h>
#include <string.h>

#include "config/suggest.h"

#define WORD_MAX	63

static int
letter(char c)
{
	return (c == '_' ? '-' : tolower((unsigned char)c));
}

static size_t
least(size_t a, size_t b)
{
	return (a < b ? a : b);
}

/*
 * Row by row of the matrix of distances between what the words begin with;
 * of the rows before, two are needed, for letters that were swapped.
 */
size_t
suggest_distance(const char *a, const char *b)
{
	size_t rows[3][WORD_MAX + 1], *row, *above, *higher, *spare;
	const size_t a_length = strlen(a), b_length = strlen(b);
	size_t i, j;

	if (a_length > WORD_MAX || b_length > WORD_MAX)
		return (SIZE_MAX);
	higher = rows[0];
	above = rows[1];
	row = rows[2];
	for (j = 0; j <= b_length; j++)
		higher[j] = above[j] = j;
	for (i = 1; i <= a_length; i++) {
		row[0] = i;
		for (j = 1; j <= b_length; j++) {
			row[j] = above[j - 1] +
			    (letter(a[i - 1]) != letter(b[j - 1]));
			row[j] = least(row[j], above[j] + 1);
			row[j] = least(row[j], row[j - 1] + 1);
			if (i > 1 && j > 1 &&
			    letter(a[i - 1]) == letter(b[j - 2]) &&
			    letter(a[i - 2]) == letter(b[j - 1]))
				row[j] = least(row[j], higher[j - 2] + 1);
		}
		spare = higher;
		higher = above;
		above = row;
		row = spare;
	}
	return (above[b_length]);
}

/* One letter in three, and never all of a word, may be wrong. */
const char *
suggest_word(const char *word, const char *const *list, size_t count,
    size_t stride)
{
	const char *best = NULL, *candidate;
	size_t i, distance, limit, nearest = SIZE_MAX;

	for (i = 0; i < count; i++) {
		candidate = *(const char *const *)(const void *)
		    ((const char *)list + i * stride);
		distance = suggest_distance(word, candidate);
		limit = (strlen(candidate) + 2) / 3;
		if (distance <= limit && distance < nearest &&
		    distance < strlen(candidate)) {
			best = candidate;
			nearest = distance;
		}
	}
	return (best);
}
