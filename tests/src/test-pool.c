/* SPDX-License-Identifier: ISC */

/* test-pool.c - the upstreams of a worker: names at the start, descriptors. */

#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "mux.h"
#include "refusals.h"
#include "refuse.h"
#include "tap.h"
#include "upstream/pool.h"

static struct mux_loop *loop;
static struct log *log_of_it;
static struct pool_common *common;

static struct pool *
begin(const struct target *target)
{
	struct pool *pool;

	log_of_it = log_create(SEVERITY_INFO, -1);
	loop = mux_loop_create();
	common = pool_common_create(target, 1);
	if (log_of_it == NULL || loop == NULL || common == NULL ||
	    (pool = pool_create(common, loop, log_of_it, target, 1000)) == NULL)
		bail_out("pool_create");
	return (pool);
}

static void
end(struct pool *pool)
{
	pool_destroy(pool);
	pool_common_destroy(common);
	mux_loop_destroy(loop);
	log_destroy(log_of_it);
}

/* A loop that cannot turn is not asked again and again. */
static void
test_names(void)
{
	static const struct target target = { .kind = TARGET_INET, .port = 1,
	    .host = "localhost" };
	struct pool *const pool = begin(&target);

	refuse(CALL_epoll_wait, 0, EINVAL);
	ok(pool_check_names(pool, 1000) == NULL, "names that are not known");
	is((long long)refuse_end(), 1, "a loop that fails is asked once");
	end(pool);
}

static void
costs(enum target_kind kind, const char *host, int fds)
{
	struct target target = { .kind = kind, .port = 1,
	    .service = SERVICE_ECHO };
	struct pool *pool;

	(void)strcpy(target.host, host);
	pool = begin(&target);
	is((long long)pool_session_fds(pool), fds, "descriptors of a session");
	end(pool);
}

void
test_pool(void)
{
	test_names();
	costs(TARGET_INET, "127.0.0.1", 2);
	costs(TARGET_BUILTIN, "", 3);
}
