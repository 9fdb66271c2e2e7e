/* SPDX-License-Identifier: ISC */

/*
 * sandbox-linux.c - what Linux confines by, thread by thread.
 *
 * All of it concerns the calling thread, and those and the programs that it
 * starts.  So what is for the whole process is set by the first thread while
 * it is the only one.
 */

#include "config.h"

#include "control/sandbox-parts.h"

#ifdef __linux__

#include <sys/types.h>
#include <sys/prctl.h>

#include <errno.h>

#include "base/text.h"
#include "control/capabilities.h"

#ifndef PR_SET_NO_NEW_PRIVS
#define PR_SET_NO_NEW_PRIVS	38
#endif

#ifdef HAVE_SECCOMP
#define SECCOMP_FACT	", seccomp"
#else
#define SECCOMP_FACT	", no seccomp (built without libseccomp)"
#endif
#ifdef IS_INSTRUMENTED
/*
 * What counts coverage writes files at the end, on the first thread; what
 * looks for leaks stops all threads and reads them.  Workers of their own, all
 * the same, are confined.
 */
#define IS_MEASURED		true
#define INSTRUMENTED_FACT	", workers only (instrumented)"
#else
#define IS_MEASURED		false
#define INSTRUMENTED_FACT	""
#endif

const char sandbox_system_facts[] =
    "no-new-privs, landlock" SECCOMP_FACT INSTRUMENTED_FACT;
bool sandbox_system_hides;

/* Written before there is a second thread. */
static bool has_landlock, has_seccomp;

static bool
wants_marks(const struct plan *plan)
{
	const struct route *route;
	size_t i;

	for (i = 0; i < plan->routes_count; i++) {
		route = &plan->routes[i];
		if (route->client.has_mark || route->upstream.has_mark)
			return (true);
	}
	return (false);
}

static int
forgo_privileges(void)
{
	return (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
}

/* Memory holds what others send: nobody of the same user may look. */
static void
hide_memory(void)
{
	if (!IS_MEASURED && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == -1)
		sandbox_note("!not-dumpable");
}

enum exit_status
sandbox_system_begin(const struct plan *plan, const char *program)
{
	const struct capabilities_need need = { .marks = wants_marks(plan) };
	int version;

	capabilities_bound(false);
	if (capabilities_limit(need) == -1)
		return (failure(STATUS_OSERR, "cannot drop capabilities: %s",
		    text_error(errno)));
	hide_memory();
	sandbox_note(forgo_privileges() == 0 ? "no-new-privs" :
	    "!no-new-privs");
	version = landlock_begin(plan, program);
	has_landlock = version > 0;
	if (has_landlock)
		sandbox_note("landlock:%d", version);
	else if (version < 0)
		sandbox_note("!landlock");
	has_seccomp = seccomp_begin() == 0;
	if (has_seccomp)
		sandbox_note("seccomp");
	else if (errno != ENOSYS)
		sandbox_note("!seccomp");
	if (IS_MEASURED)
		sandbox_note("workers-only");
	return (STATUS_OK);
}

/*
 * The filter comes last, for it refuses what the others need.  What fails
 * here was there a moment ago: a seventeenth set of rules on top, say.  Those
 * below it hold.
 */
const char *
sandbox_system_confine(enum sandbox_role role)
{
	const char *refused = NULL;
	int error = 0;

	if (IS_MEASURED && role != SANDBOX_WORKER)
		return (NULL);
	(void)forgo_privileges();
	if (role != SANDBOX_KEEPER)
		(void)capabilities_give_up_ports();
	if (has_landlock && landlock_confine(role) == -1) {
		refused = "landlock";
		error = errno;
	}
	if (has_seccomp && seccomp_confine(role) == -1) {
		refused = "seccomp";
		error = errno;
	}
	errno = error;
	return (refused);
}

#endif
