/* SPDX-License-Identifier: ISC */

/* reload.c - another plan in the place of the one that is in service. */

#include <sys/stat.h>

#include <errno.h>
#include <string.h>

#include "base/logfmt.h"
#include "base/text.h"
#include "config/options.h"
#include "control/reload.h"
#include "control/report.h"
#include "control/sandbox.h"

static keeper_done_fn on_loaded;

/* Each a line, since what shows them all stays on a terminal nobody sees. */
static void
tell_problems(struct log *log, const struct problems *problems)
{
	char file[LOG_TEXT_MAX / 4], text[LOG_TEXT_MAX / 2];
	const struct problem *problem;
	size_t i;

	for (i = 0; i < problems->count; i++) {
		problem = &problems->list[i];
		log_line(log, SEVERITY_ERROR,
		    "configuration file=%s line=%u column=%u error=%s",
		    logfmt_string(file, sizeof(file), problem->file != NULL ?
		    problem->file : "-"), problem->line, problem->column,
		    logfmt_text(text, sizeof(text), problem->text));
	}
	if (problems->left_out > 0)
		log_line(log, SEVERITY_ERROR,
		    "configuration error=\"and more\" problems=%zu",
		    problems->left_out);
}

static void
tell_ignored(struct log *log, const char *key, bool is_same)
{
	if (!is_same)
		log_line(log, SEVERITY_WARNING, "reload-ignored key=%s "
		    "action=\"a restart changes it\"", key);
}

/* What a process is for as long as it lives, whatever was told before. */
static void
tell_all_ignored(const struct reload *reload, const struct plan *plan)
{
	const struct plan *before = reload->first;

	tell_ignored(reload->log, "workers", plan->workers == before->workers);
	tell_ignored(reload->log, "user", text_equal(plan->user, before->user));
	tell_ignored(reload->log, "pidfile",
	    text_equal(plan->pidfile, before->pidfile));
	tell_ignored(reload->log, "sandbox",
	    plan->is_confined == before->is_confined);
}

/*
 * What is no file, but a pipe or a terminal, was read once and has nothing more
 * to say; to wait for it would keep the keeper from everything else.
 */
static bool
is_there_again(const char *path)
{
	struct stat st;
	const bool is_stdin = strcmp(path, "-") == 0;

	if (!is_stdin && (stat(path, &st) == -1 || S_ISREG(st.st_mode) ||
	    S_ISDIR(st.st_mode)))
		return (true);	/* reading it says what is wrong */
	(void)failure(STATUS_CONFIG, "%s: cannot be read again: it is not a "
	    "regular file", is_stdin ? "<stdin>" : path);
	return (false);
}

static struct plan *
read_plan(const struct reload *reload)
{
	struct problems problems = { .list = NULL };
	struct plan *plan = plan_create();
	enum options_action action = OPTIONS_FAILED;

	if (plan != NULL)
		action = options_parse(plan, reload->argc, reload->argv,
		    &problems);
	if (action != OPTIONS_RUN) {
		tell_problems(reload->log, &problems);
		plan_release(plan);
		plan = NULL;
	}
	problems_free(&problems);
	return (plan);
}

static struct deployment *
deploy(const struct reload *reload, struct plan *plan)
{
	const struct deployment *before = reload->operation->deployment;
	const char *cut_off = sandbox_cut_off(reload->first, plan);
	struct deployment *deployment;
	enum exit_status status;
	struct mux_loop *loop;

	if (cut_off != NULL) {
		(void)failure(STATUS_NOPERM, "cannot connect to unix:%s: the "
		    "sandbox has not known its directory since the start; a "
		    "restart changes it", cut_off);
		return (NULL);
	}
	deployment = deployment_create(plan, before, &reload->open,
	    reload->workers, &status);
	if (deployment == NULL)
		return (NULL);
	loop = mux_loop_create();
	if (loop == NULL)
		(void)failure(STATUS_OSERR, "cannot create an event loop: %s",
		    text_error(errno));
	if (loop == NULL || deployment_check(deployment, before, loop,
	    reload->log) != STATUS_OK) {
		deployment_discard(deployment);
		deployment = NULL;
	}
	mux_loop_destroy(loop);
	return (deployment);
}

/* False when that cannot be opened, which is told. */
static bool
log_as(const struct reload *reload, const struct plan *plan)
{
	const char *failed;
	int error;

	if (logger_configure(reload->operation->logger, &plan->log,
	    &failed) == 0)
		return (true);
	error = errno;
	(void)failure(STATUS_FAILURE, "cannot log to %s: %s%s", failed,
	    text_error(error), error == EACCES ? " (or the sandbox has not "
	    "known its directory since the start)" : "");
	return (false);
}

