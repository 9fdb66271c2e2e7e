/* SPDX-License-Identifier: ISC */

/*
 * event.h - kqueue(2) as FreeBSD declares it, as far as the backend needs it,
 * for the simulated kernel.
 */

#ifndef SIM_SYS_EVENT_H
#define SIM_SYS_EVENT_H

#include <stdint.h>
#include <time.h>

#define EVFILT_READ	(-1)
#define EVFILT_WRITE	(-2)

#define EV_ADD		0x0001
#define EV_DELETE	0x0002
#define EV_CLEAR	0x0020
#define EV_ERROR	0x4000
#define EV_EOF		0x8000

#define NOTE_LOWAT	0x0001

struct kevent {
	uintptr_t ident;
	short filter;
	unsigned short flags;
	unsigned fflags;
	int64_t data;
	void *udata;
};

#define EV_SET(event, ident_, filter_, flags_, fflags_, data_, udata_)	\
	(*(event) = (struct kevent){ (ident_), (filter_), (flags_),	\
	    (fflags_), (data_), (udata_) })

int kqueue(void);
int kevent(int fd, const struct kevent *changes, int changes_count,
    struct kevent *events, int events_max, const struct timespec *timeout);

#endif
