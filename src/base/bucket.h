/* SPDX-License-Identifier: ISC */

/*
 * bucket.h - a token bucket: how a rate is held.
 *
 * A bucket holds as many tokens as its rate counts, and fills evenly: of 10/m
 * one may take ten at once, and then one each six seconds.  So in a time t at
 * most count + count * t / per_ms are given, and never fewer than the rate to
 * one who always asks.  All is in whole numbers, without drift: a token is
 * per_ms parts, and each millisecond brings `count' of them.
 *
 * Time is CLOCK_MONOTONIC and may jump; backwards it stands still.  A bucket
 * belongs to one thread.  The rate comes with each call, since it is that of
 * a plan: where it has changed, a bucket goes on with at most what the new one
 * allows.  A rate of 0 is no limit, and leaves the bucket full.
 */

#ifndef BASE_BUCKET_H
#define BASE_BUCKET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/units.h"

struct bucket {
	uint64_t parts;		/* of tokens, at updated_ms */
	uint64_t updated_ms;
};

/* Full, whatever the rate. */
void bucket_init(struct bucket *bucket, uint64_t now_ms);

/* Takes a token; false when there is none. */
bool bucket_take(struct bucket *bucket, const struct rate *rate,
    uint64_t now_ms);

/* How long until there is one, rounded up; 0 when there is one now. */
uint64_t bucket_wait_ms(const struct bucket *bucket, const struct rate *rate,
    uint64_t now_ms);

/* How long until it is full, as a new one is, rounded up; 0 when it is. */
uint64_t bucket_fill_ms(const struct bucket *bucket, const struct rate *rate,
    uint64_t now_ms);

#endif
