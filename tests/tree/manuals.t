# SPDX-License-Identifier: ISC
#
# Manual pages are clean, installed, and describe every function of mux.h; what
# they refer to exists.

use strict;
use warnings;

use FindBin qw($Bin);
use lib $Bin;
use Test::More;
use Tree;

# where it is built in its own directory there are further names of some
my @pages = grep { slurp("$src/$_") !~ /^\.so / }
    map { substr($_, length($src) + 1) } sort glob("$src/man/*.[1-9]");

plan skip_all => 'there are no manual pages' unless @pages;

# Whether a page is installed on this machine, and mandoc's list of them up to
# date, is no matter of style: where our pages refer to is held below.
SKIP: {
	skip 'there is no mandoc', scalar(@pages) unless have('mandoc');
	for my $page (@pages) {
		my $output = qx(mandoc -T lint -W style '$src/$page' 2>&1);

		$output =~ s/^.*: STYLE: referenced manual not found: .*\n//mg;
		$output =~ s/^mandoc: outdated mandoc\.db lacks .*\n//mg;
		is($output, '', "$page is clean");
	}
}

# What man-db, and Debian's lintian, ask of a page.
SKIP: {
	skip 'there is no groff, or no man-db', 2 * @pages
	    unless have('groff') && have('lexgrog');
	local $ENV{LC_ALL} = 'C.UTF-8';
	local $ENV{MANROFFSEQ} = '';
	local $ENV{MANWIDTH} = 80;
	for my $page (@pages) {
		my $said = qx(man --warnings -E UTF-8 -l -Tutf8 -Z '$src/$page' 2>&1 >/dev/null);
		is($said, '', "$page: groff has no warning");

		my ($names) = slurp("$src/$page") =~ /^\.Sh NAME\n(.*?)^\.Sh /ms;
		my @found = map { /: "(\S+) - ./ ? $1 : () } qx(lexgrog '$src/$page' 2>&1);
		is("@found", join(' ', ($names // '') =~ /^\.Nm (\S+)/mg),
		    "$page: whatis finds its names");
	}
}

my $local = slurp("$src/man/local.mk");
none('every page is installed', grep { $local !~ /\Q$_\E\b/ } @pages);

my $text = join('', map { slurp("$src/$_") } grep { /\.3$/ } @pages);
none('every function of mux.h has a page',
    grep { $text !~ /^\.F[no] (?:"[^"]*\s\*?)?$_\b/m } declared());

# Of others; a reference to one that is not among them is a typing error, or
# new.
my %others = map { $_ => 1 } qw(assert.3 epoll.7 execve.2 fork.2 glob.7 install.1
    landlock.7 launchd.8 nc.1 pledge.2 poll.2 pthread_mutex_lock.3 read.2 rights.4 runit.8
    sd_listen_fds.3 sd_notify.3 seccomp.2 socketcall.2 select.2 shutdown.2 sigaction.2
    signal-safety.7 signal.7 socat.1 splice.2 syslog.3 systemd-socket-activate.1 systemd.1
    systemd.exec.5 systemd.service.5 systemd.socket.5 tcp.7 umask.2 unix.7 unveil.2 write.2);
my @nowhere;
for my $page (@pages) {
	for (slurp("$src/$page") =~ /^\.(?:.* )?Xr (\S+ \d)/mg) {
		my $name = s/ /./r;
		push @nowhere, "$page: $name"
		    unless $others{$name} || $local =~ m{\bman/\Q$name\E(?:\s|$)};
	}
}
none('every page that is referred to is ours, or known', @nowhere);
done_testing();
