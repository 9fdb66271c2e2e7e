/* SPDX-License-Identifier: ISC */

/* suggest.h - which word somebody may have meant. */

#ifndef CONFIG_SUGGEST_H
#define CONFIG_SUGGEST_H

#include <stddef.h>

/*
 * How many letters have to be inserted, left out, changed, or swapped with
 * the next to make one word of the other, whatever their case; an underscore
 * counts as a hyphen.  Words longer than 63 bytes are far from all others.
 */
size_t suggest_distance(const char *a, const char *b);

/*
 * The closest word of a list, of which `stride' bytes lie between one and the
 * next, if it is close enough to be meant; or NULL.
 */
const char *suggest_word(const char *word, const char *const *list,
    size_t count, size_t stride);

#endif
