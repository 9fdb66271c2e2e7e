/* SPDX-License-Identifier: ISC */

/* help.c - what the program says of itself. */

#include "base/text.h"
#include "config.h"

#include <errno.h>
#include <stdio.h>
#ifdef HAVE_FYAML
#include <libfyaml.h>
#endif
#ifdef HAVE_JANSSON
#include <jansson.h>
#endif
#ifdef HAVE_SECCOMP
#include <seccomp.h>
#endif
#ifdef HAVE_UTHASH
#include <uthash.h>
#endif

#include "config/help.h"
#include "mux.h"

#define TEXT(token)	#token
#define TEXT_OF(macro)	TEXT(macro)

static const char help[] =
"Usage: muxproxy [options] LISTEN UPSTREAM [UPSTREAM...]\n"
"       muxproxy [options] LISTEN=UPSTREAM[,UPSTREAM...] ...\n"
"       muxproxy [options] -f FILE\n"
"\n"
"Accept TCP connections and relay each to an upstream.\n"
"\n"
"  muxproxy 8888 upstream:9000        forward port 8888 to upstream, port 9000\n"
"  muxproxy 8888 builtin:echo         try it: nc localhost 8888\n"
"  muxproxy 80=a:80,b:80 22=c:22      several routes at once\n"
"\n"
"LISTEN    PORT, ADDRESS:PORT, NAME:PORT, unix:PATH or systemd:NAME; several\n"
"          joined by commas.  A bare PORT listens on all addresses.\n"
"UPSTREAM  HOST:PORT, unix:PATH, builtin:echo, builtin:discard or\n"
"          builtin:chargen.  Several are used in turn; when one cannot be\n"
"          reached, the next is tried.\n"
"PORT      may be a range, 8000-8010; so may that of an UPSTREAM then.\n"
"\n"
"Configuration\n"
"  -f, --config FILE              routes and all else; see muxproxy.yaml(5)\n"
"  -t, --check                    say whether all is right, and exit\n"
"  -T, --dump-config              print all that is in effect as a FILE\n"
"Routes (not with -f; a duration has a unit: ms, s, m, h or d)\n"
"      --connect-timeout TIME     to reach one upstream              [5s]\n"
"      --idle-timeout TIME|off    without a byte either way          [1h]\n"
"      --half-close-timeout TIME|off\n"
"                                 without a byte, when one side has\n"
"                                 ended its input                    [1m]\n"
"      --per-source N             connections of one source address\n"
"      --accept-rate N/s          new connections, also N/m and N/h\n"
"      --allow PREFIX             let in these alone, as 10.0.0.0/8; and\n"
"      --deny PREFIX              never these; both may be repeated\n"
"      --source ADDRESS           to connect to upstreams from\n"
"Process\n"
"      --max-connections N        at a time; more wait to be accepted\n"
"                                          [what the descriptors allow]\n"
"      --memory SIZE              for queues, as 64m or 2g\n"
"      --shutdown-timeout TIME|off\n"
"                                 for sessions to end after TERM     [8s]\n"
"  -w, --workers N                threads that relay     [as many as cores]\n"
"  -D, --daemon                   go to the background when listening\n"
"  -p, --pidfile FILE             write the process id there, and lock it\n"
"  -u, --user USER[:GROUP]        become USER when listening\n"
"      --no-sandbox               leave the system's confinement off\n"
"Messages\n"
"      --log stderr|syslog|journald|FILE          [stderr; syslog with -D]\n"
"      --log-format text|json     [text]\n"
"  -q, --quiet                    warnings and errors only\n"
"  -v, --verbose                  more\n"
"  -h, --help                     print this and exit\n"
"  -V, --version                  print the version; with -v, how it was built\n"
"\n"
"Signals: TERM and INT stop accepting and let sessions end, QUIT does so\n"
"without a limit, a second TERM or INT stops at once; HUP reads FILE again,\n"
"USR1 opens log files anew, USR2 starts a new binary in place of this one.\n"
"The manual is muxproxy(8).\n";

/* What does not reach it, such as for a full disk, is an error. */
int
help_flush(void)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return (0);
	(void)fprintf(stderr, "muxproxy: cannot write to standard output: %s\n",
	    text_error(errno));
	return (1);
}

int
help_print(void)
{
	(void)fputs(help, stdout);
	return (help_flush());
}

int
version_print(void)
{
	(void)puts("muxproxy " PACKAGE_VERSION);
	return (help_flush());
}

/* Each as it was when built, and as it is now that we run. */
static void
print_libraries(void)
{
#ifdef HAVE_FYAML
	(void)printf("fyaml: running with %s\n", fy_library_version());
#else
	(void)puts("fyaml: no");
#endif
#ifdef HAVE_JANSSON
	(void)printf("jansson: built with %s, running with %s\n",
	    JANSSON_VERSION, jansson_version_str());
#else
	(void)puts("jansson: no");
#endif
#ifdef HAVE_SECCOMP
	(void)printf("libseccomp: built with %d.%d.%d, running with %u.%u.%u\n",
	    SCMP_VER_MAJOR, SCMP_VER_MINOR, SCMP_VER_MICRO,
	    seccomp_version()->major, seccomp_version()->minor,
	    seccomp_version()->micro);
#else
	(void)puts("libseccomp: no");
#endif
#ifdef HAVE_UTHASH
	(void)puts("uthash: built with " TEXT_OF(UTHASH_VERSION));
#else
	(void)puts("uthash: no");
#endif
}

int
facts_print(const char *sandbox)
{
	(void)puts("muxproxy " PACKAGE_VERSION);
	(void)printf("backend: %s\n", mux_backend_name());
	(void)puts("backends of this system: " BUILD_BACKENDS);
	(void)puts("compiler: " BUILD_COMPILER);
	(void)puts("configured with: " BUILD_ARGUMENTS);
	(void)puts("sanitizers: " BUILD_SANITIZERS);
#if defined(HAVE_SPLICE)
	(void)puts("splice: yes");
#elif defined(USE_SO_SPLICE)
	(void)puts("splice: SO_SPLICE");
#else
	(void)puts("splice: no");
#endif
	print_libraries();
	(void)printf("sandbox: %s\n", sandbox);
	(void)puts("licence: ISC");
	return (help_flush());
}
