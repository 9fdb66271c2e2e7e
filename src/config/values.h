/* SPDX-License-Identifier: ISC */

/* values.h - how single values of a configuration file are read. */

#ifndef CONFIG_VALUES_H
#define CONFIG_VALUES_H

#include "config/keys.h"

/* values.c: into what they say, and key->max is the greatest allowed. */
scalar_fn value_duration;	/* uint64_t; above 0 */
scalar_fn value_duration_off;	/* and `off' */
scalar_fn value_shutdown;	/* and 0s */
scalar_fn value_seconds;	/* uint32_t; whole seconds, above 0 */
scalar_fn value_duration32;	/* uint32_t; milliseconds, above 0 */
scalar_fn value_limit;		/* uint64_t; above 0, or `off': 0 */
scalar_fn value_workers;	/* uint64_t; above 0, or `auto': 0 */
scalar_fn value_count32;	/* uint32_t; above 0 */
scalar_fn value_bits;		/* uint8_t */
scalar_fn value_memory;		/* uint64_t; a size, or `off': 0 */
scalar_fn value_size32;		/* uint32_t; a size, above 0 */
scalar_fn value_rate;		/* struct rate, or `off' */
scalar_fn value_bool;
scalar_fn value_not_bool;	/* false where it says true */
scalar_fn value_text;		/* const char *, not empty */
scalar_fn value_path;
scalar_fn value_user;
scalar_fn value_target;		/* const char *: where a log goes */
scalar_fn value_format;		/* enum log_format */
scalar_fn value_level;		/* enum log_severity */

/* values-net.c */
scalar_fn value_listen;		/* struct route */
scalar_fn value_upstream;	/* struct route */
scalar_fn value_allow;		/* struct route */
scalar_fn value_deny;		/* struct route */
scalar_fn value_source;		/* struct address */
scalar_fn value_interface;	/* const char * */
scalar_fn value_congestion;	/* const char * */
scalar_fn value_dscp;		/* struct tuning */
scalar_fn value_mark;		/* struct tuning */

/* What is wrong with a word that is none of a list; stays as above. */
const char *value_choose(const char *text, const char *const *list,
    size_t count, size_t *chosen);

#endif
