/* SPDX-License-Identifier: ISC */

/* test-pool.c - the upstreams of a worker: names at the start, descriptors. */

#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "mux.h"
#include "refusals.h"
#include "refuse.h"
#include "tap.h"
#include "control/names.h"
#include "upstream/pool.h"

static struct mux_loop *loop;
static struct log *log_of_it;
static struct pool_common *common;

static struct pool *
begin(const struct target *target)
{
	static const struct pool_rules rules = { .connect_timeout_ms = 1000,
	    .is_plain = true };
	struct pool *pool;

	log_of_it = log_create(SEVERITY_INFO, -1);
	loop = mux_loop_create();
	common = pool_common_create(target, 1, &rules);
	if (log_of_it == NULL || loop == NULL || common == NULL ||
	    (pool = pool_create(common, loop, log_of_it)) == NULL)
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
	static const struct route route = { .name = "a", .upstreams = &target,
	    .upstreams_count = 1, .connect_timeout_ms = 1000 };
	struct line *const line = line_create(&route, 1, NULL, NULL);

	log_of_it = log_create(SEVERITY_INFO, -1);
	loop = mux_loop_create();
	if (line == NULL || log_of_it == NULL || loop == NULL)
		bail_out("line_create");
	refuse(CALL_epoll_wait, 0, EINVAL);
	is((long long)names_check(&line, 1, loop, log_of_it), STATUS_OK,
	    "names that are not known");
	is((long long)refuse_end(), 1, "a loop that fails is asked once");
	line_release(line);
	mux_loop_destroy(loop);
	log_destroy(log_of_it);
}

static void
costs(enum target_kind kind, const char *host, int fds)
{
	struct target target = { .kind = kind, .port = 1,
	    .service = SERVICE_ECHO };
	struct pool *pool;

	(void)strcpy(target.host, host);
	pool = begin(&target);
	is((long long)pool_session_fds(common), fds, "descriptors of a session");
	end(pool);
}

void
test_pool(void)
{
	test_names();
	costs(TARGET_INET, "127.0.0.1", 2);
	costs(TARGET_BUILTIN, "", 3);
}
