/* SPDX-License-Identifier: ISC */

/* world.c - one relay among its peers, from a seed to the end of all. */

#include <sys/types.h>
#include <sys/socket.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/socket.h"
#include "base/units.h"
#include "crew.h"
#include "dice.h"
#include "inspect.h"
#include "library.h"
#include "memory.h"
#include "names.h"
#include "operator.h"
#include "oracles.h"
#include "peers.h"
#include "reloads.h"
#include "relay/session.h"
#include "socks.h"
#include "splices.h"
#include "targets.h"
#include "unix.h"
#include "world.h"

#define CLIENTS_MAX	8
#define FAULTS_MS	2000
#define LIBRARY_IN	16	/* so many lives, one uses libmux by itself too */
#define LIFE_MS		(600 * 1000)
#define LIMIT_MS	300
#define LIMITED_IN	4	/* so many lives, one has limits */
#define STARTS_MAX	20	/* that may fail, for faults */
#define STEP_MS		1000
#define TURNS_MAX	1000000

static struct {
	struct peer peers[CONNS_MAX];
	size_t peers_count;
	bool is_serving;		/* before, nobody comes */
	size_t clients_left;
	uint64_t client_ns;	/* when the next one comes */
	struct worker *worker;
	struct log *log;
	struct line *line;
	unsigned long lines;		/* of sessions */
	struct peer *clients[CONNS_MAX + 1];	/* by the relay's number */
} world;

static void
peer_create(struct conn *conn)
{
	struct peer *peer = &world.peers[world.peers_count];

	peer_init(peer, conn, (uint64_t)++world.peers_count << 32);
}

static void
open_client(void)
{
	struct conn *conn;

	if (!world.is_serving || world.clients_left == 0 ||
	    world.client_ns > kernel.now_ns)
		return;
	world.client_ns = kernel.now_ns + dice_below(20) * NS_PER_MS;
	if (kernel.is_stopped) {
		world.clients_left = 0;		/* nobody listens */
		return;
	}
	if (kernel.backlog_used == kernel.backlog_limit)
		return;		/* a SYN is lost, and comes again */
	conn = conn_create(false);
	if (conn == NULL)
		return;
	if (dice_one_in(2))
		conn->family = AF_INET6;
	world.clients_left--;
	trace("a client comes");
	conn_accept(conn);
	peer_create(conn);
}

/* Whom the relay has reached since the last time. */
static void
create_peers(void)
{
	size_t i;

	for (i = 0; i < kernel.conns_count; i++) {
		if (kernel.conns[i]->user == NULL &&
		    !kernel.conns[i]->is_self &&
		    !kernel.conns[i]->is_pair && kernel.conns[i]->state == CONN_OPEN)
			peer_create(kernel.conns[i]);
	}
}

void
world_run(void)
{
	size_t i;

	network_run();
	names_run();
	operator_run();
	open_client();
	create_peers();
	for (i = 0; i < world.peers_count; i++)
		peer_run(&world.peers[i]);
	joins_run();
}

int
world_connect(struct conn *conn, const struct sockaddr *sa)
{
	if (sa->sa_family == AF_UNIX)
		return (unix_connect(conn));
	conn_connect(conn);
	return (0);
}

uint64_t
world_next_ns(void)
{
	uint64_t next_ns = network_next_ns();
	const uint64_t others_ns[] = { names_next_ns(), operator_next_ns() };
	size_t i;

	for (i = 0; i < sizeof(others_ns) / sizeof(others_ns[0]); i++) {
		if (others_ns[i] < next_ns)
			next_ns = others_ns[i];
	}
	if (world.is_serving && world.clients_left > 0 &&
	    world.client_ns < next_ns)
		next_ns = world.client_ns;
	for (i = 0; i < world.peers_count; i++) {
		if (!peer_is_done(&world.peers[i]) &&
		    world.peers[i].wake_ns < next_ns)
			next_ns = world.peers[i].wake_ns;
	}
	return (next_ns > kernel.now_ns ? next_ns : kernel.now_ns + 1);
}

