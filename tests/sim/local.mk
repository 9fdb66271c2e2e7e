# SPDX-License-Identifier: ISC
#
# The relay's core and libmux on a simulated kernel, one program for each
# backend.  `make simulation SIM_LIVES=100000' runs them at length.

SIM_SOURCES = \
	tests/sim/accepts.c \
	tests/sim/calls.c \
	tests/sim/calls.h \
	tests/sim/crew.c \
	tests/sim/crew.h \
	tests/sim/dice.c \
	tests/sim/dice.h \
	tests/sim/inspect.c \
	tests/sim/inspect.h \
	tests/sim/library.c \
	tests/sim/library.h \
	tests/sim/main.c \
	tests/sim/memory.c \
	tests/sim/memory.h \
	tests/sim/names.c \
	tests/sim/names.h \
	tests/sim/operator.c \
	tests/sim/operator.h \
	tests/sim/options.c \
	tests/sim/oracles.c \
	tests/sim/oracles.h \
	tests/sim/peers.c \
	tests/sim/peers.h \
	tests/sim/reloads.c \
	tests/sim/reloads.h \
	tests/sim/socks.c \
	tests/sim/socks.h \
	tests/sim/splices.c \
	tests/sim/splices.h \
	tests/sim/targets.c \
	tests/sim/targets.h \
	tests/sim/unix.c \
	tests/sim/unix.h \
	tests/sim/waits.c \
	tests/sim/waits.h \
	tests/sim/world.c \
	tests/sim/world.h
# The kernel alone, under programs of another kind.
SIM_KERNEL_SOURCES = \
	tests/sim/accepts.c \
	tests/sim/calls.c \
	tests/sim/calls.h \
	tests/sim/dice.c \
	tests/sim/dice.h \
	tests/sim/memory.c \
	tests/sim/memory.h \
	tests/sim/options.c \
	tests/sim/quiet.c \
	tests/sim/socks.c \
	tests/sim/socks.h \
	tests/sim/splices.c \
	tests/sim/splices.h \
	tests/sim/unix.c \
	tests/sim/unix.h \
	tests/sim/waits.c \
	tests/sim/waits.h \
	tests/sim/world.h
SIM_CPPFLAGS = $(src_librelay_la_CPPFLAGS) -I$(srcdir)/tests/sim

# All that reaches the kernel; needs a linker with --wrap, as Linux has.
SIM_WRAP_FLAGS = \
	-Wl,--wrap=accept4 -Wl,--wrap=bind -Wl,--wrap=calloc -Wl,--wrap=clock_gettime \
	-Wl,--wrap=close -Wl,--wrap=free -Wl,--wrap=malloc \
	-Wl,--wrap=realloc -Wl,--wrap=strdup \
	-Wl,--wrap=connect -Wl,--wrap=epoll_create1 -Wl,--wrap=epoll_ctl \
	-Wl,--wrap=epoll_wait -Wl,--wrap=fcntl -Wl,--wrap=fcntl64 \
	-Wl,--defsym=__wrap_fcntl64=__wrap_fcntl \
	-Wl,--wrap=freeaddrinfo -Wl,--wrap=getaddrinfo -Wl,--wrap=getpeername \
	-Wl,--wrap=getsockname -Wl,--wrap=getsockopt -Wl,--wrap=ioctl \
	-Wl,--wrap=kevent -Wl,--wrap=kqueue \
	-Wl,--wrap=pipe -Wl,--wrap=pipe2 \
	-Wl,--wrap=splice -Wl,--wrap=poll -Wl,--wrap=read -Wl,--wrap=recv \
	-Wl,--wrap=select -Wl,--wrap=send -Wl,--wrap=setsockopt \
	-Wl,--wrap=shutdown -Wl,--wrap=socket \
	-Wl,--wrap=socketpair \
	-Wl,--wrap=write
# not for the comparison: a sanitizer's own calls would come here too
SIM_SIGNAL_FLAGS = -Wl,--wrap=sigaction
SIM_LDADD = src/librelay.la lib/libcore.la

sim_programs = tests/sim/sim-epoll tests/sim/sim-kqueue \
	tests/sim/sim-poll tests/sim/sim-select
