# SPDX-License-Identifier: ISC
#
# Stands in for the ports system of FreeBSD, as far as our port leans on it:
# configures, builds and stages in the way of that.  SOURCE and STAGEDIR are
# given.  Where this system is another: there are units of systemd unless told.

.for fact in PORTNAME DISTVERSION CATEGORIES MASTER_SITES MAINTAINER COMMENT WWW LICENSE
.if empty(${fact})
.error ${fact} is not set
.endif
.endfor

LOCALBASE = /usr/local
PREFIX = ${LOCALBASE}
WRKSRC = ${SOURCE}
EXAMPLESDIR = ${PREFIX}/share/examples/${PORTNAME}
MKDIR = mkdir -p
INSTALL_DATA = install -m 0644

do-configure:
	cd ${WRKSRC} && ./configure --prefix=${PREFIX} --localstatedir=/var \
	    --mandir=${PREFIX}/share/man --without-systemdsystemunitdir ${CONFIGURE_ARGS}

do-build:
	cd ${WRKSRC} && ${MAKE} ${JOBS} ${MAKE_ARGS} all

do-install:
	cd ${WRKSRC} && ${MAKE} ${MAKE_ARGS} DESTDIR=${STAGEDIR} ${INSTALL_TARGET}
	${MKDIR} ${STAGEDIR}${PREFIX}/etc/rc.d ${STAGEDIR}${PREFIX}/libdata/pkgconfig
.for script in ${USE_RC_SUBR}
	sed 's|%%PREFIX%%|${PREFIX}|g' files/${script}.in >${STAGEDIR}${PREFIX}/etc/rc.d/${script}
.endfor
.if ${USES:Mlibtool}
	rm -f ${STAGEDIR}${PREFIX}/lib/*.la
.endif
	mv ${STAGEDIR}${PREFIX}/lib/pkgconfig/*.pc ${STAGEDIR}${PREFIX}/libdata/pkgconfig
	gzip ${STAGEDIR}${PREFIX}/share/man/man*/*

stage: do-configure do-build do-install post-install