static struct peer *
peer_of(int fd)
{
	const struct desc *desc = desc_of(fd);

	return (desc == NULL || desc->conn == NULL ? NULL : desc->conn->user);
}

/* An echo is its own partner; the others send nothing that was sent. */
static void
pair_with_builtin(struct peer *client, enum target_service service)
{
	if (client->service != -1)
		return;
	client->service = (int)service;
	client->partner = service == SERVICE_ECHO ? client : NULL;
	client->conn->is_stirred = true;
}

/* Which upstream connection belongs to which client, only the relay knows. */
static void
pair_peers(void)
{
	const struct session *session;
	struct peer *client, *upstream;

	create_peers();
	for (session = world.worker->sessions; session != NULL;
	    session = session->next) {
		client = peer_of(session->client.fd);
		upstream = peer_of(session->upstream.fd);
		if (client != NULL && session->upstream.fd != -1 &&
		    session->server->target->kind == TARGET_BUILTIN)
			pair_with_builtin(client,
			    session->server->target->service);
		if (client == NULL || upstream == NULL)
			continue;
		client->partner = upstream;
		upstream->partner = client;
		client->is_relayed = upstream->is_relayed = true;
		world.clients[session->id] = client;
	}
}

static size_t
id_of(const char *text)
{
	const unsigned long id = strtoul(text + strlen("session id="), NULL, 10);

	if (id == 0 || id > CONNS_MAX)
		violated("log", "%s", text);
	return (id);
}

static void
read_log(void)
{
	char text[LOG_TEXT_MAX + 1];
	struct log_record record;

	while (log_take(world.log, &record, text)) {
		trace("log: %s", text);
		if (strncmp(text, "session ", strlen("session ")) != 0)
			continue;
		world.lines++;
		oracle_log(text, world.clients[id_of(text)]);
	}
}

static bool
is_over(void)
{
	size_t i;

	for (i = 0; i < world.peers_count; i++) {
		if (!peer_is_done(&world.peers[i]))
			return (false);
	}
	return (world.clients_left == 0 && world.worker->sessions == NULL &&
	    kernel.backlog_used == 0);
}

static void
turn_to_the_end(struct mux_loop *loop)
{
	const uint64_t end_ns = kernel.now_ns + LIFE_MS * NS_PER_MS;
	unsigned turns = 0;

	while (!is_over()) {
		if (mux_loop_once(loop, STEP_MS) == -1)
			violated("loop", "mux_loop_once() failed");
		pair_peers();
		read_log();
		inspect_worker(world.worker);
		crew_inspect(world.worker);
		operator_turn();
		reloads_turn();
		if (kernel.now_ns > end_ns || ++turns > TURNS_MAX)
			violated("end", "it goes on and on: %zu sessions",
			    world.worker->acceptor.sessions_count);
	}
}

/* No descriptor and no memory is left. */
static void
check_back(long blocks)
{
	int fd;

	if (memory_blocks() != blocks)
		violated("memory", "%ld blocks are left",
		    memory_blocks() - blocks);
	for (fd = FD_FIRST; fd < FD_END; fd++) {
		if (desc_of(fd) != NULL)
			violated("descriptor", "%d was never closed", fd);
	}
}

static void
begin(uint64_t seed)
{
	size_t i;

	dice_seed(seed);
	kernel_reset();
	memset(&world, 0, sizeof(world));
	world.clients_left = 1 + dice_below(CLIENTS_MAX);
	kernel.is_relay = true;
	kernel.is_netbsd = !socket_tells_failure && seed % 2 == 0;
	kernel.has_rdhup = dice_one_in(2);
	kernel.waiters = (int)dice_below(3);
	kernel.limit_ns = dice_one_in(LIMITED_IN) ? LIMIT_MS * NS_PER_MS :
	    NEVER_NS;
	kernel.backlog_limit = 1 + dice_below(4);
	kernel.faults_end_ns = kernel.now_ns + FAULTS_MS * NS_PER_MS;
	for (i = 0; i < FAULT_COUNT; i++) {
		if (dice_one_in(3))
			kernel.rates[i] = 2 + dice_below(40);
	}
}