if HAVE_EPOLL
check_PROGRAMS += $(sim_programs)
TESTS += $(sim_programs)
endif

tests_sim_sim_epoll_CPPFLAGS = $(SIM_CPPFLAGS)
tests_sim_sim_epoll_SOURCES = $(SIM_SOURCES)
tests_sim_sim_epoll_LDFLAGS = $(AM_LDFLAGS) $(SIM_WRAP_FLAGS) \
	$(SIM_SIGNAL_FLAGS)
tests_sim_sim_epoll_LDADD = $(SIM_LDADD) lib/libbackend-epoll.la

# the backend again, for the kqueue of the simulation
tests_sim_sim_kqueue_CPPFLAGS = -I$(srcdir)/tests/sim/kqueue $(SIM_CPPFLAGS)
tests_sim_sim_kqueue_SOURCES = $(SIM_SOURCES) lib/backend-kqueue.c \
	tests/sim/joins.c \
	tests/sim/kqueue.c \
	tests/sim/kqueue/sys/event.h
tests_sim_sim_kqueue_LDFLAGS = $(AM_LDFLAGS) $(SIM_WRAP_FLAGS) \
	$(SIM_SIGNAL_FLAGS)
tests_sim_sim_kqueue_LDADD = $(SIM_LDADD)

tests_sim_sim_poll_CPPFLAGS = $(SIM_CPPFLAGS)
tests_sim_sim_poll_SOURCES = $(SIM_SOURCES)
tests_sim_sim_poll_LDFLAGS = $(AM_LDFLAGS) $(SIM_WRAP_FLAGS) \
	$(SIM_SIGNAL_FLAGS)
tests_sim_sim_poll_LDADD = $(SIM_LDADD) lib/libbackend-poll.la

tests_sim_sim_select_CPPFLAGS = $(SIM_CPPFLAGS)
tests_sim_sim_select_SOURCES = $(SIM_SOURCES)
tests_sim_sim_select_LDFLAGS = $(AM_LDFLAGS) $(SIM_WRAP_FLAGS) \
	$(SIM_SIGNAL_FLAGS)
tests_sim_sim_select_LDADD = $(SIM_LDADD) lib/libbackend-select.la

EXTRA_DIST += tests/sim/seeds

# Lives on each backend, after those in the file of seeds that once failed.
SIM_LIVES = 100000
SIM_SEED = `date +%s%N`

sim_runs = simulation-epoll simulation-kqueue simulation-poll simulation-select

simulation: $(sim_runs)
$(sim_runs): $(sim_programs)
	@while read backend seed; do \
		test $$backend = $(@:simulation-%=%) || continue; \
		told=`tests/sim/sim-$$backend --lives 1 --seed $$seed` || \
		    { echo "$$told"; exit 1; }; \
	done <$(srcdir)/tests/sim/seeds
	@tests/sim/sim-$(@:simulation-%=%) --lives $(SIM_LIVES) --seed $(SIM_SEED)

.PHONY: simulation $(sim_runs)

# The same scripts on the simulated and on the real kernel.
CONFORM_SOURCES = \
	tests/sim/conform.c \
	tests/sim/conform.h \
	tests/sim/conform-flood.c \
	tests/sim/conform-looks.c \
	tests/sim/conform-steps.c
conform_programs = tests/sim/conform-real tests/sim/conform-sim
if HAVE_EPOLL
check_PROGRAMS += $(conform_programs)
TESTS += tests/sim/conform.t
endif
EXTRA_DIST += tests/sim/conform.t

tests_sim_conform_real_CPPFLAGS = -I$(srcdir)/tests/sim
tests_sim_conform_real_SOURCES = $(CONFORM_SOURCES) tests/sim/conform-real.c
tests_sim_conform_sim_CPPFLAGS = -I$(srcdir)/tests/sim
tests_sim_conform_sim_SOURCES = $(CONFORM_SOURCES) tests/sim/conform-sim.c \
	$(SIM_KERNEL_SOURCES)
tests_sim_conform_sim_LDFLAGS = $(AM_LDFLAGS) $(SIM_WRAP_FLAGS) \
	-Wl,--wrap=listen
