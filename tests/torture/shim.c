/* SPDX-License-Identifier: ISC */

/*
 * shim.c - preloaded into muxproxy: one planned fault.
 *
 * TORTURE is KIND:N:ERROR:MODE. The N-th call of that kind fails with the
 * number ERROR, or moves one byte when that is "short"; MODE is "once", or
 * "on" for this call and all after it. TORTURE_CONTROL is a file of at least
 * sizeof(struct control), mapped by the driver's reads and writes: what was
 * counted is there at any time, also after a crash, and faults can be ended.
 * Also counted are what tells work from spinning, and the blocks of memory.
 *
 * One process is counted and failed: by TORTURE_WHO the first, or a successor,
 * which has MUXPROXY_UPGRADE in its environment; with what it forks until that
 * executes another program.  Nobody else is, such as who starts the program.
 *
 * Host names ending in .test are 127.0.0.1, or not known while the control
 * says so.
 */

#define _GNU_SOURCE
#include <sys/types.h>
#include <sys/mman.h>

#include <dlfcn.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shim.h"

#define NAME(name) #name,
static const char *const kind_names[] = { KINDS(NAME) };

/* The driver reads and writes it by pack(). */
struct control {
	_Atomic uint32_t is_off;	/* by the driver: no more faults */
	_Atomic uint32_t is_known;	/* by the driver: the names exist */
	_Atomic uint32_t fired;		/* calls that failed */
	_Atomic uint32_t turns;		/* waits of the loop */
	_Atomic uint32_t moves;		/* calls that moved something */
	_Atomic int32_t blocks;		/* of memory that are not freed */
	_Atomic int32_t blocks_left;	/* the same at exit */
	_Atomic uint32_t child;		/* the process that went on */
	uint32_t kinds;
	struct {
		char name[24];
		_Atomic uint32_t calls;
	} counts[KIND_COUNT];
};

static struct control *control;
static bool is_counted;
static enum kind plan_kind = KIND_COUNT;
static uint32_t plan_number;
static int plan_error;
static bool plan_goes_on;
static _Atomic int32_t early_blocks;	/* before there is a control */

/*
 * Some versions of glibc crash when memory fails while they look a name up, so
 * what is called in there does not fail; the look-up itself does.
 */
static _Thread_local __attribute__((tls_model("initial-exec")))
    int names_depth;

static void
read_plan(const char *plan)
{
	char kind[24], error[16], mode[8];
	unsigned int number;
	size_t i;

	if (plan == NULL || sscanf(plan, "%23[^:]:%u:%15[^:]:%7s", kind,
	    &number, error, mode) != 4)
		return;
	plan_number = number;
	plan_error = strcmp(error, "short") == 0 ? SHORT : atoi(error);
	plan_goes_on = strcmp(mode, "on") == 0;
	for (i = 0; i < KIND_COUNT; i++) {
		if (strcmp(kind_names[i], kind) == 0)
			plan_kind = (enum kind)i;
	}
}

static bool
is_program(void)
{
	return (strncmp(program_invocation_short_name, "muxproxy", 8) == 0);
}

static bool
is_who(const char *who)
{
	const bool is_successor = getenv("MUXPROXY_UPGRADE") != NULL;

	return (is_successor == (who != NULL && strcmp(who, "successor") == 0));
}

static void
begin_counting(struct control *mapped)
{
	size_t i;

	for (i = 0; i < KIND_COUNT; i++)
		(void)snprintf(mapped->counts[i].name,
		    sizeof(mapped->counts[i].name), "%s", kind_names[i]);
	mapped->kinds = KIND_COUNT;
	atomic_store(&mapped->blocks, atomic_load(&early_blocks));
	is_counted = true;
}

/* Its own calls here are not counted: the control is not there yet. */
__attribute__((constructor)) static void
begin(void)
{
	const char *path = getenv("TORTURE_CONTROL");
	struct control *mapped;
	int fd;

	if (path == NULL || !is_program() ||
	    (fd = open(path, O_RDWR | O_CLOEXEC)) == -1)
		return;
	read_plan(getenv("TORTURE"));
	mapped = mmap(NULL, sizeof(*mapped), PROT_READ | PROT_WRITE, MAP_SHARED,
	    fd, 0);
	(void)close(fd);
	if (mapped == MAP_FAILED)
		return;
	control = mapped;
	if (is_who(getenv("TORTURE_WHO")))
		begin_counting(mapped);
}

__attribute__((destructor)) static void
finish(void)
{
	if (is_counted)
		atomic_store(&control->blocks_left,
		    atomic_load(&control->blocks));
}

void
shim_move(bool moved)
{
	if (moved && control != NULL)
		(void)atomic_fetch_add(&control->moves, 1);
}

void
shim_turn(void)
{
	if (control != NULL)
		(void)atomic_fetch_add(&control->turns, 1);
}

int
shim_fault(enum kind kind)
{
	uint32_t number;

	if (!is_counted || kind == KIND_COUNT || names_depth > 0)
		return (0);
	number = atomic_fetch_add(&control->counts[kind].calls, 1) + 1;
	if (kind != plan_kind || atomic_load(&control->is_off) != 0 ||
	    (plan_goes_on ? number < plan_number : number != plan_number))
		return (0);
	(void)atomic_fetch_add(&control->fired, 1);
	return (plan_error);
}

void
shim_block(int change)
{
	(void)atomic_fetch_add(is_counted ? &control->blocks :
	    &early_blocks, change);
}

/*
 * The one that goes on was forked last, by a process that is forked for that;
 * the parents may come here in any order.
 */
void
shim_child(pid_t child)
{
	uint32_t before;

	if (control == NULL)
		return;
	before = atomic_load(&control->child);
	while (before < (uint32_t)child && !atomic_compare_exchange_weak(
	    &control->child, &before, (uint32_t)child))
		continue;
}

void
shim_in_names(int change)
{
	names_depth += change;
}

bool
shim_knows_names(void)
{
	return (control != NULL && atomic_load(&control->is_known) != 0);
}

/* ISO C has no cast for it. */
void
shim_next(void *function, const char *name)
{
	void *symbol = dlsym(RTLD_NEXT, name);

	memcpy(function, &symbol, sizeof(symbol));
}
