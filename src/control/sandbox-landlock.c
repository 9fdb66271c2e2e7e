/* SPDX-License-Identifier: ISC */

/*
 * sandbox-landlock.c - Landlock of Linux: which files and ports a thread may
 * use, see landlock(7).
 *
 * A set of rules for each role is prepared while files can be opened; a thread
 * only has to take one on.  Threads and programs that it starts have it too,
 * and what they take on comes on top: at most 16 of them (E2BIG), which is as
 * many upgrades without a restart.
 *
 * Rules are of files and not of names.  An upgrade puts another file in the
 * place of the program, so what may be executed is a directory: that of the
 * program, and that of the loader of libraries.  Libraries are mapped, which
 * Landlock leaves alone.  It does not look at connecting to UNIX sockets by
 * their path, either.
 */

#include "config.h"

#include "control/sandbox-parts.h"

#ifdef __linux__

#include <sys/types.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/socket.h"

/* Headers may be older than the kernel; all systems have these numbers. */
#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset	444
#define SYS_landlock_add_rule		445
#define SYS_landlock_restrict_self	446
#endif
#ifndef O_PATH
#define O_PATH	010000000
#endif

#define RULESET_VERSION	1u	/* LANDLOCK_CREATE_RULESET_VERSION */
#define RULE_PATH	1	/* LANDLOCK_RULE_PATH_BENEATH */
#define RULE_PORT	2	/* LANDLOCK_RULE_NET_PORT */

/* landlock_ruleset_attr, as it has grown; a kernel takes what it knows of it. */
struct ruleset {
	uint64_t files;
	uint64_t ports;		/* from version 4 on */
	uint64_t scopes;	/* from version 6 on */
};

struct __attribute__((packed)) path_rule {
	uint64_t allowed;
	int32_t fd;
};

struct port_rule {
	uint64_t allowed;
	uint64_t port;
};

/* LANDLOCK_ACCESS_FS_ */
#define EXECUTE		(UINT64_C(1) << 0)
#define WRITE_FILE	(UINT64_C(1) << 1)
#define READ_FILE	(UINT64_C(1) << 2)
#define READ_DIR	(UINT64_C(1) << 3)
#define REMOVE_DIR	(UINT64_C(1) << 4)
#define REMOVE_FILE	(UINT64_C(1) << 5)
#define MAKE_REG	(UINT64_C(1) << 8)
#define MAKE_SOCK	(UINT64_C(1) << 9)
#define REFER		(UINT64_C(1) << 13)	/* version 2 */
#define TRUNCATE	(UINT64_C(1) << 14)	/* version 3 */
#define IOCTL_DEV	(UINT64_C(1) << 15)	/* version 5 */
#define FILES_1		((UINT64_C(1) << 13) - 1)
/* LANDLOCK_ACCESS_NET_, LANDLOCK_SCOPE_ */
#define BIND_TCP	(UINT64_C(1) << 0)
#define SCOPE_ABSTRACT	(UINT64_C(1) << 0)
#define SCOPE_SIGNAL	(UINT64_C(1) << 1)

/* -1: no rules of that role */
static int rulesets[SANDBOX_ROLES] = { -1, -1, -1, -1 };

/* A rule is missing for want of something, and what needs it would be refused. */
static bool is_short;

static uint64_t
files_known(int version)
{
	uint64_t files = FILES_1;

	if (version >= 2)
		files |= REFER;
	if (version >= 3)
		files |= TRUNCATE;
	if (version >= 5)
		files |= IOCTL_DEV;
	return (files);
}

/*
 * Whoever may read everywhere has no rule of reading.  Ports to connect to are
 * free.  A worker binds only to have an address of its own, and no port.  A
 * socket of the service manager may be an abstract one: that is main's.
 */
static struct ruleset
handled(enum sandbox_role role, int version)
{
	struct ruleset set = { .files = files_known(version) };

	if (role == SANDBOX_HELPER || role == SANDBOX_KEEPER)
		set.files &= ~(READ_FILE | READ_DIR | IOCTL_DEV);
	else if (version >= 4)
		set.ports = BIND_TCP;
	if (version >= 6 && role != SANDBOX_KEEPER)
		set.scopes = role == SANDBOX_WORKER ?
		    SCOPE_ABSTRACT | SCOPE_SIGNAL : SCOPE_SIGNAL;
	return (set);
}

static int
create(enum sandbox_role role, int version)
{
	const struct ruleset set = handled(role, version);
	const size_t size = version >= 6 ? sizeof(set) :
	    version >= 4 ? 2 * sizeof(uint64_t) : sizeof(uint64_t);

	return ((int)syscall(SYS_landlock_create_ruleset, &set, size, 0));
}

