/* SPDX-License-Identifier: ISC */

/*
 * pool.c - upstreams, what their names stand for, and whether they answer.
 *
 * A name is looked up when a connection needs it and the last answer is
 * older than NAMES_FRESH_MS, once for all that wait.  An answer replaces the
 * addresses; a failure leaves the last good ones in place.
 */

#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "upstream/connect.h"
#include "upstream/pool.h"

static struct addresses *
addresses_of_one(const struct address *address)
{
	struct addresses *addresses;

	addresses = malloc(sizeof(*addresses) + sizeof(addresses->list[0]));
	if (addresses == NULL)
		return (NULL);
	addresses->references = 1;
	addresses->count = 1;
	addresses->list[0] = *address;
	return (addresses);
}

static char *
name_of(const struct target *target)
{
	char text[TARGET_TEXT_SIZE], word[4 * TARGET_TEXT_SIZE];

	return (strdup(text_word(word, sizeof(word),
	    target_format(text, sizeof(text), target))));
}

static size_t
number_of(const struct upstream *upstream)
{
	return ((size_t)(upstream - upstream->pool->upstreams));
}

static struct upstream_notes *
notes_of(const struct upstream *upstream)
{
	return (&upstream->pool->common->notes[number_of(upstream)]);
}

/* What was known before; a copy, for holds are not counted across threads. */
static int
take_first(struct upstream *upstream)
{
	const struct addresses *first = notes_of(upstream)->first;

	if (first != NULL)
		upstream->addresses = addresses_copy(first);
	return (first != NULL && upstream->addresses == NULL ? -1 : 0);
}

static int
upstream_init(struct upstream *upstream, struct pool *pool,
    const struct target *target)
{
	struct address address;

	upstream->pool = pool;
	upstream->target = target;
	upstream->name = name_of(target);
	if (upstream->name == NULL)
		return (-1);
	if (target->kind != TARGET_INET)
		return (0);
	if (!address_parse(&address, target->host, target->port))
		return (errno == ENOMEM ? -1 : take_first(upstream));
	upstream->is_literal = true;
	upstream->addresses = addresses_of_one(&address);
	return (upstream->addresses == NULL ? -1 : 0);
}

static bool
needs_resolver(const struct upstream *upstream)
{
	return (upstream->target->kind == TARGET_INET &&
	    !upstream->is_literal);
}

struct pool_common *
pool_common_create(const struct target *targets, size_t count,
    const struct pool_rules *rules)
{
	struct pool_common *common;
	size_t i;

	common = calloc(1, sizeof(*common) +
	    count * sizeof(common->notes[0]));
	if (common == NULL)
		return (NULL);
	common->rules = *rules;
	common->targets = targets;
	common->count = count;
	for (i = 0; i < count; i++) {
		atomic_init(&common->notes[i].is_down, false);
		atomic_init(&common->notes[i].is_stale, false);
		atomic_init(&common->notes[i].is_untuned, false);
	}
	common->resolver = resolver_create(targets, count);
	if (common->resolver == NULL) {
		free(common);
		return (NULL);
	}
	return (common);
}

void
pool_common_destroy(struct pool_common *common)
{
	size_t i;

	if (common == NULL)
		return;
	for (i = 0; i < common->count; i++)
		addresses_release(common->notes[i].first);
	resolver_destroy(common->resolver);
	free(common);
}

struct pool *
pool_create(struct pool_common *common, struct mux_loop *loop,
    struct log *log)
{
	struct pool *pool;
	bool has_names = false;
	size_t i;

	pool = calloc(1, sizeof(*pool) +
	    common->count * sizeof(pool->upstreams[0]));
	if (pool == NULL)
		return (NULL);
	pool->common = common;
	pool->loop = loop;
	pool->log = log;
	pool->builtins.loop = loop;
	pool->count = common->count;
	for (i = 0; i < pool->count; i++) {
		if (upstream_init(&pool->upstreams[i], pool,
		    &common->targets[i]) == -1) {
			pool_destroy(pool);
			return (NULL);
		}
		has_names = has_names || needs_resolver(&pool->upstreams[i]);
	}
	if (has_names)
		pool->asker = asker_create(common->resolver, loop);
	if (has_names && pool->asker == NULL) {
		pool_destroy(pool);
		return (NULL);
	}
	return (pool);
}

void
pool_destroy(struct pool *pool)
{
	size_t i;

	if (pool == NULL)
		return;
	asker_destroy(pool->asker);
	builtins_close(&pool->builtins);
	for (i = 0; i < pool->count; i++) {
		addresses_release(pool->upstreams[i].addresses);
		free(pool->upstreams[i].name);
	}
	free(pool);
}

size_t
pool_session_fds(const struct pool_common *common)
{
	size_t i;

	for (i = 0; i < common->count; i++) {
		if (common->targets[i].kind == TARGET_BUILTIN)
			return (3);
	}
	return (2);
}

/* Tells all that waited; they may ask again, or be gone, while we do. */
static void
tell_waiting(struct upstream *upstream)
{
	struct connect *connect;

	while ((connect = upstream->waiting) != NULL) {
		upstream->waiting = connect->next_waiting;
		connect->is_waiting = false;
		connect_resolved(connect);
	}
}

