/* SPDX-License-Identifier: ISC */

/* targets.c - the upstreams that a simulated relay is given. */

#include "dice.h"
#include "targets.h"

size_t
targets_choose(struct target *upstreams)
{
	static const struct target targets[] = {
	    { .kind = TARGET_INET, .port = 80, .host = "127.0.0.1" },
	    { .kind = TARGET_INET, .port = 80, .host = "::1" },
	    { .kind = TARGET_INET, .port = 80, .host = "one.test" },
	    { .kind = TARGET_INET, .port = 80, .host = "two.test" },
	    { .kind = TARGET_UNIX, .path = "/sim" },
	    { .kind = TARGET_BUILTIN, .service = SERVICE_ECHO },
	    { .kind = TARGET_BUILTIN, .service = SERVICE_DISCARD },
	    { .kind = TARGET_BUILTIN, .service = SERVICE_CHARGEN } };
	const size_t count = 1 + dice_below(TARGETS_MAX);
	const size_t kinds = dice_one_in(2) ? 4 : 8;
	size_t i;

	for (i = 0; i < count; i++)
		upstreams[i] = targets[dice_below(kinds)];
	return (count);
}
