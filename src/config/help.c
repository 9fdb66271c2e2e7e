/* SPDX-License-Identifier: ISC */

/* help.c - what the program says of itself. */

#include "base/text.h"
#include "config.h"

#include <errno.h>
#include <stdio.h>

#include "config/help.h"
#include "mux.h"

static const char help[] =
"Usage: muxproxy [options] LISTEN UPSTREAM [UPSTREAM...]\n"
"\n"
"Accept TCP connections and relay each to an upstream.\n"
"\n"
"  muxproxy 8888 upstream:9000        forward port 8888 to upstream, port 9000\n"
"  muxproxy 8888 builtin:echo         try it: nc localhost 8888\n"
"\n"
"LISTEN    PORT, ADDRESS:PORT, NAME:PORT or unix:PATH; several joined by\n"
"          commas.  A bare PORT listens on all addresses, IPv4 and IPv6.\n"
"UPSTREAM  HOST:PORT, unix:PATH, builtin:echo, builtin:discard or\n"
"          builtin:chargen.  Several are used in turn; when one cannot be\n"
"          reached, the next is tried.\n"
"\n"
"Limits (a duration has a unit: ms, s, m, h or d)\n"
"      --connect-timeout TIME     to reach one upstream              [5s]\n"
"      --idle-timeout TIME|off    without a byte either way          [1h]\n"
"      --half-close-timeout TIME|off\n"
"                                 without a byte, when one side has\n"
"                                 ended its input                    [1m]\n"
"      --shutdown-timeout TIME|off\n"
"                                 for sessions to end after TERM     [8s]\n"
"      --max-connections N        at a time; more wait to be accepted\n"
"                                          [what the descriptors allow]\n"
"Process\n"
"  -w, --workers N                threads that relay     [as many as cores]\n"
"  -D, --daemon                   go to the background when listening\n"
"  -p, --pidfile FILE             write the process id there, and lock it\n"
"  -u, --user USER[:GROUP]        become USER when listening\n"
"Messages\n"
"      --log stderr|syslog|FILE   [stderr; syslog with -D]\n"
"  -q, --quiet                    warnings and errors only\n"
"  -v, --verbose                  more\n"
"  -h, --help                     print this and exit\n"
"  -V, --version                  print the version; with -v, how it was built\n"
"\n"
"Signals: TERM and INT stop accepting and let sessions end, QUIT does so\n"
"without a limit, a second TERM or INT stops at once; HUP and USR1 open the\n"
"log file anew.  The manual is muxproxy(8).\n";

/* What does not reach standard output, such as a full disk, is an error. */
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

int
facts_print(void)
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
	(void)puts("libraries: none but libc");
	(void)puts("licence: ISC");
	return (help_flush());
}
