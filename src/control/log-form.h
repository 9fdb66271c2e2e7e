/* SPDX-License-Identifier: ISC */

/*
 * log-form.h - what becomes of a line of the log: text as it is, JSON, or the
 * fields of systemd's journal.
 *
 * For the logger's thread.  Nothing comes out but UTF-8, and no control
 * characters but the newline at the end of a line.
 */

#ifndef CONTROL_LOG_FORM_H
#define CONTROL_LOG_FORM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/log.h"

/* Room for any line in any form, and a terminating zero. */
#define FORM_MAX	(8 * 1024)

/* Of syslog(3). */
int form_priority(const struct log_record *record);

/* The time, the level, the text. */
size_t form_text(char *out, const struct log_record *record,
    const char *text);

/*
 * One object: time, level, event, and the fields of the line, numbers as
 * numbers, seconds as numbers without their s, a rest that has no form as
 * "text".  Returns the length, or 0 when it cannot be made: out of memory, or
 * built without jansson, which form_has_json() tells.
 */
size_t form_json(char *out, const struct log_record *record,
    const char *text);
bool form_has_json(void);

/*
 * A datagram for the journal: MESSAGE, PRIORITY, SYSLOG_IDENTIFIER and the
 * fields as MUXPROXY_*, names in capitals with _ for -.  message is of
 * FORM_MAX at the most.  Returns the length, within FORM_DATAGRAM_MAX.
 */
#define FORM_DATAGRAM_MAX	(3 * FORM_MAX)
size_t form_journal(char *out, const struct log_record *record,
    const char *text, const char *message);

#endif