/* On the keeper's thread. */
static void
load(void *arg)
{
	struct reload *reload = arg;
	struct plan *plan;

	failure_set_log(reload->log);
	plan = is_there_again(reload->first->file) ? read_plan(reload) : NULL;
	if (plan == NULL)
		return;
	tell_all_ignored(reload, plan);
	reload->result = deploy(reload, plan);
	if (reload->result != NULL && !log_as(reload, plan)) {
		deployment_discard(reload->result);
		reload->result = NULL;
	}
	if (reload->result != NULL)
		reload->is_log_ahead = true;
	plan_release(plan);
}

/* Likewise: the new plan was not put into service after all. */
static void
restore(void *arg)
{
	struct reload *reload = arg;

	(void)log_as(reload, reload->operation->deployment->plan);
}

/* One that was leaving may have been closed since its copy was made. */
static bool
is_stale(const struct reload *reload, const struct deployment *deployment)
{
	const struct listen_sockets *sockets = &deployment->sockets;
	size_t i;

	for (i = 0; i < sockets->count; i++) {
		if (sockets->list[i].is_shared && !crew_has(
		    reload->operation->crew, sockets->list[i].fd))
			return (true);
	}
	return (false);
}

/* -1, and nothing has changed. */
static int
put_into_service(struct reload *reload, struct deployment *after)
{
	struct operation *operation = reload->operation;
	struct deployment *before = operation->deployment;

	leaving_prune(&reload->leaving, operation->crew);
	if (crew_serve(operation->crew, after->listening,
	    after->sockets.count) == -1)
		return (-1);
	leaving_update(&reload->leaving, &before->sockets, &after->sockets,
	    operation->crew);
	deployment_retire(before, after);
	operation->deployment = after;
	reload->is_log_ahead = false;
	(void)crew_accept(operation->crew, after->sessions_max);
	crew_limit_memory(operation->crew, after->plan->memory_max_bytes);
	crew_sweep(operation->crew);
	report_reload(operation, before);
	deployment_free(before);
	return (0);
}

static void
fail(struct reload *reload)
{
	log_line(reload->operation->log, SEVERITY_ERROR,
	    "reload-failed action=keep-old");
}

/* False, and it has failed. */
static bool
begin(struct reload *reload)
{
	struct operation *operation = reload->operation;

	reload->is_wanted = false;
	reload->result = NULL;
	leaving_prune(&reload->leaving, operation->crew);
	if (leaving_copy(&reload->leaving, &operation->deployment->sockets,
	    &reload->open) == -1) {
		fail(reload);
		return (false);
	}
	keeper_do(operation->keeper, load, on_loaded, reload);
	return (true);
}

static void
finish(struct reload *reload)
{
	if (!reload->is_wanted || reload->operation->stop_signal != 0 ||
	    !begin(reload))
		reload->over(reload->arg);
}

static void
on_restored(void *arg)
{
	fail(arg);
	finish(arg);
}

/* The log may be as a plan has it that is not in service after all. */
static void
give_up(struct reload *reload)
{
	if (reload->is_log_ahead) {
		reload->is_log_ahead = false;
		keeper_do(reload->operation->keeper, restore, on_restored,
		    reload);
		return;
	}
	fail(reload);
	finish(reload);
}

static void
on_loaded(void *arg)
{
	struct reload *reload = arg;
	struct deployment *deployment = reload->result;

	reload->result = NULL;
	listen_free(&reload->open);
	if (deployment == NULL) {
		give_up(reload);
		return;
	}
	if (reload->operation->stop_signal != 0) {
		deployment_discard(deployment);
	} else if (is_stale(reload, deployment)) {
		deployment_discard(deployment);
		reload->is_wanted = true;
	} else if (put_into_service(reload, deployment) == -1) {
		deployment_discard(deployment);
		give_up(reload);
		return;
	}
	finish(reload);
}

void
reload_open(struct reload *reload, struct operation *operation,
    struct log *log, int argc, char **argv, size_t workers,
    reload_over_fn *over, void *arg)
{
	*reload = (struct reload){ .operation = operation, .log = log,
	    .argc = argc, .argv = argv, .workers = workers, .over = over,
	    .arg = arg };
	reload->first = plan_hold(operation->deployment->plan);
}

void
reload_start(struct reload *reload)
{
	reload->is_wanted = true;
	reload_resume(reload);
}

void
reload_resume(struct reload *reload)
{
	if (reload->is_wanted &&
	    !keeper_is_busy(reload->operation->keeper) && !begin(reload))
		reload->over(reload->arg);
}

void
reload_close(struct reload *reload)
{
	deployment_discard(reload->result);
	reload->result = NULL;
	listen_free(&reload->open);
	leaving_free(&reload->leaving);
	plan_release(reload->first);
	reload->first = NULL;
}
