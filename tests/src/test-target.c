/* SPDX-License-Identifier: ISC */

/* test-target.c - LISTEN and UPSTREAM as users write them. */

#include <stdio.h>
#include <string.h>

#include "base/target.h"
#include "tap.h"
#include "units.h"

typedef const char *parse_fn(struct target *target, const char *text);

/* Parses, and writes again in the canonical form. */
static void
becomes(parse_fn *parse, const char *text, const char *want)
{
	char out[TARGET_TEXT_SIZE];
	struct target target;
	const char *problem;

	problem = parse(&target, text);
	if (!ok(problem == NULL && strcmp(target_format(out, sizeof(out),
	    &target), want) == 0, "'%s' is %s", text, want))
		diag("%s", problem != NULL ? problem : out);
}

static void
refuses(parse_fn *parse, const char *text)
{
	struct target target;

	ok(parse(&target, text) != NULL, "%s refuses '%.60s'",
	    parse == target_parse_listen ? "LISTEN" : "UPSTREAM", text);
}

static void
test_listen(void)
{
	static const char *const bad[] = { "", "0", "65536", "80x", "-1", "+80",
	    " 80", "80 ", ":", ":0", ":x", "host:", "host:65536", "::1:80",
	    "[::1]", "[::1]80", "[::1", "[]:80", "a b:80", "a/b:80", "a=b:80",
	    "unix:", "builtin:echo", "8888:9000", "*", "a*:80", "localhost",
	    "tcp://127.0.0.1:80", "127.0.0.1::80", "systemd:", "systemd:a:b",
	    "systemd:a\tb", "systemd:\xc3\xa4", "8000-", "8000-x", "8000-8010x",
	    "8000-8010-8020", "8010-8000", "8000-8000", "0-10", "65530-65536",
	    "::1:8000-8010", "8000 - 8010", "8000--8010", "a-1" };
	size_t i;

	becomes(target_parse_listen, "8888", "*:8888");
	becomes(target_parse_listen, ":8888", "*:8888");
	becomes(target_parse_listen, "*:8888", "*:8888");
	becomes(target_parse_listen, "65535", "*:65535");
	becomes(target_parse_listen, "127.0.0.1:1", "127.0.0.1:1");
	becomes(target_parse_listen, "[::1]:8888", "[::1]:8888");
	becomes(target_parse_listen, "[fe80::1%eth0]:8888",
	    "[fe80::1%eth0]:8888");
	becomes(target_parse_listen, "[127.0.0.1]:80", "127.0.0.1:80");
	becomes(target_parse_listen, "localhost:80", "localhost:80");
	becomes(target_parse_listen, "unix:/run/a:b", "unix:/run/a:b");
	becomes(target_parse_listen, "systemd:web", "systemd:web");
	becomes(target_parse_listen, "systemd:a b=c", "systemd:a b=c");
	becomes(target_parse_listen, "[systemd]:1", "[systemd]:1");
	becomes(target_parse_listen, "8000-8010", "*:8000-8010");
	becomes(target_parse_listen, "1-65535", "*:1-65535");
	becomes(target_parse_listen, "127.0.0.1:8000-8001", "127.0.0.1:8000-8001");
	becomes(target_parse_listen, "[::1]:8000-8010", "[::1]:8000-8010");
	becomes(target_parse_listen, "my-host:8000-8010", "my-host:8000-8010");
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		refuses(target_parse_listen, bad[i]);
}

static void
test_upstream(void)
{
	static const char *const bad[] = { "", "9000", ":9000", "host", "host:",
	    "host:0", "host:x", "::1:80", "[::1]:", "unix:", "builtin:",
	    "builtin:Echo", "builtin:echo2", "*:80", "80:80",
	    "/run/x.sock", "tcp:host:80", "host:1,host:2", "systemd:web",
	    "9000-9010", "host:9010-9000", "host:9000-9000", "host:1-65536",
	    "host:-9000", "host:9000-" };
	size_t i;

	becomes(target_parse_upstream, "db.example:5432", "db.example:5432");
	becomes(target_parse_upstream, "[2001:db8::1]:1", "[2001:db8::1]:1");
	becomes(target_parse_upstream, "[unix]:1", "[unix]:1");
	becomes(target_parse_upstream, "[builtin]:1", "[builtin]:1");
	becomes(target_parse_upstream, "[systemd]:1", "[systemd]:1");
	becomes(target_parse_upstream, "up:9000-9010", "up:9000-9010");
	becomes(target_parse_upstream, "unix:x", "unix:x");
	becomes(target_parse_upstream, "builtin:echo", "builtin:echo");
	becomes(target_parse_upstream, "builtin:discard", "builtin:discard");
	becomes(target_parse_upstream, "builtin:chargen", "builtin:chargen");
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		refuses(target_parse_upstream, bad[i]);
}

