/* SPDX-License-Identifier: ISC */

/* tuning.h - what a route sets on its sockets beside what all have. */

#ifndef BASE_TUNING_H
#define BASE_TUNING_H

#include <stdbool.h>
#include <stdint.h>

/* 0 and NULL: as the system has it, unless it says otherwise. */
struct tuning {
	bool keepalive_off;
	uint32_t keepalive_idle_s, keepalive_interval_s, keepalive_count;
	uint32_t user_timeout_ms;	/* TCP_USER_TIMEOUT, RFC 5482 */
	uint32_t send_buffer_bytes, receive_buffer_bytes;
	bool fast_open;			/* RFC 7413 */
	bool mptcp;			/* RFC 8684, where the system has it */
	bool has_dscp, has_mark;
	uint8_t dscp;			/* 0 to 63, RFC 2474 */
	uint32_t mark;			/* SO_MARK, of Linux */
	const char *congestion;		/* TCP_CONGESTION: its algorithm */
	const char *interface;		/* SO_BINDTODEVICE and the like */
};

#endif
