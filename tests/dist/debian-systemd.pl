#!/usr/bin/perl
# SPDX-License-Identifier: ISC
#
# What an operator does to muxproxy's service, in a system whose process 1 is
# systemd: see debian-systemd.  With modules of perl-base alone.
#
# usage: perl -I DIRECTORY-OF-GUEST debian-systemd.pl

use strict;
use warnings;

use IO::Socket::INET;
use Time::HiRes qw(time);

use Guest;

my $config = '/etc/muxproxy/muxproxy.yaml';
my $unit = 'muxproxy.service';
my ($server, $other) = map { serve($_) } qw(A B);

begin(300);

# A property of a unit, as systemctl(1) shows it.
sub of {
	my ($property, $which) = @_;

	chomp(my $value = qx(systemctl show --value -p $property @{[ $which // $unit ]}));
	return $value;
}

sub is_so {
	my ($property, $wanted, $which) = @_;
	my $value = of($property, $which);

	check($value =~ /^(?:$wanted)$/, "$property is $wanted" . ($value eq $wanted ? '' :
	    ": $value"));
}

# What the journal has of the unit since it was last asked.
my $cursor = '';
sub journal {
	my ($which) = @_;

	qx(journalctl --sync);
	my $text = qx(journalctl -q -o json --show-cursor -u @{[ $which // $unit ]} $cursor);
	$cursor = "--after-cursor='$1'" if $text =~ s/^-- cursor: (.*)\n//m;
	return $text;
}

# Waits for an entry of that priority, whose message begins so.
sub noted {
	my ($priority, $message) = @_;
	my $text = '';

	until_so(sub {
		$text .= journal();
		grep { /"PRIORITY":"$priority"/ && /"MESSAGE":"(?:$message)/ } split(/\n/, $text);
	}, "the journal has, of priority $priority: $message");
	return $text;
}

sub configure {
	my ($to, %with) = @_;
	my $listen = $with{listen} // "127.0.0.1:$port";
	my $target = $with{target} // 'stderr';
	my $shutdown = $with{shutdown} // '60s';

	spit($with{path} // $config, <<"EOT");
shutdown-timeout: $shutdown
log: {target: $target, sessions: true}
routes:
  - {name: one, listen: "$listen", upstreams: ["127.0.0.1:$to"]}
EOT
}

# Settings beside those of the unit.
sub drop_in {
	my ($which, @lines) = @_;
	my $directory = "/etc/systemd/system/$which.d";

	mkdir($directory);
	spit("$directory/check.conf", join('', map { "$_\n" } @lines));
	run('systemctl', 'daemon-reload');
}

# What a process may, by /proc.
sub status_of {
	my ($pid, $key) = @_;

	return slurp("/proc/$pid/status") =~ /^$key:\s*(\S+)/m ? $1 : '';
}

# The name of the server that a new session meets.
sub greeting {
	my $socket = IO::Socket::INET->new(PeerAddr => "127.0.0.1:$port") or return '';
	my $name = '';

	sysread($socket, $name, 1);
	return $name;
}

print "==> start\n";
check(slurp('/proc/1/comm') eq "systemd\n", 'process 1 is systemd');
is_so('ActiveState', 'inactive');
is_so('ConditionResult', 'no');
configure($server);
run('systemctl', 'start', $unit);
is_so('StatusText', 'serving on 1 route, 0 open sessions');
my $main = of('MainPID');
check(status_of($main, 'Uid') >= 61184, 'it is a user made for it');
for my $task (map { m{(\d+)$} } glob("/proc/$main/task/*")) {
	check(status_of("$main/task/$task", 'NoNewPrivs') == 1, "thread $task gains no privileges");
	check(status_of("$main/task/$task", 'Seccomp') == 2, "its calls are filtered");
}
check(noted(6, 'start ') =~ /sandbox=\S*landlock\S*seccomp/, 'landlock and seccomp are on');
my $held = session('A');
moves($held, 'a session');
ends(session('A'), 'another one');
noted(6, 'session id=2 ');

print "==> exposure\n";
my ($score) = qx(systemd-analyze security --no-pager $unit) =~ /exposure level .*?: ([\d.]+)/;
check($score <= 2, "systemd-analyze security: $score");

print "==> reload\n";
configure($other);
run('systemctl', 'reload', $unit);
until_so(sub { greeting() eq 'B' }, 'the new plan is in service');
moves($held, 'the session from before');
spit($config, "routes:\n  - lisen: 1\n");
check(system('systemctl', 'reload', $unit) != 0, 'a wrong file fails the reload');
is_so('ActiveState', 'active');
noted(6, '.*did you mean');
moves($held, 'the session from before');
ends(session('B'), 'a session');
configure($other);

print "==> upgrade\n";
run('systemctl', 'kill', '--kill-who=main', '--signal=USR2', $unit);
until_so(sub { of('MainPID') != $main && of('StatusText') =~ /^serving/ },
    'another process is the main one');
my $first = $main;
$main = of('MainPID');
moves($held, 'the session from before');
ends(session('B'), 'a session with the new process');
ends($held, 'the session from before');
until_so(sub { !-e "/proc/$first" }, 'the old process is gone');
is_so('ActiveState', 'active');
is_so('MainPID', $main);
is_so('NRestarts', 0);
ends(session('B'), 'a session');

print "==> killed\n";
configure($other, shutdown => '2s');
run('systemctl', 'restart', $unit);
$main = of('MainPID');
$held = session('B');
run('systemctl', 'kill', '--kill-who=main', '--signal=USR2', $unit);
until_so(sub { of('MainPID') != $main }, 'another process, while the old one drains');
my $began = time();
run('systemctl', 'kill', '--kill-who=main', '--signal=KILL', $unit);
until_so(sub { of('NRestarts') == 1 && of('ActiveState') eq 'active' }, 'it is started again');
check(time() - $began < 10, 'soon, for its end was seen');
check(!defined(sysread($held, my $nothing, 1)), "the old one has reset what was left: $!");
configure($other);
ends(session('B'), 'a session');

print "==> stuck\n";
drop_in($unit, '[Service]', 'WatchdogSec=1s', 'TimeoutStopSec=2s', 'TimeoutAbortSec=1s');
run('systemctl', 'restart', $unit);
$main = of('MainPID');
$began = time();
until_so(sub { time() - $began > 3 }, 'three seconds are over');
is_so('MainPID', $main);
kill('STOP', $main);
until_so(sub { my $now = of('MainPID'); $now != 0 && $now != $main &&
    of('ActiveState') eq 'active' }, 'a process that stands still is replaced');
noted(4, ".*Failed with result 'watchdog'");
ends(session('B'), 'a session');

print "==> stop\n";
$main = of('MainPID');
$held = session('B');
run('systemctl', 'stop', '--no-block', $unit);
$began = time();
until_so(sub { of('StatusText') =~ /drain/ }, 'it drains');
until_so(sub { time() - $began > 5 }, 'it has more time than TimeoutStopSec=');
is_so('ActiveState', 'deactivating');
moves($held, 'a session while it drains');
ends($held, 'it');
until_so(sub { of('ActiveState') eq 'inactive' }, 'the service is stopped');
is_so('Result', 'success');

print "==> stopped while an old process drains\n";
configure($other);
run('systemctl', 'restart', $unit);
$main = of('MainPID');
$held = session('B');
run('systemctl', 'kill', '--kill-who=main', '--signal=USR2', $unit);
until_so(sub { of('MainPID') != $main }, 'another process, while the old one drains');
$began = time();
run('systemctl', 'stop', $unit);
check(time() - $began < 10, 'it is over soon');
is_so('Result', 'success');
check(!defined(sysread($held, my $byte, 1)), "the session does not seem to have ended well: $!");
noted(6, 'session .* reason=shutdown ');

print "==> a file that is wrong\n";
spit($config, "routes:\n  - lisen: 1\n");
check(system('systemctl', 'start', $unit) != 0, 'it does not start');
is_so('ActiveState', 'failed');
is_so('ExecMainStatus', 78);
is_so('NRestarts', 0);

print "==> the journal and syslog\n";
for my $target (qw(journald syslog)) {
	configure($server, target => $target);
	run('systemctl', 'restart', $unit);
	ends(session('A'), 'a session');
	noted(6, '(?:\S+Z )?(?:info )?session (?:id=1 )?');
}

print "==> sockets\n";
run('systemctl', 'stop', $unit);
drop_in('muxproxy.socket', '[Socket]', 'ListenStream=', "ListenStream=127.0.0.1:$port");
configure($server, listen => 'systemd:web');
run('systemctl', 'start', 'muxproxy.socket');
is_so('ActiveState', 'inactive');
$held = session('A');
is_so('ActiveState', 'active');
ends($held, 'the session that started it');
for (1 .. 5) {
	run('systemctl', 'restart', '--no-block', $unit);
	ends(session('A'), 'a session at a restart') for 1 .. 20;
}
until_so(sub { of('ActiveState') eq 'active' && of('Job') eq '' }, 'the last one is over');
run('systemctl', 'stop', 'muxproxy.socket', $unit);

print "==> one of several\n";
configure($server, path => '/etc/muxproxy/mail.yaml', listen => '127.0.0.1:25');
run('systemctl', 'start', 'muxproxy@mail');
ends(session('A', 25), 'a session at port 25');
run('systemctl', 'stop', 'muxproxy@mail');
is_so('Result', 'success', 'muxproxy@mail');
end();
