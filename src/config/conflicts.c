/* SPDX-License-Identifier: ISC */

/* conflicts.c - routes of a plan that are in each other's way. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/conflicts.h"

struct name {
	const char *name;
	size_t route;
};

static int
compare_names(const void *a, const void *b)
{
	const struct name *one = a, *other = b;
	const int order = strcmp(one->name, other->name);

	return (order != 0 ? order :
	    (one->route > other->route) - (one->route < other->route));
}

int
conflicts_names(struct check *check)
{
	const struct plan *plan = check->plan;
	struct check_place place = { 0, "name", CHECK_NONE };
	struct check_place earlier = { 0, "name", CHECK_NONE };
	struct name *names;
	size_t i, count = 0;

	names = calloc(plan->routes_count + 1, sizeof(*names));
	if (names == NULL)
		return (-1);
	for (i = 0; i < plan->routes_count; i++) {
		if (plan->routes[i].name != NULL)
			names[count++] = (struct name){ plan->routes[i].name,
			    i };
	}
	qsort(names, count, sizeof(*names), compare_names);
	for (i = 1; i < count; i++) {
		if (strcmp(names[i].name, names[i - 1].name) != 0)
			continue;
		place.route = names[i].route;
		earlier.route = names[i - 1].route;
		check_tell(check, &place, &earlier, "another route has the "
		    "name '%.80s' already", names[i].name);
	}
	free(names);
	return (0);
}

/* Which addresses a listener takes, of both families. */
enum { TAKES_ALL_IPV4 = 1, TAKES_ALL_IPV6 = 2, IS_IPV4 = 4, IS_IPV6 = 8 };

struct listener {
	const struct target *target;
	struct check_place place;
	unsigned first, last;		/* port; 0 where there is none */
	unsigned takes;
	struct address address;		/* if it is numeric; else AF_UNSPEC */
	bool has_conflict;		/* one is enough to be told of */
};

static void
look_at_host(struct listener *listener)
{
	static const struct in6_addr any6;	/* all zero: the wildcard */
	const char *host = listener->target->host;
	const struct address *address = &listener->address;

	listener->address.sa.sa_family = AF_UNSPEC;
	if (*host == '\0') {
		listener->takes = TAKES_ALL_IPV4 | TAKES_ALL_IPV6;
		return;
	}
	/* with one port for all, only the addresses are compared */
	if (!address_parse(&listener->address, host, 1)) {
		listener->address.sa.sa_family = AF_UNSPEC;
	} else if (address->sa.sa_family == AF_INET) {
		listener->takes = IS_IPV4;
		if (address->in.sin_addr.s_addr == 0)
			listener->takes |= TAKES_ALL_IPV4;
	} else {
		listener->takes = IS_IPV6;
		if (memcmp(&address->in6.sin6_addr, &any6, sizeof(any6)) == 0)
			listener->takes |= TAKES_ALL_IPV6;
	}
}

static void
look_at(struct listener *listener)
{
	const struct target *target = listener->target;

	if (target->kind != TARGET_INET)
		return;
	listener->first = target->port;
	listener->last = target->port +
	    (target->ports > 1 ? target->ports - 1U : 0);
	look_at_host(listener);
}

static bool
takes_same_address(const struct listener *a, const struct listener *b)
{
	return (a->address.sa.sa_family != AF_UNSPEC &&
	    address_equal(&a->address, &b->address));
}

/*
 * Linux lets a wildcard and an address share no port while both listen; the
 * BSDs do, with SO_REUSEADDR, and the address goes first.
 */
static bool
wildcard_takes(const struct listener *wildcard, const struct listener *other)
{
#ifdef __linux__
	return (((wildcard->takes & TAKES_ALL_IPV4) != 0 &&
	    (other->takes & (IS_IPV4 | TAKES_ALL_IPV4)) != 0) ||
	    ((wildcard->takes & TAKES_ALL_IPV6) != 0 &&
	    (other->takes & (IS_IPV6 | TAKES_ALL_IPV6)) != 0));
#else
	(void)wildcard;
	(void)other;
	return (false);
#endif
}

/* How the later one is wrong: what stands between the two, and after. */
struct conflict {
	const char *words, *end;
};

static const struct conflict same = { "is listened on already, as", "" };
static const struct conflict overlap = { "has a port in common with", "" };
static const struct conflict below_wildcard =
    { "cannot be listened on beside", ", which takes the port on all addresses" };
static const struct conflict is_wildcard =
    { "cannot be listened on beside", ", which has the port on one of its addresses" };

/* NULL: they can both be bound. */
static const struct conflict *
find_conflict(const struct listener *earlier, const struct listener *later)
{
	if (target_equal(earlier->target, later->target))
		return (&same);
	if (target_overlaps(earlier->target, later->target))
		return (&overlap);
	if (takes_same_address(earlier, later))
		return (earlier->first == later->first &&
		    earlier->last == later->last ? &same : &overlap);
	if (wildcard_takes(earlier, later))
		return (&below_wildcard);
	return (wildcard_takes(later, earlier) ? &is_wildcard : NULL);
}

static void
compare(struct check *check, const struct listener *earlier,
    struct listener *later)
{
	char one[TARGET_TEXT_SIZE], other[TARGET_TEXT_SIZE];
	const struct conflict *conflict;

	conflict = later->has_conflict ? NULL : find_conflict(earlier, later);
	if (conflict == NULL)
		return;
	later->has_conflict = true;
	(void)target_format(one, sizeof(one), later->target);
	(void)target_format(other, sizeof(other), earlier->target);
	if (strcmp(one, other) == 0)
		check_tell(check, &later->place, &earlier->place,
		    "%s is listened on already", one);
	else
		check_tell(check, &later->place, &earlier->place,
		    "%s %s %s%s", one, conflict->words, other, conflict->end);
}

static int
compare_listeners(const void *a, const void *b)
{
	const struct listener *one = a, *other = b;
	const struct check_place *p = &one->place, *q = &other->place;

	if (one->first != other->first)
		return (one->first < other->first ? -1 : 1);
	if (p->route != q->route)
		return (p->route < q->route ? -1 : 1);
	return ((p->index > q->index) - (p->index < q->index));
}

static bool
is_written_first(const struct listener *a, const struct listener *b)
{
	return (a->place.route < b->place.route ||
	    (a->place.route == b->place.route &&
	    a->place.index < b->place.index));
}

/* Each with those after it that begin before it ends. */
static void
compare_all(struct check *check, struct listener *list, size_t count)
{
	size_t i, j;

	for (i = 0; i < count; i++) {
		for (j = i + 1; j < count && list[j].first <= list[i].last;
		    j++) {
			if (is_written_first(&list[i], &list[j]))
				compare(check, &list[i], &list[j]);
			else
				compare(check, &list[j], &list[i]);
		}
	}
}

int
conflicts_listeners(struct check *check)
{
	const struct plan *plan = check->plan;
	struct listener *list, *listener;
	size_t i, j, count = 0;

	for (i = 0; i < plan->routes_count; i++)
		count += plan->routes[i].listen_count;
	list = calloc(count + 1, sizeof(*list));
	if (list == NULL)
		return (-1);
	listener = list;
	for (i = 0; i < plan->routes_count; i++) {
		for (j = 0; j < plan->routes[i].listen_count; j++) {
			listener->target = &plan->routes[i].listen[j];
			listener->place = (struct check_place){ i, "listen",
			    j };
			look_at(listener++);
		}
	}
	qsort(list, count, sizeof(*list), compare_listeners);
	compare_all(check, list, count);
	free(list);
	return (0);
}
