/* SPDX-License-Identifier: ISC */

/* names.c - whether the names of upstreams exist, before they are used. */

#include <errno.h>
#include <stdlib.h>

#include "base/text.h"
#include "control/names.h"

#define WAIT_MS	2000

static bool
is_asking(struct pool *const *pools, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (pool_is_asking(pools[i]))
			return (true);
	}
	return (false);
}

static void
wait_for_answers(struct pool *const *pools, size_t count,
    struct mux_loop *loop)
{
	const uint64_t end_ms = mux_loop_now_ms(loop) + WAIT_MS;
	uint64_t now_ms;

	while (is_asking(pools, count) &&
	    (now_ms = mux_loop_now_ms(loop)) < end_ms) {
		if (mux_loop_once(loop, (int)(end_ms - now_ms)) == -1)
			break;
	}
}

static enum exit_status
verdict(struct pool *const *pools, size_t count)
{
	const struct upstream *unknown;
	size_t i;

	for (i = 0; i < count; i++) {
		unknown = pool_unknown_name(pools[i]);
		pool_share_names(pools[i]);
		if (unknown != NULL)
			return (failure(STATUS_FAILURE, "UPSTREAM '%s': there "
			    "is no such host", unknown->name));
	}
	return (STATUS_OK);
}

enum exit_status
names_check(struct line *const *lines, size_t count, struct mux_loop *loop,
    struct log *log)
{
	enum exit_status status;
	struct pool **pools;
	size_t made;

	pools = calloc(count + 1, sizeof(struct pool *));
	for (made = 0; pools != NULL && made < count; made++) {
		pools[made] = pool_create(lines[made]->common, loop, log);
		if (pools[made] == NULL)
			break;
		pool_ask_names(pools[made]);
	}
	if (pools == NULL || made < count)
		status = failure(STATUS_OSERR, "cannot look names up: %s",
		    text_error(errno));
	else {
		wait_for_answers(pools, count, loop);
		status = verdict(pools, count);
	}
	while (made > 0)
		pool_destroy(pools[--made]);
	free(pools);
	return (status);
}