/* Notes what is so; whether it is news, to all loops. */
static bool
is_news(atomic_bool *note, bool is_so)
{
	return (is_so != atomic_load_explicit(note, memory_order_relaxed) &&
	    is_so != atomic_exchange(note, is_so));
}

/* With no addresses, the upstream is down, and that is told. */
static void
report_lookup(struct upstream *upstream, int error)
{
	struct log *log = upstream->pool->log;

	if (error != 0 && upstream->addresses == NULL)
		log_line(log, SEVERITY_DEBUG,
		    "look-up upstream=%s error=\"%s\"", upstream->name,
		    gai_strerror(error));
	else if (!is_news(&notes_of(upstream)->is_stale, error != 0))
		return;
	else if (error != 0)
		log_line(log, SEVERITY_WARNING,
		    "look-up upstream=%s error=\"%s\" "
		    "using=\"the last good addresses\"", upstream->name,
		    gai_strerror(error));
	else
		log_line(log, SEVERITY_INFO, "look-up upstream=%s addresses=%zu",
		    upstream->name, upstream->addresses->count);
}

static void
on_lookup(void *arg, int error, struct addresses *addresses)
{
	struct upstream *upstream = arg;

	upstream->looking_up = false;
	upstream->was_asked = true;
	upstream->lookup_error = error;
	upstream->asked_ms = mux_loop_now_ms(upstream->pool->loop);
	if (error == 0) {
		addresses_release(upstream->addresses);
		upstream->addresses = addresses;
	}
	report_lookup(upstream, error);
	tell_waiting(upstream);
}

static bool
is_fresh(const struct upstream *upstream)
{
	return (upstream->was_asked &&
	    mux_loop_now_ms(upstream->pool->loop) - upstream->asked_ms <
	    NAMES_FRESH_MS);
}

static int
start_lookup(struct upstream *upstream)
{
	if (asker_lookup(upstream->pool->asker, number_of(upstream), on_lookup,
	    upstream) == -1) {
		upstream->lookup_error = EAI_SYSTEM;
		return (-1);
	}
	upstream->looking_up = true;
	return (0);
}

enum names_state
upstream_names(struct upstream *upstream, struct connect *connect)
{
	if (upstream->is_literal)
		return (NAMES_KNOWN);
	if (!upstream->looking_up && is_fresh(upstream))
		return (upstream->addresses != NULL ? NAMES_KNOWN :
		    NAMES_FAILED);
	if (!upstream->looking_up && start_lookup(upstream) == -1)
		return (upstream->addresses != NULL ? NAMES_KNOWN :
		    NAMES_FAILED);
	connect->is_waiting = true;
	connect->next_waiting = upstream->waiting;
	upstream->waiting = connect;
	return (NAMES_ASKED);
}

void
upstream_forget(struct upstream *upstream, struct connect *connect)
{
	struct connect **link;

	if (!connect->is_waiting)
		return;
	link = &upstream->waiting;
	while (*link != connect)
		link = &(*link)->next_waiting;
	*link = connect->next_waiting;
	connect->is_waiting = false;
}

void
upstream_report(struct upstream *upstream, const char *failure)
{
	const bool failed = failure != NULL;

	if (!is_news(&notes_of(upstream)->is_down, failed))
		return;
	if (failed)
		log_line(upstream->pool->log, SEVERITY_WARNING,
		    "upstream-down upstream=%s error=\"%s\"", upstream->name,
		    failure);
	else
		log_line(upstream->pool->log, SEVERITY_INFO,
		    "upstream-up upstream=%s", upstream->name);
}

void
upstream_report_untuned(struct upstream *upstream, const char *what, int error)
{
	if (is_news(&notes_of(upstream)->is_untuned, true))
		log_line(upstream->pool->log, SEVERITY_WARNING,
		    "untuned upstream=%s option=%s error=\"%s\"",
		    upstream->name, what, text_error(error));
}

void
pool_ask_names(struct pool *pool)
{
	size_t i;

	for (i = 0; i < pool->count; i++) {
		if (needs_resolver(&pool->upstreams[i]))
			(void)start_lookup(&pool->upstreams[i]);
	}
}

bool
pool_is_asking(const struct pool *pool)
{
	size_t i;

	for (i = 0; i < pool->count; i++) {
		if (pool->upstreams[i].looking_up)
			return (true);
	}
	return (false);
}

/* The name's authority says that there is no such name, or no address. */
static bool
is_unknown(const struct upstream *upstream)
{
	if (!upstream->was_asked)
		return (false);
#ifdef EAI_NODATA
	if (upstream->lookup_error == EAI_NODATA)
		return (true);
#endif
	return (upstream->lookup_error == EAI_NONAME);
}

const struct upstream *
pool_unknown_name(const struct pool *pool)
{
	size_t i;

	for (i = 0; i < pool->count; i++) {
		if (is_unknown(&pool->upstreams[i]))
			return (&pool->upstreams[i]);
	}
	return (NULL);
}

void
pool_share_names(const struct pool *pool)
{
	const struct upstream *upstream;
	size_t i;

	for (i = 0; i < pool->count; i++) {
		upstream = &pool->upstreams[i];
		/* for want of memory they ask */
		if (needs_resolver(upstream) && upstream->addresses != NULL &&
		    notes_of(upstream)->first == NULL)
			notes_of(upstream)->first =
			    addresses_copy(upstream->addresses);
	}
}
