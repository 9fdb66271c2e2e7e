/* SPDX-License-Identifier: ISC */

/* bucket.c - a token bucket: how a rate is held. */

#include "base/bucket.h"

/* At most 3.6e15, for 10^9/h, so that no sum overflows. */
static uint64_t
full(const struct rate *rate)
{
	return (rate->count * rate->per_ms);
}

/* Multiplies only what cannot make it more than full. */
static uint64_t
parts_at(const struct bucket *bucket, const struct rate *rate,
    uint64_t now_ms)
{
	uint64_t elapsed_ms;

	if (bucket->parts >= full(rate))
		return (full(rate));
	if (now_ms <= bucket->updated_ms)
		return (bucket->parts);
	elapsed_ms = now_ms - bucket->updated_ms;
	if (elapsed_ms > (full(rate) - bucket->parts) / rate->count)
		return (full(rate));
	return (bucket->parts + elapsed_ms * rate->count);
}

/* Whoever looks cuts it to what the rate allows. */
void
bucket_init(struct bucket *bucket, uint64_t now_ms)
{
	*bucket = (struct bucket){ .parts = UINT64_MAX, .updated_ms = now_ms };
}

bool
bucket_take(struct bucket *bucket, const struct rate *rate, uint64_t now_ms)
{
	if (rate->count == 0) {
		bucket_init(bucket, now_ms);
		return (true);
	}
	bucket->parts = parts_at(bucket, rate, now_ms);
	if (now_ms > bucket->updated_ms)
		bucket->updated_ms = now_ms;
	if (bucket->parts < rate->per_ms)
		return (false);
	bucket->parts -= rate->per_ms;
	return (true);
}

static uint64_t
until(const struct bucket *bucket, const struct rate *rate, uint64_t now_ms,
    uint64_t wanted_parts)
{
	uint64_t parts, behind_ms;

	if (rate->count == 0)
		return (0);
	parts = parts_at(bucket, rate, now_ms);
	if (parts >= wanted_parts)
		return (0);
	/* where time stands still, it has to come back first */
	behind_ms = now_ms < bucket->updated_ms ?
	    bucket->updated_ms - now_ms : 0;
	return (behind_ms + (wanted_parts - parts + rate->count - 1) /
	    rate->count);
}

uint64_t
bucket_wait_ms(const struct bucket *bucket, const struct rate *rate,
    uint64_t now_ms)
{
	return (until(bucket, rate, now_ms, rate->per_ms));
}

uint64_t
bucket_fill_ms(const struct bucket *bucket, const struct rate *rate,
    uint64_t now_ms)
{
	return (until(bucket, rate, now_ms, full(rate)));
}
