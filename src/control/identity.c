/* SPDX-License-Identifier: ISC */

/* identity.c - becoming another user, for good. */

#include "config.h"

#include <sys/types.h>

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "control/capabilities.h"
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

/* All three of a kind, so that none is kept to come back by. */
static bool
is_only(const struct identity *identity)
{
#ifdef HAVE_GETRESUID
	uid_t uid, effective_uid, saved_uid;
	gid_t gid, effective_gid, saved_gid;

	return (getresuid(&uid, &effective_uid, &saved_uid) == 0 &&
	    getresgid(&gid, &effective_gid, &saved_gid) == 0 &&
	    uid == identity->uid && effective_uid == identity->uid &&
	    saved_uid == identity->uid && gid == identity->gid &&
	    effective_gid == identity->gid && saved_gid == identity->gid);
#else
	return (getuid() == identity->uid && geteuid() == identity->uid &&
	    getgid() == identity->gid && getegid() == identity->gid);
#endif
}

/* Whether all of these groups are among those that the user should have. */
static bool
are_own(const struct identity *identity, const gid_t *groups, int count)
{
	int own_count = NGROUPS_MAX + 1, i, j;
	base_group *own;

	own = calloc(NGROUPS_MAX + 1, sizeof(*own));
	if (own == NULL || getgrouplist(identity->name,
	    (base_group)identity->gid, own, &own_count) == -1)
		own_count = 0;
	for (i = 0; i < count; i++) {
		for (j = 0; j < own_count && (gid_t)own[j] != groups[i]; j++)
			continue;
		if (j == own_count)
			break;
	}
	free(own);
	return (i == count);
}

/* None of the groups that root had, unless they are the user's as well. */
static bool
has_own_groups(const struct identity *identity)
{
	gid_t *groups;
	bool has;
	int count;

	groups = calloc(NGROUPS_MAX + 1, sizeof(*groups));
	if (groups == NULL)
		return (false);
	count = getgroups(NGROUPS_MAX + 1, groups);
	has = count != -1 && are_own(identity, groups, count);
	free(groups);
	return (has);
}

/* What succeeds here is what an intruder would do. */
static bool
can_regain(const struct identity *identity)
{
	return (identity->uid != 0 && (setuid(0) == 0 || seteuid(0) == 0 ||
	    (identity->gid != 0 && (setgid(0) == 0 || setegid(0) == 0))));
}

static enum exit_status
cannot_become(const struct identity *identity)
{
	return (failure(STATUS_NOPERM, "cannot become user %s: %s",
	    identity->name, text_error(errno)));
}

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
	    setgid(identity->gid) == -1)
		return (cannot_become(identity));
	capabilities_bound(identity->uid != 0);
	if (setuid(identity->uid) == -1)
		return (cannot_become(identity));
	if (!is_only(identity) || !has_own_groups(identity))
		return (failure(STATUS_OSERR, "cannot become user %s: "
		    "something is left of root", identity->name));
	if (can_regain(identity))
		return (failure(STATUS_OSERR, "cannot become user %s for "
		    "good: root can be regained", identity->name));
	return (STATUS_OK);
}
