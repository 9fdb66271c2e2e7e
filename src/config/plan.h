/* SPDX-License-Identifier: ISC */

/* plan.h - all that the program was told to do; immutable once parsed. */

#ifndef CONFIG_PLAN_H
#define CONFIG_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/log.h"
#include "relay/route.h"

#define WORKERS_MAX	256

struct plan {
	struct route route;
	struct target *listen;		/* what route points to; ours to free */
	struct target *upstreams;
	uint64_t shutdown_timeout_ms;	/* DURATION_OFF: no limit */
	uint64_t workers;		/* 0: as many as are of use */
	uint64_t connections_max;	/* 0: as many as descriptors allow */
	enum log_severity threshold;
	const char *log;		/* `stderr', `syslog' or a path */
	const char *pidfile;		/* NULL: none */
	const char *user;		/* USER or USER:GROUP; NULL: stay */
	bool is_daemon;
};

void plan_free(struct plan *plan);

#endif
