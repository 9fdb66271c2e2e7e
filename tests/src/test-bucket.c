/* SPDX-License-Identifier: ISC */

/* test-bucket.c - a bucket against a plain model, in windows, at extremes. */

#include <string.h>

#include "base/bucket.h"
#include "tap.h"
#include "units.h"

#define GRANTS_MAX	400

static const struct rate rates[] = { { 1, 1000 }, { 3, 1000 }, { 7, 1000 },
    { 200, 1000 }, { 999, 1000 }, { 1001, 1000 }, { 10, 60000 },
    { 59, 60000 }, { 5, 3600000 }, { 7919, 3600000 } };

#define RATES	(sizeof(rates) / sizeof(rates[0]))

/* The model: millisecond for millisecond, what does not fit flows over. */
static void
pour(uint64_t *level, const struct rate *rate, uint64_t elapsed_ms)
{
	while (elapsed_ms-- > 0 && *level < rate->count * rate->per_ms) {
		*level += rate->count;
		if (*level > rate->count * rate->per_ms)
			*level = rate->count * rate->per_ms;
	}
}

static bool
step(struct bucket *bucket, const struct rate *rate, uint64_t *level,
    uint64_t now_ms)
{
	const bool may = *level >= rate->per_ms;
	const uint64_t wait_ms = bucket_wait_ms(bucket, rate, now_ms);
	struct bucket later = *bucket;

	if ((wait_ms == 0) != may || bucket_fill_ms(bucket, rate, now_ms) !=
	    (rate->count * rate->per_ms - *level + rate->count - 1) /
	    rate->count)
		return (false);
	/* as long as it says, and no millisecond less */
	if (wait_ms > 0 && bucket_take(&later, rate, now_ms + wait_ms - 1))
		return (false);
	if (!bucket_take(&later, rate, now_ms + wait_ms))
		return (false);
	if (may)
		*level -= rate->per_ms;
	return (bucket_take(bucket, rate, now_ms) == may);
}

static bool
agrees(const struct rate *rate)
{
	struct bucket bucket;
	uint64_t level = rate->count * rate->per_ms, now_ms = 4711, elapsed_ms;
	size_t i;

	bucket_init(&bucket, now_ms);
	for (i = 0; i < 3000; i++) {
		elapsed_ms = random_below(3) == 0 ? 0 : random_below(
		    (size_t)(2 * rate->per_ms / rate->count) + 2);
		now_ms += elapsed_ms;
		pour(&level, rate, elapsed_ms);
		if (!step(&bucket, rate, &level, now_ms))
			return (false);
	}
	return (true);
}

/* In every window between two grants there are no more than may be. */
static bool
keeps_windows(const struct rate *rate)
{
	uint64_t times_ms[GRANTS_MAX], now_ms = 1, window_ms;
	struct bucket bucket;
	size_t i, j, count = 0;

	bucket_init(&bucket, now_ms);
	while (count < GRANTS_MAX) {
		if (bucket_take(&bucket, rate, now_ms))
			times_ms[count++] = now_ms;
		else
			now_ms += 1 + random_below((size_t)(rate->per_ms /
			    rate->count) + 1);
	}
	for (i = 0; i < count; i++) {
		for (j = i; j < count; j++) {
			window_ms = times_ms[j] - times_ms[i];
			if (j - i + 1 > rate->count + window_ms *
			    rate->count / rate->per_ms)
				return (false);
		}
	}
	return (true);
}

/* Who always asks gets the burst and then the rate to the last token. */
static bool
gives_all(const struct rate *rate)
{
	const uint64_t end_ms = 10 * rate->per_ms + 17;
	struct bucket bucket;
	uint64_t now_ms, given = 0;

	bucket_init(&bucket, 0);
	for (now_ms = 0; now_ms <= end_ms; now_ms++) {
		while (bucket_take(&bucket, rate, now_ms))
			given++;
	}
	return (given == rate->count + end_ms * rate->count / rate->per_ms);
}

static void
test_model(void)
{
	char text[UNIT_TEXT_SIZE];
	size_t i;

	for (i = 0; i < RATES; i++) {
		(void)rate_format(text, sizeof(text), &rates[i]);
		ok(agrees(&rates[i]), "%s agrees with a plain model", text);
		ok(keeps_windows(&rates[i]), "%s is kept in any window", text);
		if (rates[i].per_ms <= 60000)
			ok(gives_all(&rates[i]), "%s is given", text);
	}
}

static void
test_extremes(void)
{
	const struct rate most = { RATE_COUNT_MAX, 3600000 }, none = { 0, 0 };
	const struct rate second = { RATE_COUNT_MAX, 1000 }, one = { 1, 3600000 };
	struct bucket bucket;
	bool was_good = true;

	bucket_init(&bucket, 0);
	was_good &= bucket_take(&bucket, &most, 0);
	ok(was_good && bucket_fill_ms(&bucket, &most, 0) == 1 &&
	    bucket_fill_ms(&bucket, &most, 1) == 0, "the highest rate in an hour");
	ok(bucket_take(&bucket, &most, UINT64_MAX) &&
	    bucket_wait_ms(&bucket, &most, UINT64_MAX) == 0 &&
	    bucket_take(&bucket, &most, UINT64_MAX), "at the end of time");
	ok(bucket_take(&bucket, &most, 0) && bucket.updated_ms == UINT64_MAX,
	    "and back");
	bucket_init(&bucket, 5);
	ok(bucket_take(&bucket, &second, 5) &&
	    bucket_take(&bucket, &second, UINT64_MAX / 2),
	    "the highest rate in a second");
	bucket_init(&bucket, 1000);
	ok(bucket_take(&bucket, &one, 1000) && !bucket_take(&bucket, &one,
	    1000) && !bucket_take(&bucket, &one, 0), "the lowest, once");
	ok(bucket_wait_ms(&bucket, &one, 1000) == 3600000 &&
	    bucket_wait_ms(&bucket, &one, 0) == 3601000,
	    "and then an hour is to be waited, which no clock shortens");
	ok(!bucket_take(&bucket, &one, 3600999) &&
	    bucket_take(&bucket, &one, UINT64_C(100) * 365 * 86400000),
	    "after a hundred years there is one");
	is((long long)bucket_take(&bucket, &one, UINT64_C(100) * 365 *
	    86400000), 0, "and no more than one");
	bucket_init(&bucket, 7);
	ok(bucket_take(&bucket, &none, 7) && bucket_fill_ms(&bucket, &none,
	    7) == 0 && bucket_wait_ms(&bucket, &none, 7) == 0, "no limit is none");
}

/* A plan with another rate. */
static void
test_changes(void)
{
	const struct rate before = { 100, 1000 }, after = { 2, 1000 },
	    none = { 0, 0 };
	struct bucket bucket;

	bucket_init(&bucket, 0);
	ok(bucket_take(&bucket, &after, 0) && bucket_take(&bucket, &after,
	    0) && !bucket_take(&bucket, &after, 0),
	    "a lower rate leaves no more than it allows");
	ok(bucket_fill_ms(&bucket, &before, 0) == 1000 &&
	    !bucket_take(&bucket, &before, 0) &&
	    bucket_take(&bucket, &before, 10), "a higher one begins at once");
	ok(bucket_take(&bucket, &none, 20) && bucket_take(&bucket, &after,
	    20) && bucket_take(&bucket, &after, 20) &&
	    bucket_wait_ms(&bucket, &after, 20) == 500,
	    "where there was no limit, a new one begins full");
}

void
test_bucket(void)
{
	test_model();
	test_extremes();
	test_changes();
}
