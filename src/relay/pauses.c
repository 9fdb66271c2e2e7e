/* SPDX-License-Identifier: ISC */

/* pauses.c - episodes of accepting that pauses. */

#include <inttypes.h>

#include "base/logfmt.h"
#include "base/units.h"
#include "relay/acceptor.h"
#include "relay/line.h"
#include "relay/listener.h"
#include "relay/pauses.h"

/* An episode is over when accepting has gone on for so long. */
#define CALM_MS		(10 * 1000)

static void
on_timer(struct mux_timer *timer, void *arg)
{
	(void)timer;
	pauses_look(arg);
}

int
pauses_open(struct acceptor *acceptor)
{
	acceptor->pauses.timer = mux_timer_create(acceptor->loop, on_timer,
	    acceptor);
	return (acceptor->pauses.timer == NULL ? -1 : 0);
}

void
pauses_close(struct acceptor *acceptor)
{
	mux_timer_destroy(acceptor->pauses.timer);
	acceptor->pauses.timer = NULL;
}

/* True: this is the first of an episode. */
static bool
begins(struct acceptor *acceptor, struct episode *episode)
{
	acceptor->pauses.count++;
	acceptor->pauses.is_open = true;
	episode->is_calm = false;
	if (episode->pauses++ > 0)
		return (false);
	episode->began_ms = mux_loop_now_ms(acceptor->loop);
	return (true);
}

void
pauses_note(struct acceptor *acceptor, const char *what)
{
	if (begins(acceptor, &acceptor->pauses.episode))
		log_line(acceptor->log, SEVERITY_WARNING,
		    "accept-paused error=\"%s\" sessions=%zu", what,
		    acceptor->sessions_count);
}

void
pauses_note_line(struct acceptor *acceptor, struct line *line,
    const char *what)
{
	char name[LOG_TEXT_MAX / 4];

	if (begins(acceptor, &line->usage->episode))
		log_line(acceptor->log, SEVERITY_WARNING,
		    "accept-paused error=\"%s\" route=%s sessions=%zu", what,
		    logfmt_string(name, sizeof(name), line->route->name),
		    atomic_load(&line->usage->sessions));
}

void
pauses_note_limits(struct acceptor *acceptor)
{
	const struct listener *listener;

	if (acceptor->sessions_count >= acceptor->sessions_max &&
	    acceptor->pauses.episode.pauses == 0)
		pauses_note(acceptor, "connection limit");
	for (listener = acceptor->listeners; listener != NULL;
	    listener = listener->next) {
		if (!listener->is_closing && line_is_full(listener->line) &&
		    listener->line->usage->episode.pauses == 0)
			pauses_note_line(acceptor, listener->line,
			    "connection limit");
	}
}

/* Of a line, or NULL: of all routes. */
static void
tell_over(struct acceptor *acceptor, const struct episode *episode,
    const struct line *line)
{
	const uint64_t lasted_ms = episode->calm_ms - episode->began_ms;
	char name[LOG_TEXT_MAX / 4] = "";

	if (line != NULL)
		(void)logfmt_string(name, sizeof(name), line->route->name);
	log_line(acceptor->log, SEVERITY_INFO,
	    "accept-resumed pauses=%" PRIu64 " duration=%" PRIu64 ".%03" PRIu64
	    "s%s%s sessions=%zu", episode->pauses, lasted_ms / 1000,
	    lasted_ms % 1000, line != NULL ? " route=" : "", name,
	    line != NULL ? atomic_load(&line->usage->sessions) :
	    acceptor->sessions_count);
}

/*
 * Ends an episode where accepting has gone on for long enough.  In how many
 * milliseconds that may be; DURATION_OFF: there is none, or it is paused.
 */
static uint64_t
look_at(struct acceptor *acceptor, struct episode *episode,
    const struct line *line)
{
	const uint64_t now_ms = mux_loop_now_ms(acceptor->loop);

	if (episode->pauses == 0)
		return (DURATION_OFF);
	acceptor->pauses.is_open = true;
	if (!acceptor_accepts(acceptor) ||
	    (line != NULL && !line_accepts(line, now_ms))) {
		episode->is_calm = false;
		return (DURATION_OFF);
	}
	if (!episode->is_calm) {
		episode->is_calm = true;
		episode->calm_ms = now_ms;
	}
	if (now_ms - episode->calm_ms < CALM_MS)
		return (CALM_MS - (now_ms - episode->calm_ms));
	tell_over(acceptor, episode, line);
	*episode = (struct episode){ .pauses = 0 };
	return (DURATION_OFF);
}

void
pauses_look(struct acceptor *acceptor)
{
	struct pauses *pauses = &acceptor->pauses;
	const struct listener *listener;
	uint64_t least_ms, wait_ms;

	if (!pauses->is_open)
		return;
	pauses->is_open = false;
	least_ms = look_at(acceptor, &pauses->episode, NULL);
	for (listener = acceptor->listeners; listener != NULL;
	    listener = listener->next) {
		/* of a plan of before: nobody new comes by it */
		if (listener->is_closing)
			continue;
		wait_ms = look_at(acceptor, &listener->line->usage->episode,
		    listener->line);
		if (wait_ms < least_ms)
			least_ms = wait_ms;
	}
	if (least_ms != DURATION_OFF && !mux_timer_running(pauses->timer))
		mux_timer_start(pauses->timer, least_ms);
}
