/* SPDX-License-Identifier: ISC */

/*
 * sandbox-openbsd.c - unveil(2) and pledge(2) of OpenBSD.
 *
 * Both are of the whole process and know no threads, so there is one promise,
 * with what any thread needs: the keeper's.  Files can be read anywhere, as
 * configurations include others, and written where the plan has some.  A
 * program is started only when there is one to upgrade to.
 */

#include "control/sandbox-parts.h"

#ifdef __OpenBSD__

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

/* Only root keeps what it takes to give its log file away. */
#define PROMISES \
	"stdio rpath wpath cpath flock inet unix dns sendfd recvfd proc"

const char sandbox_system_facts[] = "pledge, unveil";

static bool has_program;

static void
unveil_directory(const char *path, void *arg)
{
	int *result = arg;

	if (unveil(path, "rwc") == -1 && errno != ENOENT)
		*result = -1;
}

enum exit_status
sandbox_system_begin(const struct plan *plan, const char *program)
{
	int result;

	has_program = program != NULL;
	result = unveil("/", "r");
	sandbox_each_directory(plan, true, unveil_directory, &result);
	if (unveil("/dev/null", "rw") == -1 ||
	    (program != NULL && unveil(program, "rx") == -1) ||
	    unveil(NULL, NULL) == -1)
		result = -1;
	sandbox_note(result == 0 ? "unveil" : "!unveil");
	sandbox_note("pledge");
	return (STATUS_OK);
}

/* When the program has started: the last that is confined is the main thread. */
const char *
sandbox_system_confine(enum sandbox_role role)
{
	if (role == SANDBOX_MAIN && pledge(has_program ? PROMISES " exec" :
	    PROMISES, NULL) == -1)
		return ("pledge");
	return (NULL);
}

void
sandbox_limit_fd(int fd, enum sandbox_use use)
{
	(void)fd;
	(void)use;
}

#endif
