/* SPDX-License-Identifier: ISC */

/* main.c - parse, run, and say how it ended. */

#include <stdio.h>

#include "base/text.h"
#include "config/help.h"
#include "config/options.h"
#include "config/print.h"
#include "control/identity.h"
#include "control/process.h"
#include "control/sandbox.h"

static enum exit_status
wrong(const struct problems *problems, enum exit_status status)
{
	problems_print(problems, stderr, problems_wants_color(stderr));
	if (status == STATUS_USAGE)
		(void)fputs("Try 'muxproxy --help' for more information.\n",
		    stderr);
	return (status);
}

/* What else a start asks before it opens anything. */
static enum exit_status
check(const struct plan *plan, bool is_quiet)
{
	struct identity identity;
	enum exit_status status = STATUS_OK;
	char name[1024];

	(void)snprintf(name, sizeof(name), "%s", plan->file != NULL ?
	    plan->file : "command line");
	if (plan->user != NULL)
		status = identity_find(&identity, plan->user);
	if (status == STATUS_OK && !is_quiet)
		(void)fprintf(stderr, "%s: OK (%zu route%s)\n",
		    text_line(name), plan->routes_count,
		    plan->routes_count == 1 ? "" : "s");
	return (status);
}

/* Anything but running. */
static enum exit_status
act(struct plan *plan, enum options_action action,
    const struct problems *problems)
{
	switch (action) {
	case OPTIONS_CHECK:
	case OPTIONS_CHECK_QUIETLY:
		return (check(plan, action == OPTIONS_CHECK_QUIETLY));
	case OPTIONS_DUMP:
		return (plan_print(plan) == 0 ? STATUS_OK : STATUS_FAILURE);
	case OPTIONS_HELP:
		return (help_print() == 0 ? STATUS_OK : STATUS_FAILURE);
	case OPTIONS_VERSION:
		return (version_print() == 0 ? STATUS_OK : STATUS_FAILURE);
	case OPTIONS_FACTS:
		return (facts_print(sandbox_facts()) == 0 ? STATUS_OK : STATUS_FAILURE);
	case OPTIONS_WRONG:
		return (wrong(problems, STATUS_USAGE));
	case OPTIONS_WRONG_FILE:
		return (wrong(problems, STATUS_CONFIG));
	case OPTIONS_RUN:
	case OPTIONS_FAILED:
		break;
	}
	return (wrong(problems, STATUS_OSERR));
}

int
main(int argc, char **argv)
{
	struct problems problems = { .list = NULL };
	struct plan *plan = plan_create();
	enum options_action action;
	enum exit_status status;

	if (plan == NULL)
		return ((int)failure(STATUS_OSERR, "out of memory"));
	process_hold_changes();
	action = options_parse(plan, argc, argv, &problems);
	status = action == OPTIONS_RUN ? process_run(plan, argc, argv) :
	    act(plan, action, &problems);
	problems_free(&problems);
	plan_release(plan);
	return ((int)status);
}
