/* SPDX-License-Identifier: ISC */

/* report.c - what was measured, on one line: key=value, or JSON. */

#include "config.h"

#include <stdio.h>

#include "load.h"
#include "serve.h"

/* From this share of a processor on, who uses it has no more to give. */
#define BUSY	0.9

struct line {
	bool json;
	bool begun;
};

static void
put_name(struct line *line, const char *name)
{
	if (line->json)
		(void)printf("%s\"%s\":", line->begun ? "," : "{", name);
	else
		(void)printf("%s%s=", line->begun ? " " : "", name);
	line->begun = true;
}

static void
put_number(struct line *line, const char *name, double value)
{
	put_name(line, name);
	(void)printf("%.12g", value);
}

static void
put_word(struct line *line, const char *name, const char *word)
{
	put_name(line, name);
	(void)printf(line->json ? "\"%s\"" : "%s", word);
}

static void
put_latency(struct line *line, const struct load *load)
{
	static const struct {
		const char *name;
		double share;
	} quantiles[] = {
	    { "p50_us", 0.5 }, { "p99_us", 0.99 }, { "p999_us", 0.999 } };
	const struct histogram *latency = &load->tally.latency;
	unsigned i;

	if (latency->count == 0)
		return;
	for (i = 0; i < sizeof(quantiles) / sizeof(quantiles[0]); i++)
		put_number(line, quantiles[i].name, 1e-3 * (double)
		    histogram_quantile_ns(latency, quantiles[i].share));
	put_number(line, "max_us", 1e-3 * (double)latency->longest_ns);
}

static void
put_relay(struct line *line, const struct load *load, double bytes)
{
	const double cpu = (double)load->end.cpu_ns -
	    (double)load->begin.cpu_ns;
	const double memory = (double)load->end.memory -
	    (double)load->before.memory;
	const double operations = (double)load->tally.operations;

	if (load->begin.processes == 0 || load->end.processes == 0)
		return;
	put_number(line, "relay_cpu_s", cpu * 1e-9);
	put_number(line, "relay_user_s", 1e-9 * (double)(load->end.user_ns -
	    load->begin.user_ns));
	put_number(line, "relay_system_s", 1e-9 *
	    (double)(load->end.system_ns - load->begin.system_ns));
	put_number(line, "relay_waited_s", 1e-9 *
	    (double)(load->end.waited_ns - load->begin.waited_ns));
	if (operations > 0)
		put_number(line, "cpu_us_per_op", cpu * 1e-3 / operations);
	if (bytes > 0)
		put_number(line, "cpu_s_per_gb", cpu / bytes);
	put_number(line, "memory", memory);
	put_number(line, "memory_per_session", memory / load->count);
}

/* Of streams, from the first on and to the last. */
static double
total_bytes(const struct load *load)
{
	uint64_t sum = 0;
	unsigned i;

	for (i = 0; i < load->count; i++)
		if (load->clients[i].kind == KIND_UP)
			sum += load->clients[i].sent;
		else if (load->clients[i].kind == KIND_DOWN)
			sum += load->clients[i].received;
	return ((double)sum);
}

static const char *
limit_of(const struct load *load)
{
	const double all = (double)load->duration_ns;
	const double relay = (double)load->end.cpu_ns -
	    (double)load->begin.cpu_ns;
	const bool own_busy = (double)load->own_cpu_ns > BUSY * all;
	const bool relay_busy = relay > BUSY * all;

	if (own_busy)
		return (relay_busy ? "both" : "load");
	return (relay_busy ? "relay" : "none");
}

void
report_print(const struct load *load, bool json)
{
	const double seconds = 1e-9 * (double)load->duration_ns;
	const double bytes = (double)(load->up_received +
	    load->tally.down_received);
	struct line line = { .json = json };

	put_number(&line, "sessions", load->count);
	put_number(&line, "seconds", seconds);
	put_number(&line, "ops", (double)load->tally.operations);
	put_number(&line, "ops_per_s", (double)load->tally.operations /
	    seconds);
	put_number(&line, "bytes_up", (double)load->up_received);
	put_number(&line, "bytes_down", (double)load->tally.down_received);
	put_number(&line, "gb_per_s", bytes * 1e-9 / seconds);
	put_latency(&line, load);
	put_relay(&line, load, bytes);
	put_number(&line, "total_ops", (double)load->total_operations);
	put_number(&line, "total_bytes", total_bytes(load));
	put_number(&line, "load_cpu_s", 1e-9 * (double)load->own_cpu_ns);
	put_number(&line, "load_waited_s", 1e-9 * (double)load->own_wait_ns);
	put_word(&line, "limit", limit_of(load));
	put_number(&line, "failures", (double)load->failures);
	put_number(&line, "wrong", (double)load->wrong);
	(void)printf(json ? "}\n" : "\n");
}
