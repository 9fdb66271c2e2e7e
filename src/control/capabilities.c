/* SPDX-License-Identifier: ISC */

/*
 * capabilities.c - the privileges of Linux, see capabilities(7).
 *
 * By system calls, as libcap is no part of the C library.  What is told of a
 * thread is of that thread alone; others have it from who started them.
 */

#include "control/capabilities.h"

#ifdef __linux__

#include <sys/types.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <linux/capability.h>

#include <errno.h>
#include <stdint.h>
#include <unistd.h>

#ifndef PR_CAP_AMBIENT
#define PR_CAP_AMBIENT		47
#define PR_CAP_AMBIENT_LOWER	3
#endif

#define BIT(capability)	(UINT64_C(1) << (capability))

/*
 * Of root: files of other users, low ports, marks and interfaces, more
 * descriptors, and pipes of full size.
 */
#define ROOT_KEEPS	(BIT(CAP_DAC_OVERRIDE) | BIT(CAP_DAC_READ_SEARCH) | \
	BIT(CAP_FOWNER) | BIT(CAP_CHOWN) | BIT(CAP_NET_BIND_SERVICE) | \
	BIT(CAP_NET_ADMIN) | BIT(CAP_NET_RAW) | BIT(CAP_SYS_RESOURCE))
#define CAPABILITIES	64

/* Of one thread: 64 bits in two words. */
struct sets {
	struct __user_cap_header_struct header;
	struct __user_cap_data_struct words[2];
};

static int
read_sets(struct sets *sets)
{
	*sets = (struct sets){
		.header = { .version = _LINUX_CAPABILITY_VERSION_3 },
	};
	return ((int)syscall(SYS_capget, &sets->header, sets->words));
}

/* Leaves no more than `keep' in any set; whether that took anything away. */
static bool
narrow(struct sets *sets, uint64_t keep)
{
	struct __user_cap_data_struct *word;
	bool is_less = false;
	uint32_t mask;
	int i;

	for (i = 0; i < 2; i++) {
		word = &sets->words[i];
		mask = (uint32_t)(keep >> (32 * i));
		is_less = is_less || ((word->permitted | word->effective |
		    word->inheritable) & ~mask) != 0;
		word->permitted &= mask;
		word->effective &= mask;
		word->inheritable &= mask;
	}
	return (is_less);
}

/*
 * Has no more than `keep' in any set, ambient ones included.  Where that is so
 * already nothing is set, for a service manager's filter may refuse capset(2).
 */
static int
keep_only(uint64_t keep)
{
	struct sets sets;
	unsigned long capability;

	/* goes with the others on its own; kernels before 4.3 have none */
	for (capability = 0; capability < CAPABILITIES; capability++) {
		if ((keep & BIT(capability)) == 0)
			(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_LOWER,
			    capability, 0, 0);
	}
	if (read_sets(&sets) == -1)
		return (-1);
	return (narrow(&sets, keep) ? (int)syscall(SYS_capset, &sets.header,
	    sets.words) : 0);
}

void
capabilities_bound(bool all)
{
	const uint64_t keep = all ? 0 : ROOT_KEEPS;
	unsigned long capability;

	for (capability = 0; capability < CAPABILITIES; capability++) {
		if ((keep & BIT(capability)) == 0)
			(void)prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
	}
}

int
capabilities_limit(struct capabilities_need need)
{
	if (geteuid() == 0)
		return (keep_only(ROOT_KEEPS));
	return (keep_only(BIT(CAP_NET_BIND_SERVICE) |
	    (need.marks ? BIT(CAP_NET_ADMIN) : 0)));
}

int
capabilities_give_up_ports(void)
{
	return (keep_only(~BIT(CAP_NET_BIND_SERVICE)));
}

#else

void
capabilities_bound(bool all)
{
	(void)all;
}

int
capabilities_limit(struct capabilities_need need)
{
	(void)need;
	return (0);
}

int
capabilities_give_up_ports(void)
{
	return (0);
}

#endif
