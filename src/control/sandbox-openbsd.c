/* SPDX-License-Identifier: ISC */

/*
 * sandbox-openbsd.c - unveil(2) and pledge(2) of OpenBSD.
 *
 * Both are of the whole process and know no threads, so there is one promise,
 * with what any thread needs: the keeper's.  Files can be read anywhere, as
 * configurations include others, and written where the plan has some.  To
 * connect to a UNIX socket is to write to it.  A program is started only when
 * there is one to upgrade to.
 */

#include "control/sandbox-parts.h"

#ifdef __OpenBSD__

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

/* Only root keeps what it takes to give its log file away. */
#define PROMISES \
	"stdio rpath wpath cpath flock inet unix dns sendfd recvfd proc"

const char sandbox_system_facts[] = "pledge, unveil";
bool sandbox_system_hides;

static bool has_program;

/* Directories, and what may be done below them. */
struct grant {
	const char *permissions;
	bool is_short;		/* there was no room for one of them */
};

/*
 * Directories are known by what is there, not by name: of one that somebody is
 * yet to make, the nearest above it that is there is taken.  Not "/", though.
 */
static void
allow(const char *path, void *arg)
{
	const size_t length = strlen(path);
	struct grant *grant = arg;
	char place[PATH_MAX], *slash;

	if (length >= sizeof(place))
		return;
	memcpy(place, path, length + 1);
	while (access(place, F_OK) == -1 && errno == ENOENT) {
		slash = strrchr(place, '/');
		if (slash == NULL || slash == place)
			return;
		*slash = '\0';
	}
	if (unveil(place, grant->permissions) == -1 &&
	    (errno == E2BIG || errno == ENOMEM))
		grant->is_short = true;
}

/*
 * The last word on a directory counts: to make files comes after only writing to
 * them.  If there is no room for all, nothing that is needed is refused.
 */
static int
unveil_directories(const struct plan *plan)
{
	struct grant connecting = { .permissions = "rw" };
	struct grant making = { .permissions = "rwc" };

	sandbox_each_upstream_directory(plan, allow, &connecting);
	sandbox_each_directory(plan, true, allow, &making);
	if (!connecting.is_short && !making.is_short)
		return (0);
	/* the nearest place decides, so "/" alone is not enough */
	(void)unveil("/", "rwc");
	sandbox_each_upstream_directory(plan, allow, &making);
	return (-1);
}

enum exit_status
sandbox_system_begin(const struct plan *plan, const char *program)
{
	int result;

	/* first those that no other can do without */
	has_program = program != NULL;
	result = unveil("/", "r");
	if (unveil("/dev/null", "rw") == -1 ||
	    (program != NULL && unveil(program, "rx") == -1) ||
	    unveil_directories(plan) == -1)
		result = -1;
	if (unveil(NULL, NULL) == -1)
		result = -1;
	sandbox_system_hides = result == 0;
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
