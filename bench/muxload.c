/* SPDX-License-Identifier: ISC */

/*
 * muxload.c - loads a relay, and says what it did and what it cost.
 *
 * It is both ends, clients and server, on one thread, so that it needs one
 * processor and knows what has arrived.
 */

#include "config.h"

#include <sys/resource.h>

#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "load.h"
#include "ring.h"
#include "serve.h"

static const char usage[] =
"Usage: muxload [options] KIND=CLIENTS [KIND=CLIENTS...]\n"
"       muxload [options] serve\n"
"\n"
"KIND is one of\n"
"  ping        send a request, wait for the response, send the next\n"
"  rush        connect, request, response, close; over and over\n"
"  up, down    bytes without end to or from the server\n"
"  idle        stay connected\n"
"\n"
"  -l, --listen ADDRESS    of the server                      [127.0.0.1:0]\n"
"  -c, --connect ADDRESS   where the clients connect: a relay in front of\n"
"                          the server, or, without -l, any   [the server]\n"
"  -s, --size BYTES        of a request and a response                 [64]\n"
"  -t, --seconds SECONDS   to measure                                   [2]\n"
"      --warmup SECONDS    before that                                [0.3]\n"
"      --opening N         connections that open at a time             [64]\n"
"      --watch SESSION     measure the processes of that session id\n"
"      --seed N            of the bytes that are sent                   [1]\n"
"      --verify            compare every byte, not samples\n"
"      --json              instead of key=value\n"
"  -h, --help\n"
"\n"
"Exit status: 0, or 1 when anything was lost or wrong.\n";

static const char *const kind_names[KINDS] = {
	[KIND_PING] = "ping", [KIND_IDLE] = "idle", [KIND_RUSH] = "rush",
	[KIND_UP] = "up", [KIND_DOWN] = "down" };

static const struct option long_options[] = {
	{ "listen", required_argument, NULL, 'l' },
	{ "connect", required_argument, NULL, 'c' },
	{ "size", required_argument, NULL, 's' },
	{ "seconds", required_argument, NULL, 't' },
	{ "warmup", required_argument, NULL, 'W' },
	{ "opening", required_argument, NULL, 'O' },
	{ "watch", required_argument, NULL, 'S' },
	{ "seed", required_argument, NULL, 'R' },
	{ "verify", no_argument, NULL, 'V' },
	{ "json", no_argument, NULL, 'J' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 } };

struct order {
	struct load load;
	struct server server;
	bool listens, connects, serves_only, json;
	uint64_t seed;
};

static double
number(const char *text, double least, double most)
{
	char *end;
	double value;

	errno = 0;
	value = strtod(text, &end);
	if (end == text || *end != '\0' || errno != 0 || !(value >= least) ||
	    value > most)
		errx(2, "%s: not a number from %g to %g", text, least, most);
	return (value);
}

static void
address(struct tcp_address *parsed, const char *text)
{
	if (tcp_parse(parsed, text) == -1)
		errx(2, "%s: not an address like 127.0.0.1:8888", text);
}

static void
set_option(struct order *order, int option, const char *value)
{
	struct load *load = &order->load;

	switch (option) {
	case 'l':
		address(&order->server.address, value);
		order->listens = true;
		break;
	case 'c':
		address(&load->address, value);
		order->connects = true;
		break;
	case 's':
		load->size = (size_t)number(value, 1, RING_SIZE);
		break;
	case 't':
		load->measure_ms = (uint64_t)(1e3 * number(value, 0.01, 86400));
		break;
	case 'W':
		load->warm_ms = (uint64_t)(1e3 * number(value, 0, 86400));
		break;
	case 'O':
		load->opening_limit = (unsigned)number(value, 1, 1e6);
		break;
	case 'S':
		load->watched = (long)number(value, 1, 1e9);
		break;
	case 'R':
		order->seed = (uint64_t)number(value, 0, 1e15);
		break;
	case 'V':
		load->verify = order->server.verify = true;
		break;
	case 'J':
		order->json = true;
		break;
	default:
		(void)fputs(usage, option == 'h' ? stdout : stderr);
		exit(option == 'h' ? 0 : 2);
	}
}

