/* SPDX-License-Identifier: ISC */

/*
 * watch.c - the processes of a session are the relay: one with threads, a
 * master with workers, or one for each connection, of which many may have
 * ended by now.
 */

#include "config.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "watch.h"

#define SECOND_NS	UINT64_C(1000000000)

static uint64_t
ns_of_ticks(unsigned long long ticks)
{
	return (ticks * SECOND_NS / (uint64_t)sysconf(_SC_CLK_TCK));
}

/* Its fields from the state on; NULL when the process has ended. */
static const char *
read_stat(const char *pid, char *text, size_t size)
{
	char path[64], *end;
	size_t length;
	FILE *file;

	(void)snprintf(path, sizeof(path), "/proc/%.20s/stat", pid);
	file = fopen(path, "r");
	if (file == NULL)
		return (NULL);
	length = fread(text, 1, size - 1, file);
	(void)fclose(file);
	text[length] = '\0';
	end = strrchr(text, ')');
	return (end == NULL ? NULL : end + 2);
}

/* Exact, unlike the ticks, where the kernel counts it. */
static uint64_t
threads_ns(const char *pid, uint64_t *waited_ns)
{
	unsigned long long ns, waited;
	struct dirent *entry;
	uint64_t sum = 0;
	char path[96];
	FILE *file;
	DIR *tasks;

	(void)snprintf(path, sizeof(path), "/proc/%.20s/task", pid);
	tasks = opendir(path);
	if (tasks == NULL)
		return (0);
	while ((entry = readdir(tasks)) != NULL) {
		(void)snprintf(path, sizeof(path),
		    "/proc/%.20s/task/%.20s/schedstat", pid, entry->d_name);
		file = entry->d_name[0] == '.' ? NULL : fopen(path, "r");
		if (file == NULL)
			continue;
		if (fscanf(file, "%llu %llu", &ns, &waited) == 2) {
			sum += ns;
			*waited_ns += waited;
		}
		(void)fclose(file);
	}
	(void)closedir(tasks);
	return (sum);
}

static uint64_t
memory_of(const char *pid)
{
	unsigned long long kib;
	uint64_t sum = 0;
	char line[256];
	FILE *file;

	(void)snprintf(line, sizeof(line), "/proc/%.20s/smaps_rollup", pid);
	file = fopen(line, "r");
	if (file == NULL)
		return (0);
	while (fgets(line, sizeof(line), file) != NULL)
		if (sscanf(line, "Pss_Anon: %llu", &kib) == 1 ||
		    sscanf(line, "Pss_Shmem: %llu", &kib) == 1)
			sum += kib * 1024;
	(void)fclose(file);
	return (sum);
}

static void
add_process(const char *pid, long session, struct watch_sample *sample,
    bool memory)
{
	unsigned long long user, system, child_user, child_system;
	const char *stat;
	char text[1024];
	uint64_t exact;
	long found;

	stat = read_stat(pid, text, sizeof(text));
	if (stat == NULL || sscanf(stat, "%*c %*d %*d %ld", &found) != 1 ||
	    found != session || sscanf(stat, "%*c %*d %*d %*d %*d %*d %*u "
	    "%*u %*u %*u %*u %llu %llu %llu %llu", &user, &system,
	    &child_user, &child_system) != 4)
		return;
	exact = threads_ns(pid, &sample->waited_ns);
	sample->processes++;
	sample->user_ns += ns_of_ticks(user + child_user);
	sample->system_ns += ns_of_ticks(system + child_system);
	sample->cpu_ns += exact != 0 ? exact : ns_of_ticks(user + system);
	sample->cpu_ns += ns_of_ticks(child_user + child_system);
	if (memory)
		sample->memory += memory_of(pid);
}

uint64_t
watch_own_wait_ns(void)
{
	uint64_t waited_ns = 0;

	(void)threads_ns("self", &waited_ns);
	return (waited_ns);
}

void
watch_session(long session, struct watch_sample *sample, bool memory)
{
	struct dirent *entry;
	DIR *processes;

	memset(sample, 0, sizeof(*sample));
	processes = session > 0 ? opendir("/proc") : NULL;
	if (processes == NULL)
		return;
	while ((entry = readdir(processes)) != NULL)
		if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9')
			add_process(entry->d_name, session, sample, memory);
	(void)closedir(processes);
}
