/* SPDX-License-Identifier: ISC */

/* test-tuning-check.c - what of a tuning is refused before any socket is. */

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/tuning.h"
#include "tap.h"
#include "units.h"

static void
test_plain(void)
{
	const struct tuning list[] = { { .keepalive_off = true },
	    { .keepalive_idle_s = 1 }, { .keepalive_interval_s = 1 },
	    { .keepalive_count = 1 }, { .user_timeout_ms = 1 },
	    { .send_buffer_bytes = 1 }, { .receive_buffer_bytes = 1 },
	    { .fast_open = true }, { .mptcp = true }, { .has_dscp = true },
	    { .has_mark = true }, { .congestion = "reno" },
	    { .interface = "lo" } };
	const struct tuning none = { .dscp = 0 };
	size_t i, plain = 0;

	for (i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		plain += tuning_is_plain(&list[i]);
	ok(tuning_is_plain(&none) && plain == 0, "whether there is anything");
}

static void
refuses(struct tuning tuning, enum tuning_side side, const char *says)
{
	const char *problem = tuning_check(&tuning, side);

	if (!ok(problem != NULL && strstr(problem, says) != NULL, "%s", says))
		diag("%s", problem == NULL ? "is let pass" : problem);
}

static void
test_checking(void)
{
	const struct tuning none = { .dscp = 77 };

	ok(tuning_check(&none, TUNING_UPSTREAM) == NULL, "nothing is wrong");
	refuses((struct tuning){ .fast_open = true }, TUNING_UPSTREAM,
	    "fast open is for clients alone");
#ifdef __linux__
	refuses((struct tuning){ .keepalive_idle_s = 32768 }, TUNING_LISTENER,
	    "at most 32767s");
	refuses((struct tuning){ .keepalive_interval_s = 32768 },
	    TUNING_LISTENER, "at most 32767s");
	refuses((struct tuning){ .keepalive_count = 128 }, TUNING_LISTENER,
	    "at most 127");
	refuses((struct tuning){ .user_timeout_ms = UINT32_MAX },
	    TUNING_LISTENER, "at most 24d");
	refuses((struct tuning){ .congestion = "" }, TUNING_LISTENER,
	    "a congestion control has a name");
	refuses((struct tuning){ .congestion = "of-16-characters" },
	    TUNING_LISTENER, "a congestion control has a name");
	refuses((struct tuning){ .interface = "of-16-characters" },
	    TUNING_LISTENER, "an interface has a name");
	refuses((struct tuning){ .interface = "" }, TUNING_LISTENER,
	    "an interface has a name");
#endif
	refuses((struct tuning){ .send_buffer_bytes = (1U << 30) + 1 },
	    TUNING_LISTENER, "at most 1g");
	refuses((struct tuning){ .receive_buffer_bytes = (1U << 30) + 1 },
	    TUNING_LISTENER, "at most 1g");
	refuses((struct tuning){ .has_dscp = true, .dscp = 64 },
	    TUNING_LISTENER, "from 0 to 63");
}

void
test_tuning_check(void)
{
	test_plain();
	test_checking();
}
