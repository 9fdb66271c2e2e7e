/* SPDX-License-Identifier: ISC */

/* main.c - parse, run, and say how it ended. */

#include "config/help.h"
#include "config/options.h"
#include "control/process.h"

int
main(int argc, char **argv)
{
	struct plan *plan = plan_create();
	int status = STATUS_USAGE;

	if (plan == NULL)
		return (failure(STATUS_OSERR, "out of memory"));
	switch (options_parse(plan, argc, argv)) {
	case OPTIONS_RUN:
		status = (int)process_run(plan);
		break;
	case OPTIONS_HELP:
		status = help_print();
		break;
	case OPTIONS_VERSION:
		status = version_print();
		break;
	case OPTIONS_FACTS:
		status = facts_print();
		break;
	case OPTIONS_WRONG:
		break;
	case OPTIONS_FAILED:
		status = STATUS_OSERR;
		break;
	}
	plan_release(plan);
	return (status);
}
