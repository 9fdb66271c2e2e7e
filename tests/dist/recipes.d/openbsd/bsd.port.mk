# SPDX-License-Identifier: ISC
#
# Stands in for the ports system of OpenBSD, as far as our port leans on it:
# configures, builds and installs in the way of that.  SOURCE and WRKINST are
# given.  Where this system is another: there are units of systemd unless told.

.for fact in COMMENT DISTNAME CATEGORIES HOMEPAGE MAINTAINER PERMIT_PACKAGE SITES \
    SHARED_LIBS WANTLIB
.if empty(${fact})
.error ${fact} is not set
.endif
.endfor

LOCALBASE = /usr/local
PREFIX = ${LOCALBASE}
TRUEPREFIX = ${PREFIX}
SYSCONFDIR = /etc

do-configure:
	cd ${SOURCE} && env ${CONFIGURE_ENV} ./configure --prefix=${PREFIX} \
	    --sysconfdir=${SYSCONFDIR} --mandir=${PREFIX}/man --infodir=${PREFIX}/info \
	    --localstatedir=/var --without-systemdsystemunitdir ${CONFIGURE_ARGS}

do-build:
	cd ${SOURCE} && ${MAKE} ${JOBS} all

do-fake:
	cd ${SOURCE} && ${MAKE} DESTDIR=${WRKINST} ${FAKE_FLAGS} install
	sed -e 's|$${TRUEPREFIX}|${TRUEPREFIX}|g' -e 's|$${SYSCONFDIR}|${SYSCONFDIR}|g' \
	    pkg/muxproxy.rc >${WRKINST}/muxproxy.rc

fake: do-configure do-build do-fake