/* In some lives each session has lines at its start and while it lives. */
static void
wish(struct log *log)
{
	const struct log_wishes wishes = {
		.threshold = SEVERITY_INFO,
		.session_threshold = SEVERITY_INFO,
		.has_sessions = true,
		.has_starts = dice_one_in(2),
		.interval_ms = 1 + dice_below(100),
	};

	if (log != NULL && log_wants(log, SEVERITY_INFO) && dice_one_in(8))
		log_wish(log, &wishes);
}

/* All that a relay consists of, or nothing. */
static struct mux_loop *
create(const struct route *route, size_t sessions_max)
{
	struct mux_loop *loop;

	loop = mux_loop_create();
	world.log = log_create(dice_one_in(8) ? SEVERITY_WARNING :
	    dice_one_in(4) ? SEVERITY_DEBUG : SEVERITY_INFO, -1);
	wish(world.log);
	world.line = line_create(route, 1, NULL, NULL);
	world.worker = loop == NULL || world.log == NULL ||
	    world.line == NULL ? NULL : crew_create(loop, world.log,
	    world.line, sessions_max);
	if (world.worker != NULL)
		return (loop);
	line_release(world.line);
	mux_loop_destroy(loop);
	log_destroy(world.log);
	return (NULL);
}

/* A start that fails leaves nothing behind, and another one may succeed. */
static struct mux_loop *
start(const struct route *route)
{
	const size_t sessions_max = 1 + dice_below(CLIENTS_MAX);
	const long blocks = memory_blocks();
	struct mux_loop *loop;
	unsigned tries = 0;

	while ((loop = create(route, sessions_max)) == NULL) {
		check_back(blocks);
		if (++tries == STARTS_MAX)
			kernel.faults_end_ns = kernel.now_ns;
		else if (tries > STARTS_MAX)
			violated("start", "it fails without a fault");
	}
	return (loop);
}

static void
use_library(long blocks)
{
	const uint64_t end_ns = kernel.faults_end_ns;

	kernel.faults_end_ns = 0;
	library_live();
	kernel.faults_end_ns = end_ns;
	check_back(blocks);
}

unsigned long
world_live(uint64_t seed)
{
	struct target upstreams[TARGETS_MAX];
	struct route route = { .name = "sim", .upstreams = upstreams,
	    .connect_timeout_ms = 1000 };
	const long blocks = memory_blocks();
	unsigned long refused;
	struct mux_loop *loop;

	begin(seed);
	targets_limit(&route);
	route.idle_timeout_ms = route.half_close_timeout_ms =
	    kernel.limit_ns == NEVER_NS ? DURATION_OFF : LIMIT_MS;
	if (dice_one_in(LIBRARY_IN))
		use_library(blocks);
	kernel.upstreams = route.upstreams_count = targets_choose(upstreams);
	loop = start(&route);
	world.is_serving = true;
	operator_begin(loop, world.worker);
	reloads_begin(world.worker, crew_acceptor(world.worker), world.line,
	    &route);
	turn_to_the_end(loop);
	operator_end();
	world.line = reloads_end();
	refused = (unsigned long)crew_acceptor(world.worker)->gate.refused;
	crew_destroy(world.worker);
	line_release(world.line);
	mux_loop_destroy(loop);
	if (log_wants(world.log, SEVERITY_INFO) &&
	    world.lines + refused != kernel.accepted)
		violated("log", "%lu lines of %lu sessions", world.lines,
		    kernel.accepted);
	log_destroy(world.log);
	check_back(blocks);
	return (kernel.accepted);
}
