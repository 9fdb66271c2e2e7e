# SPDX-License-Identifier: ISC

dist_man_MANS += \
	man/libmux.3 \
	man/mux_fd_register.3 \
	man/mux_loop_create.3 \
	man/mux_signal_watch.3 \
	man/mux_timer_create.3 \
	man/mux_wakeup_create.3 \
	man/muxproxy-contract.7 \
	man/muxproxy.8 \
	man/muxproxy.yaml.5

# Each function is found under its own name: a page of one line that leads to
# the page of its group.
fd_man_links = \
	man/mux_fd_modify.3 \
	man/mux_fd_rebind.3 \
	man/mux_fd_unregister.3
loop_man_links = \
	man/mux_backend_fd_limit.3 \
	man/mux_backend_name.3 \
	man/mux_loop_destroy.3 \
	man/mux_loop_fileno.3 \
	man/mux_loop_fromfd.3 \
	man/mux_loop_now_ms.3 \
	man/mux_loop_once.3 \
	man/mux_loop_run.3 \
	man/mux_loop_stop.3
signal_man_links = \
	man/mux_signal_unwatch.3
timer_man_links = \
	man/mux_timer_destroy.3 \
	man/mux_timer_running.3 \
	man/mux_timer_start.3 \
	man/mux_timer_stop.3
wakeup_man_links = \
	man/mux_wakeup_destroy.3 \
	man/mux_wakeup_send.3

nodist_man_MANS = $(fd_man_links) $(loop_man_links) $(signal_man_links) \
	$(timer_man_links) $(wakeup_man_links)
CLEANFILES += $(nodist_man_MANS)

man_link = $(AM_V_GEN)$(MKDIR_P) man && echo .so man3/

$(fd_man_links):
	$(man_link)mux_fd_register.3 >$@

$(loop_man_links):
	$(man_link)mux_loop_create.3 >$@

$(signal_man_links):
	$(man_link)mux_signal_watch.3 >$@

$(timer_man_links):
	$(man_link)mux_timer_create.3 >$@

$(wakeup_man_links):
	$(man_link)mux_wakeup_create.3 >$@