/* For sandbox_each_directory(): what may be done below it, by whom. */
struct grant {
	enum sandbox_role role;
	int version;
	uint64_t allowed;
};

/* What is not there, or not for us, cannot be written to either: it gets no rule. */
static void
allow(const char *path, void *arg)
{
	const struct grant *grant = arg;
	struct path_rule rule = {
		.allowed = grant->allowed & files_known(grant->version),
	};

	rule.fd = open(path, O_PATH | O_CLOEXEC);
	if (rule.fd == -1) {
		if (errno != ENOENT && errno != ENOTDIR && errno != EACCES)
			is_short = true;
		return;
	}
	if (syscall(SYS_landlock_add_rule, rulesets[grant->role], RULE_PATH,
	    &rule, 0) == -1)
		is_short = true;
	socket_close(rule.fd);
}

static void
allow_directory_of(char *path, struct grant *grant)
{
	char *slash = strrchr(path, '/');

	if (slash == NULL)
		return;
	slash[slash == path] = '\0';
	allow(path, grant);
}

/* The interpreter of the program's own ELF header: ld.so(8). */
static int
find_loader(struct dl_phdr_info *info, size_t size, void *arg)
{
	const char **loader = arg;
	size_t i;

	(void)size;
	for (i = 0; i < info->dlpi_phnum; i++) {
		if (info->dlpi_phdr[i].p_type == PT_INTERP)
			*loader = (const char *)(info->dlpi_addr +
			    info->dlpi_phdr[i].p_vaddr);
	}
	return (1);		/* the program comes first: no others */
}

static void
allow_programs(const char *program, int version)
{
	struct grant grant = { .role = SANDBOX_KEEPER, .version = version,
	    .allowed = EXECUTE };
	char path[PATH_MAX];
	const char *loader = NULL;
	ssize_t length;

	if (program != NULL && realpath(program, path) != NULL)
		allow_directory_of(path, &grant);
	length = readlink("/proc/self/exe", path, sizeof(path) - 1);
	if (length > 0) {
		path[length] = '\0';
		allow_directory_of(path, &grant);
	}
	(void)dl_iterate_phdr(find_loader, &loader);
	if (loader != NULL && realpath(loader, path) != NULL)
		allow_directory_of(path, &grant);
}

static void
allow_files(const struct plan *plan, int version)
{
	struct grant null = { .version = version, .allowed = WRITE_FILE };
	struct grant grant = { .version = version,
	    .allowed = WRITE_FILE | MAKE_REG | TRUNCATE };

	grant.role = SANDBOX_HELPER;
	sandbox_each_directory(plan, false, allow, &grant);
	grant.role = SANDBOX_KEEPER;
	grant.allowed |= MAKE_SOCK | REMOVE_FILE;
	sandbox_each_directory(plan, true, allow, &grant);
	grant.role = SANDBOX_MAIN;
	grant.allowed = REMOVE_FILE;
	sandbox_each_directory(plan, true, allow, &grant);
	null.role = SANDBOX_HELPER;
	allow("/dev/null", &null);
	null.role = SANDBOX_KEEPER;
	allow("/dev/null", &null);
}

static void
allow_any_port(enum sandbox_role role)
{
	const struct port_rule rule = { .allowed = BIND_TCP, .port = 0 };

	if (syscall(SYS_landlock_add_rule, rulesets[role], RULE_PORT, &rule,
	    0) == -1)
		is_short = true;
}

static void
close_all(void)
{
	int role;

	for (role = 0; role < SANDBOX_ROLES; role++) {
		if (rulesets[role] != -1)
			socket_close(rulesets[role]);
		rulesets[role] = -1;
	}
}

int
landlock_begin(const struct plan *plan, const char *program)
{
	const int version = (int)syscall(SYS_landlock_create_ruleset, NULL,
	    (size_t)0, RULESET_VERSION);
	int role;

	if (version < 1)
		return (0);
	for (role = 0; role < SANDBOX_ROLES; role++) {
		rulesets[role] = create((enum sandbox_role)role, version);
		if (rulesets[role] == -1)
			is_short = true;
	}
	allow_files(plan, version);
	allow_programs(program, version);
	if (version >= 4) {
		allow_any_port(SANDBOX_WORKER);
		allow_any_port(SANDBOX_MAIN);
	}
	if (!is_short)
		return (version);
	close_all();
	return (-1);
}

int
landlock_confine(enum sandbox_role role)
{
	return (rulesets[role] == -1 ? -1 :
	    (int)syscall(SYS_landlock_restrict_self, rulesets[role], 0));
}

#endif
