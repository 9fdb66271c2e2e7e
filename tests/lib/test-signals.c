/* SPDX-License-Identifier: ISC */

/*
 * test-signals.c - signals as callbacks: none is lost, those of one number
 * count as one, and the process is left as it was found.
 */

#include <sys/mman.h>
#include <sys/types.h>
#include <sys/wait.h>

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "suite.h"

#define STORM		100000

struct heard {
	int calls;
	int signo;
};

static void
hear(struct mux_loop *loop, int signo, void *arg)
{
	struct heard *heard = arg;

	(void)loop;
	heard->calls++;
	heard->signo = signo;
}

static void
check_watch(struct mux_loop *loop)
{
	struct heard first = { .calls = 0 }, second = { .calls = 0 };

	is(mux_signal_watch(loop, SIGUSR1, hear, &first), 0, "watch: one");
	is(mux_signal_watch(loop, SIGUSR2, hear, &second), 0, "watch: two");
	ok(quiet(loop), "watch: no signal, no call");
	(void)raise(SIGUSR1);
	is(first.calls, 0, "watch: not called by the signal itself");
	is(mux_loop_once(loop, -1), 1, "watch: a signal is a call");
	is(first.signo, SIGUSR1, "watch: which names it");
	ok(quiet(loop), "watch: once");
	(void)raise(SIGUSR1);
	(void)raise(SIGUSR2);
	is(mux_loop_once(loop, -1), 2, "watch: two signals, two calls");
	is(second.signo, SIGUSR2, "watch: each to its own");
	(void)raise(SIGUSR2);
	(void)raise(SIGUSR2);
	(void)raise(SIGUSR2);
	is(mux_loop_once(loop, -1), 1, "watch: three of a number are one");
	is(second.calls, 2, "watch: two calls in all");
	mux_signal_unwatch(loop, SIGUSR1);
	mux_signal_unwatch(loop, SIGUSR2);
}

static volatile sig_atomic_t own_calls;

static void
own_handler(int signo)
{
	(void)signo;
	own_calls++;
}

static void
install(int signo, void (*handler)(int), int flags)
{
	struct sigaction action = { .sa_handler = handler, .sa_flags = flags };

	(void)sigemptyset(&action.sa_mask);
	(void)sigaddset(&action.sa_mask, SIGTERM);
	if (sigaction(signo, &action, NULL) == -1)
		bail_out("sigaction");
}

/* Whether the disposition is that of install() with these arguments. */
static bool
installed(int signo, void (*handler)(int), int flags)
{
	struct sigaction now;

	(void)sigaction(signo, NULL, &now);
	return (now.sa_handler == handler &&
	    (now.sa_flags & (SA_RESTART | SA_NODEFER)) == flags &&
	    sigismember(&now.sa_mask, SIGTERM) == 1);
}

static void
check_restore(struct mux_loop *loop)
{
	struct heard heard = { .calls = 0 };
	struct mux_loop *other;

	install(SIGUSR1, own_handler, SA_NODEFER);
	own_calls = 0;
	(void)mux_signal_watch(loop, SIGUSR1, hear, &heard);
	(void)raise(SIGUSR1);
	is(own_calls, 0, "restore: watched, the old handler is not called");
	mux_signal_unwatch(loop, SIGUSR1);
	ok(installed(SIGUSR1, own_handler, SA_NODEFER),
	    "restore: unwatched, the old disposition is back");
	ok(quiet(loop), "restore: unwatched, what had come is dropped");
	is(heard.calls, 0, "restore: ... for good");
	(void)raise(SIGUSR1);
	is(own_calls, 1, "restore: the old handler works");
	mux_signal_unwatch(loop, SIGUSR1);
	ok(installed(SIGUSR1, own_handler, SA_NODEFER),
	    "restore: unwatching twice changes nothing");

	install(SIGUSR1, SIG_IGN, 0);
	other = new_loop();
	(void)mux_signal_watch(other, SIGUSR1, hear, &heard);
	mux_loop_destroy(other);
	ok(installed(SIGUSR1, SIG_IGN, 0), "restore: by destroying the loop");

	/* what came before an unwatch is not told to the next who watches */
	(void)mux_signal_watch(loop, SIGUSR1, hear, &heard);
	(void)raise(SIGUSR1);
	mux_signal_unwatch(loop, SIGUSR1);
	(void)mux_signal_watch(loop, SIGUSR1, hear, &heard);
	ok(quiet(loop), "restore: watched anew, it starts clean");
	(void)raise(SIGUSR1);
	is(mux_loop_once(loop, -1), 1, "restore: and works");
	mux_signal_unwatch(loop, SIGUSR1);
	install(SIGUSR1, SIG_DFL, 0);
}

