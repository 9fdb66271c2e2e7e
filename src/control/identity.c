/* SPDX-License-Identifier: ISC */

/* identity.c - becoming another user, for good. */

#include "base/text.h"
#include "config.h"

#include <sys/types.h>

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <unistd.h>

#include "control/identity.h"

/* A lack of descriptors or memory says nothing of the name. */
static enum exit_status
not_found(const char *what, const char *option)
{
	switch (errno) {
	case EINTR:
	case EIO:
	case EMFILE:
	case ENFILE:
	case ENOMEM:
		return (failure(STATUS_OSERR, "--user '%s': cannot look "
		    "up the %s: %s", option, what, text_error(errno)));
	}
	return (failure(STATUS_FAILURE, "--user '%s': there is no %s of "
	    "that name", option, what));
}

enum exit_status
identity_find(struct identity *identity, const char *option)
{
	const char *colon = strchr(option, ':');
	const size_t length = colon != NULL ? (size_t)(colon - option) :
	    strlen(option);
	const struct passwd *passwd;
	const struct group *group;

	if (length == 0 || length >= sizeof(identity->name) ||
	    (colon != NULL && colon[1] == '\0'))
		return (failure(STATUS_USAGE, "--user '%s': write USER or "
		    "USER:GROUP, by their names", option));
	memcpy(identity->name, option, length);
	identity->name[length] = '\0';
	errno = 0;
	passwd = getpwnam(identity->name);
	if (passwd == NULL)
		return (not_found("user", identity->name));
	identity->uid = passwd->pw_uid;
	identity->gid = passwd->pw_gid;
	if (colon == NULL)
		return (STATUS_OK);
	errno = 0;
	group = getgrnam(colon + 1);
	if (group == NULL)
		return (not_found("group", option));
	identity->gid = group->gr_gid;
	return (STATUS_OK);
}

#if defined(__APPLE__)
typedef int base_group;		/* as initgroups(3) takes it */
#else
typedef gid_t base_group;
#endif

enum exit_status
identity_assume(const struct identity *identity)
{
	if (geteuid() == identity->uid && getegid() == identity->gid &&
	    geteuid() != 0)
		return (STATUS_OK);
	if (geteuid() != 0)
		return (failure(STATUS_NOPERM, "cannot become user %s: only "
		    "root may (start it as root, or without --user)",
		    identity->name));
	/* groups while we may, the user last */
	if (initgroups(identity->name, (base_group)identity->gid) == -1 ||
	    setgid(identity->gid) == -1 || setuid(identity->uid) == -1)
		return (failure(STATUS_NOPERM, "cannot become user %s: %s",
		    identity->name, text_error(errno)));
	if (identity->uid != 0 && (setuid(0) == 0 || seteuid(0) == 0))
		return (failure(STATUS_OSERR, "cannot become user %s for "
		    "good: root can be regained", identity->name));
	return (STATUS_OK);
}
