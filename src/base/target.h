/* SPDX-License-Identifier: ISC */

/*
 * target.h - a place to listen on or to connect to, as users write it.
 *
 * Parsing looks nothing up and opens nothing.
 */

#ifndef BASE_TARGET_H
#define BASE_TARGET_H

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A DNS name has at most 253 characters; an address may add a zone. */
#define TARGET_HOST_MAX	255

/* 107 bytes on Linux, 103 on the BSDs and macOS. */
#define TARGET_PATH_MAX	(sizeof(((struct sockaddr_un *)NULL)->sun_path) - 1)

/* Room for what target_format() writes. */
#define TARGET_TEXT_SIZE	(TARGET_HOST_MAX + sizeof("[]:65535-65535"))

/* Room for what target_pairs() writes. */
#define TARGET_PAIRS_SIZE	(2 * TARGET_TEXT_SIZE + 128)

enum target_kind {
	TARGET_INET,		/* host and port, or a range of ports */
	TARGET_UNIX,		/* path */
	TARGET_BUILTIN,		/* service; upstreams only */
	TARGET_SYSTEMD		/* host: name of a socket; listeners only */
};

enum target_service { SERVICE_ECHO, SERVICE_DISCARD, SERVICE_CHARGEN };

struct target {
	enum target_kind kind;
	enum target_service service;
	uint16_t port;			/* 1 to 65535; of a range, the first */
	uint16_t ports;			/* how many; 0 where there is none */
	char host[TARGET_HOST_MAX + 1];	/* without brackets; "": any address */
	char path[TARGET_PATH_MAX + 1];
};

/*
 * Read LISTEN and UPSTREAM as the command line has them.  They return NULL
 * and fill *target, or return what is wrong, a constant string.
 */
const char *target_parse_listen(struct target *target, const char *text);
const char *target_parse_upstream(struct target *target, const char *text);

/*
 * Writes the target in its canonical form, such as [::1]:8888, *:80-89 or
 * unix:/run/x, into `out' of at least TARGET_TEXT_SIZE bytes; returns out.
 */
char *target_format(char *out, size_t size, const struct target *target);

/* Hosts are compared as they are written; a name is not looked up. */
bool target_equal(const struct target *a, const struct target *b);

/* Whether one of the ports, the path or the name is the same. */
bool target_overlaps(const struct target *a, const struct target *b);

/*
 * Whether a listener may have this upstream: the n-th of its ports goes to
 * the n-th port of a range, so there are as many, and any port to a single
 * one.  If not, says why in `out', of at least TARGET_PAIRS_SIZE bytes.
 */
bool target_pairs(const struct target *listener,
    const struct target *upstream, char *out, size_t size);

#endif