static void
check_errors(struct mux_loop *loop)
{
	struct heard heard = { .calls = 0 };
	struct mux_loop *other = new_loop();

	install(SIGUSR1, own_handler, SA_RESTART);
	(void)mux_signal_watch(loop, SIGUSR1, hear, &heard);
	fails(mux_signal_watch(other, SIGUSR1, hear, NULL) == -1, EBUSY,
	    "errors: another loop");
	fails(mux_signal_watch(loop, SIGUSR1, hear, NULL) == -1, EBUSY,
	    "errors: the same loop twice");
	mux_signal_unwatch(other, SIGUSR1);
	(void)raise(SIGUSR1);
	is(mux_loop_once(other, 0), 0, "errors: the other loop hears nothing");
	is(mux_loop_once(loop, -1), 1, "errors: the first still hears");
	is(heard.calls, 1, "errors: ... with its own argument");
	mux_signal_unwatch(loop, SIGUSR1);
	is(mux_signal_watch(other, SIGUSR1, hear, &heard), 0,
	    "errors: free again for the other");
	(void)raise(SIGUSR1);
	is(mux_loop_once(loop, 0), 0, "errors: the first hears no more");
	is(mux_loop_once(other, -1), 1, "errors: the other does");
	mux_loop_destroy(other);

	fails(mux_signal_watch(loop, 0, hear, NULL) == -1, EINVAL,
	    "errors: signal 0");
	fails(mux_signal_watch(loop, -1, hear, NULL) == -1, EINVAL,
	    "errors: signal -1");
	fails(mux_signal_watch(loop, 100000, hear, NULL) == -1, EINVAL,
	    "errors: signal 100000");
	fails(mux_signal_watch(loop, SIGKILL, hear, NULL) == -1, EINVAL,
	    "errors: SIGKILL");
	fails(mux_signal_watch(loop, SIGKILL, hear, NULL) == -1, EINVAL,
	    "errors: SIGKILL, again, is not taken");
	fails(mux_signal_watch(loop, SIGUSR1, NULL, NULL) == -1, EINVAL,
	    "errors: no function");
	ok(installed(SIGUSR1, own_handler, SA_RESTART),
	    "errors: no trace is left");
	errno = E2BIG;
	mux_signal_unwatch(loop, 0);
	mux_signal_unwatch(loop, -1);
	mux_signal_unwatch(loop, 100000);
	mux_signal_unwatch(loop, SIGKILL);
	is(errno, E2BIG, "errors: unwatching nonsense keeps errno");
	install(SIGUSR1, SIG_DFL, 0);
}

static void
unwatch_both(struct mux_loop *loop, int signo, void *arg)
{
	hear(loop, signo, arg);
	mux_signal_unwatch(loop, SIGUSR1);
	mux_signal_unwatch(loop, SIGUSR2);
}

static void
raise_again(struct mux_loop *loop, int signo, void *arg)
{
	hear(loop, signo, arg);
	if (((struct heard *)arg)->calls < 3)
		(void)raise(signo);
}

static void
check_callbacks(struct mux_loop *loop)
{
	struct heard heard = { .calls = 0 };

	install(SIGUSR1, SIG_IGN, 0);
	install(SIGUSR2, SIG_IGN, 0);
	(void)mux_signal_watch(loop, SIGUSR1, unwatch_both, &heard);
	(void)mux_signal_watch(loop, SIGUSR2, unwatch_both, &heard);
	(void)raise(SIGUSR1);
	(void)raise(SIGUSR2);
	is(mux_loop_once(loop, -1), 1, "callbacks: the first ends both");
	ok(quiet(loop), "callbacks: nothing is left");

	heard.calls = 0;
	(void)mux_signal_watch(loop, SIGUSR1, raise_again, &heard);
	(void)raise(SIGUSR1);
	while (heard.calls < 3)
		(void)mux_loop_once(loop, -1);
	ok(quiet(loop), "callbacks: raised in its own call, it comes again");
	mux_signal_unwatch(loop, SIGUSR1);
}

/* Many more than the pipe has room for, while nobody looks. */
static void
check_full_pipe(struct mux_loop *loop)
{
	struct heard heard = { .calls = 0 };
	int i, spoilt = 0;

	(void)mux_signal_watch(loop, SIGUSR1, hear, &heard);
	for (i = 0; i < STORM; i++) {
		errno = E2BIG;
		(void)raise(SIGUSR1);
		spoilt += errno != E2BIG ? 1 : 0;
	}
	is(spoilt, 0, "full pipe: the handler keeps errno");
	is(mux_loop_once(loop, -1), 1, "full pipe: they count as one");
	ok(quiet(loop), "full pipe: it has been emptied");
	(void)raise(SIGUSR1);
	is(mux_loop_once(loop, -1), 1, "full pipe: the next one is heard");
	mux_signal_unwatch(loop, SIGUSR1);
}

/* Another process sends; what it says by then is in shared memory. */
struct storm {
	atomic_int *sent;
	int seen, calls;
};

static void
look(struct mux_loop *loop, int signo, void *arg)
{
	struct storm *storm = arg;

	(void)signo;
	storm->calls++;
	storm->seen = atomic_load(storm->sent);
	if (storm->seen == STORM)
		mux_loop_stop(loop);
}

static void
check_storm(struct mux_loop *loop)
{
	const pid_t parent = getpid();
	struct storm storm = { .calls = 0 };
	pid_t child;
	int i;

	storm.sent = mmap(NULL, sizeof(*storm.sent), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (storm.sent == MAP_FAILED)
		bail_out("mmap");
	(void)mux_signal_watch(loop, SIGUSR1, look, &storm);
	child = fork();
	if (child == -1)
		bail_out("fork");
	if (child == 0) {
		for (i = 0; i < STORM; i++) {
			(void)atomic_fetch_add(storm.sent, 1);
			(void)kill(parent, SIGUSR1);
		}
		_exit(0);
	}
	is(mux_loop_run(loop), 0, "storm: run survives");
	is(storm.seen, STORM, "storm: the last signal is seen");
	diag("%d signals, %d calls", STORM, storm.calls);
	(void)waitpid(child, NULL, 0);
	mux_signal_unwatch(loop, SIGUSR1);
	/* the last signal may have come after its number was seen */
	(void)mux_loop_once(loop, 0);
	ok(quiet(loop), "storm: then it is quiet");
	(void)munmap(storm.sent, sizeof(*storm.sent));
}

void
test_signals(void)
{
	struct mux_loop *loop = new_loop();

	check_watch(loop);
	check_restore(loop);
	check_errors(loop);
	check_callbacks(loop);
	check_full_pipe(loop);
	check_storm(loop);
	mux_loop_destroy(loop);
}