/* The limits to the byte: accepted at, refused beyond, never cut. */
static void
test_lengths(void)
{
	char text[600];
	struct target target;

	(void)snprintf(text, sizeof(text), "unix:%0107d", 0);
	ok(target_parse_listen(&target, text) == NULL &&
	    strlen(target.path) == 107, "a path of 107 bytes");
	(void)snprintf(text, sizeof(text), "unix:%0108d", 0);
	refuses(target_parse_listen, text);
	(void)snprintf(text, sizeof(text), "a%0254d:1", 0);
	ok(target_parse_upstream(&target, text) == NULL &&
	    strlen(target.host) == 255, "a host of 255 bytes");
	(void)snprintf(text, sizeof(text), "a%0255d:1", 0);
	refuses(target_parse_upstream, text);
	(void)snprintf(text, sizeof(text), "systemd:%0255d", 0);
	ok(target_parse_listen(&target, text) == NULL &&
	    strlen(target.host) == 255, "a socket's name of 255 bytes");
	(void)snprintf(text, sizeof(text), "systemd:%0256d", 0);
	refuses(target_parse_listen, text);
	ok(target_parse_listen(&target, "1-65535") == NULL &&
	    target.port == 1 && target.ports == 65535, "all ports");
	ok(target_parse_listen(&target, "65535") == NULL &&
	    target.ports == 1, "a port is one");
}

static bool
same(const char *a, const char *b)
{
	struct target first, second;

	return (target_parse_listen(&first, a) == NULL &&
	    target_parse_listen(&second, b) == NULL &&
	    target_equal(&first, &second));
}

static void
test_equal(void)
{
	struct target echo, discard;

	ok(same("8888", ":8888"), "a bare port is the wildcard");
	ok(same("Host:80", "host:80"), "case of a name does not count");
	ok(!same("8888", "127.0.0.1:8888"), "an address is not the wildcard");
	ok(!same("8888", "8889"), "ports count");
	ok(!same("unix:/a", "unix:/A"), "case of a path counts");
	ok(!same("unix:/a", "8888"), "kinds count");
	ok(target_parse_upstream(&echo, "builtin:echo") == NULL &&
	    target_parse_upstream(&discard, "builtin:discard") == NULL &&
	    target_equal(&echo, &echo) && !target_equal(&echo, &discard),
	    "services count");
	ok(same("systemd:web", "systemd:web"), "a name of systemd");
	ok(!same("systemd:web", "systemd:Web"), "case of that counts");
	ok(same("8000-8010", ":8000-8010"), "the same range");
	ok(!same("8000-8010", "8000-8011") && !same("8000-8010", "8000") &&
	    !same("8001-8010", "8000-8010"), "a range counts");
}

static bool
overlap(const char *a, const char *b)
{
	struct target first, second;

	return (target_parse_listen(&first, a) == NULL &&
	    target_parse_listen(&second, b) == NULL &&
	    target_overlaps(&first, &second) &&
	    target_overlaps(&second, &first));
}

static void
test_overlaps(void)
{
	ok(overlap("8000-8010", "8010-8020"), "the last port is the first");
	ok(overlap("8000-8010", "8005"), "a port within a range");
	ok(overlap("1-65535", "65535"), "the last of all ports");
	ok(!overlap("8000-8010", "8011-8020"), "ranges side by side");
	ok(!overlap("8000-8010", "8011") && !overlap("8000-8010", "7999"),
	    "a port beside a range");
	ok(!overlap("a:8000-8010", "b:8000-8010"), "hosts count");
	ok(overlap("unix:/a", "unix:/a") && !overlap("unix:/a", "unix:/b"),
	    "paths");
	ok(overlap("systemd:a", "systemd:a") && !overlap("systemd:a", "systemd:b"),
	    "names of systemd");
}

/* `says' is NULL when the two go together. */
static void
pairs(const char *listen, const char *upstream, const char *says)
{
	char why[TARGET_PAIRS_SIZE] = "";
	struct target from, to;
	bool fit;

	if (target_parse_listen(&from, listen) != NULL ||
	    target_parse_upstream(&to, upstream) != NULL)
		bail_out(listen);
	fit = target_pairs(&from, &to, why, sizeof(why));
	if (!ok(fit == (says == NULL) && (fit || strstr(why, says) != NULL),
	    "%s to %s", listen, upstream))
		diag("%s", why);
}

static void
test_pairs(void)
{
	pairs("8000", "a:1", NULL);
	pairs("8000-8010", "a:1", NULL);
	pairs("8000-8010", "unix:/x", NULL);
	pairs("8000-8010", "a:9000-9010", NULL);
	pairs("1-65535", "a:1-65535", NULL);
	pairs("unix:/x", "a:1", NULL);
	pairs("8000-8010", "a:9000-9009",
	    "'*:8000-8010' has 11 ports, and 'a:9000-9009' has 10");
	pairs("8000", "a:9000-9001", "'*:8000' has 1 port, and");
	pairs("unix:/x", "a:9000-9001", "'unix:/x' has no port, and");
	pairs("systemd:x", "a:9000-9001", "'systemd:x' has no port, and");
}

void
test_target(void)
{
	test_listen();
	test_upstream();
	test_lengths();
	test_equal();
	test_overlaps();
	test_pairs();
}
