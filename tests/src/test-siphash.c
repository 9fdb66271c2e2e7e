/* SPDX-License-Identifier: ISC */

/* test-siphash.c - the keyed hash against what its authors say. */

#include <string.h>

#include "base/siphash.h"
#include "tap.h"
#include "units.h"

void
test_siphash(void)
{
	/* the example of the paper: bytes counted from 0 */
	const struct siphash_key key = { { UINT64_C(0x0706050403020100),
	    UINT64_C(0x0f0e0d0c0b0a0908) } };
	struct siphash_key one = { { 0, 0 } }, other = { { 0, 0 } };
	uint8_t data[15];
	unsigned i;

	for (i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)i;
	ok(siphash(&key, data, sizeof(data)) == UINT64_C(0xa129ca6149be45e5),
	    "a hash of fifteen bytes");
	ok(siphash(&key, data, 0) == UINT64_C(0x726fdb47dd0e0e31),
	    "and of none");
	ok(siphash_key_create(&one) == 0 && siphash_key_create(&other) == 0 &&
	    memcmp(&one, &other, sizeof(one)) != 0, "each key is another");
}
