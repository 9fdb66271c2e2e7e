/* SPDX-License-Identifier: ISC */

/*
 * upgrades.c - muxproxy with less patience for the process that is to take
 * over: UPGRADE_START_MS, since nobody wants to test a minute.
 */

#include <stdio.h>
#include <stdlib.h>

#include "config/options.h"
#include "control/process.h"
#include "control/upgrade.h"

int
main(int argc, char **argv)
{
	struct problems problems = { .list = NULL };
	struct plan *plan = plan_create();
	const char *patience = getenv("UPGRADE_START_MS");
	int status = STATUS_CONFIG;

	if (plan == NULL)
		return (STATUS_OSERR);
	if (patience != NULL)
		upgrade_start_ms = strtoull(patience, NULL, 10);
	if (options_parse(plan, argc, argv, &problems) == OPTIONS_RUN)
		status = (int)process_run(plan, argc, argv);
	problems_print(&problems, stderr, false);
	problems_free(&problems);
	plan_release(plan);
	return (status);
}