static void
set_kind(struct load *load, const char *argument)
{
	const char *equals = strchr(argument, '=');
	const size_t length = equals == NULL ? 0 : (size_t)(equals - argument);
	unsigned kind;

	for (kind = 0; kind < KINDS; kind++)
		if (length == strlen(kind_names[kind]) &&
		    strncmp(argument, kind_names[kind], length) == 0)
			break;
	if (kind == KINDS)
		errx(2, "%s: not a kind and its clients, like ping=64",
		    argument);
	load->counts[kind] = (unsigned)number(equals + 1, 0, 1e6);
}

static void
parse(struct order *order, int argc, char *argv[])
{
	struct load *load = &order->load;
	unsigned kind, sum = 0;
	int option;

	while ((option = getopt_long(argc, argv, "l:c:s:t:h", long_options,
	    NULL)) != -1)
		set_option(order, option, optarg);
	order->serves_only = argc - optind == 1 &&
	    strcmp(argv[optind], "serve") == 0;
	for (; optind < argc && !order->serves_only; optind++)
		set_kind(load, argv[optind]);
	for (kind = 0; kind < KINDS; kind++)
		sum += load->counts[kind];
	if (!order->serves_only && sum == 0)
		errx(2, "there is nothing to do; muxload --help tells more");
	if (load->counts[KIND_RUSH] > 0 && load->size < sizeof(struct hello))
		errx(2, "a rush needs requests of %zu bytes at least",
		    sizeof(struct hello));
}

static void
raise_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static void
stop(struct mux_loop *loop, int signo, void *arg)
{
	(void)signo, (void)arg;
	mux_loop_stop(loop);
}

static void
set_up(struct order *order)
{
	struct load *load = &order->load;
	struct server *server = &order->server;

	(void)signal(SIGPIPE, SIG_IGN);
	raise_limit();
	load->loop = server->loop = mux_loop_create();
	if (load->loop == NULL || ring_open(order->seed) == -1 ||
	    mux_signal_watch(load->loop, SIGTERM, stop, NULL) == -1 ||
	    mux_signal_watch(load->loop, SIGINT, stop, NULL) == -1)
		err(1, "cannot begin");
	if (order->connects && !order->listens)
		return;
	if (server_open(server) == -1)
		err(1, "cannot listen");
	load->server = server;
	if (!order->connects)
		load->address = server->address;
}

static void
tear_down(struct order *order)
{
	struct mux_loop *loop = order->load.loop;

	if (order->listens || !order->connects)
		server_close(&order->server);
	mux_signal_unwatch(loop, SIGTERM);
	mux_signal_unwatch(loop, SIGINT);
	mux_loop_destroy(loop);
}

int
main(int argc, char *argv[])
{
	struct order order = {
	    .seed = 1,
	    .load = { .size = 64, .opening_limit = 64, .warm_ms = 300,
	    .measure_ms = 2000 } };
	struct load *load = &order.load;

	address(&order.server.address, "127.0.0.1:0");
	parse(&order, argc, argv);
	set_up(&order);
	if (order.serves_only) {
		(void)printf("listening on port %u\n",
		    tcp_port(&order.server.address));
		(void)fflush(stdout);
		if (mux_loop_run(load->loop) == -1)
			err(1, "cannot serve");
		tear_down(&order);
		return (0);
	}
	if (load_run(load) == -1)
		err(1, "cannot load");
	load->wrong += order.server.wrong;
	load->failures += order.server.failures;
	if (load->duration_ns == 0)
		errx(1, "nothing was measured");
	report_print(load, order.json);
	load_free(load);
	tear_down(&order);
	return (load->wrong != 0 || load->failures != 0);
}
