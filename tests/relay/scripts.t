#!/usr/bin/perl
# SPDX-License-Identifier: ISC
#
# The scripts of dist/ for rc.d and OpenRC, run.  In the place of each manager
# stands what its script needs of it, by rc.subr(8) of FreeBSD, NetBSD and OpenBSD,
# and openrc-run(8).
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/..";
use MuxTest;
use MuxTest::Plan;
use POSIX ();

# Root of a namespace may not be able to.
sub becomes
{
	my ($name) = @_;
	my ($uid, $gid) = (getpwnam($name))[2, 3];
	my $pid = defined($uid) ? fork() : undef;
	return 0 if !defined($pid);
	POSIX::_exit(POSIX::setgid($gid) && POSIX::setuid($uid) ? 0 : 1) if $pid == 0;
	return waitpid($pid, 0) == $pid && $? == 0;
}

plan(skip_all => 'it takes root to become another') if $> != 0 || !becomes('nobody')
    || !becomes('daemon');
plan(skip_all => 'needs /proc') if !-e "/proc/$$/comm";
plan(skip_all => 'built without libfyaml') if !has_files();
my @needed = map { builddir() . "/dist/$_/muxproxy" } qw(freebsd netbsd openbsd openrc);
plan(skip_all => 'the scripts are not made') if grep { !-e } @needed;

# What is common to both: names of variables, and in which order things are done.
my $RC_SUBR = <<'EOT';
load_rc_config() { . "$rc_dir/rc.conf"; }

run_rc_command() {
	rc_arg=$1
	eval "enabled=\${$rcvar-unset} rc_flags=\${${name}_flags-} user=\${${name}_user-}"
	case $enabled in
	YES) ;;
	NO) return 1 ;;
	*) echo "WARNING: \$$rcvar is not set properly"; return 1 ;;
	esac
	rc_pid=
	pid=$(cat "$pidfile" 2>/dev/null)
	case $(cat "/proc/${pid:-none}/comm" 2>/dev/null) in
	muxproxy*) rc_pid=$pid ;;
	esac
	for file in $required_files; do
		[ -r "$file" ] || { echo "$file is not readable"; return 1; }
	done
	eval "precmd=\${${rc_arg}_precmd-} cmd=\${${rc_arg}_cmd-}"
	[ -z "$precmd" ] || $precmd || return 1
	if [ -n "$cmd" ]; then
		$cmd
		return
	fi
	case $rc_arg in
	start)
		[ -z "$rc_pid" ] || { echo "$name already running?"; return 1; }
		[ -z "$user" ] || { echo "su $user"; return 1; }
		$command $rc_flags $command_args
		;;
	stop)
		[ -n "$rc_pid" ] || { echo "$name not running?"; return 1; }
		kill -TERM "$rc_pid"
		while kill -0 "$rc_pid" 2>/dev/null; do sleep 0.05; done
		;;
	restart) (run_rc_command stop); (run_rc_command start) ;;
	reload)
		[ -n "$rc_pid" ] || { echo "$name not running?"; return 1; }
		kill -HUP "$rc_pid"
		;;
	*) echo "unknown directive '$rc_arg'"; return 1 ;;
	esac
}
EOT

my $RC_SUBR_OPENBSD = <<'EOT';
pexp="$daemon $daemon_flags"
rc_exec() { sh -c "$*"; }
pgrep() { cat "$pidfile"; }
rc_cmd() {
	case $1 in
	start) rc_pre && rc_exec "$daemon $daemon_flags" ;;
	stop) kill -TERM "$(cat "$pidfile")"; while [ -s "$pidfile" ]; do sleep 0.05; done ;;
	restart) rc_configtest && rc_cmd stop && rc_cmd start ;;
	reload) rc_reload ;;
	esac
}
EOT

my $OPENRC_RUN = <<'EOT';
eerror() { echo "$@" >&2; }
. "$rc_dir/rc.conf"
RC_SVCNAME=muxproxy
RC_CMD=$2
. "$1"
action() {
	case $1 in
	start) start_pre && $command $command_args ;;
	stop)
		stop_pre || return 1
		kill -TERM "$(cat "$pidfile")"
		while [ -s "$pidfile" ]; do sleep 0.05; done
		;;
	restart) action stop && action start ;;
	*) $1 ;;
	esac
}
action "$2"
EOT

my ($dir, $pidfile, $config, $port);

sub spit
{
	my ($path, $text) = @_;
	open(my $file, '>', $path) or die "$path: $!\n";
	print({$file} $text);
	return close($file);
}

# Variables of who administers it, as in rc.conf(5).
sub settings
{
	my (%values) = @_;
	return spit("$dir/rc.conf", join('', map { "$_='$values{$_}'\n" } sort(keys(%values))));
}

sub configure
{
	my (@more) = @_;
	return spit($config, join('', @more, "routes:\n", route_of('a', "127.0.0.1:$port",
		'builtin:echo')));
}

# A copy of the script, for the files of this test.
sub prepare
{
	my ($system) = @_;
	$dir = new_directory();
	chmod(0755, $dir =~ s{/[^/]*\z}{}r);
	mkdir("$dir/run");
	chmod(0777, "$dir/run");
	($pidfile, $config, $port) = ("$dir/run/pid", "$dir/muxproxy.yaml", reserve());
	my $text = contents(builddir() . "/dist/$system/muxproxy");
	my $program = builddir() . '/src/muxproxy';
	$text =~ s{^(command|daemon)="[^"]*"}{$1="$program"}mg or die "no program\n";
	$text =~ s{(?<!# )(?<=[\s"=])/[^"\s=]*/muxproxy/[^"\s]*\.yaml}{$config}g
	    or die "no file\n";
	$text =~ s{^pidfile="[^"]*"}{pidfile="$pidfile"}m or $text =~ s{-D -u}{-D -p $pidfile -u}
	    or die "no pid file\n";
	$text =~ s{\S*/rc\.subr}{$dir/rc.subr}g;
	spit("$dir/script", $text);
	spit("$dir/rc.subr", $system eq 'openbsd' ? $RC_SUBR_OPENBSD : $RC_SUBR);
	spit("$dir/openrc-run", $OPENRC_RUN);
	settings();
	return configure();
}

# Its status, and what it says.
sub script
{
	my ($system, $action) = @_;
	my @command = $system eq 'openrc' ? ("$dir/openrc-run", "$dir/script", $action)
		: ("$dir/script", $action);
	my ($status, $out, $error) = run({ env => { rc_dir => $dir, pidfile => $pidfile } },
		'/bin/sh', @command);
	return wantarray ? ($status, $out . $error) : $status;
}

sub pid { return (contents($pidfile) // '') =~ /^(\d+)$/ ? $1 : 0; }

sub user_of
{
	my ($uid) = (contents('/proc/' . pid() . '/status') // '') =~ /^Uid:\t(\d+)/m;
	return scalar(getpwuid($uid // 0));
}

sub serves { return calls("127.0.0.1:$port"); }

for my $system (qw(freebsd netbsd openbsd openrc)) {
	my %yes = $system eq 'freebsd' ? (muxproxy_enable => 'YES') : (muxproxy => 'YES');
	one_test $system => sub {
		prepare($system);
		if ($system =~ /^(?:free|net)bsd$/) {
			is((script($system, 'start'))[1], '', 'not enabled: nothing is said');
			is(pid(), 0, 'nor done');
		}
		settings(%yes);

		# the example that packages install
		my $example = contents("$FindBin::RealBin/../../dist/muxproxy.yaml");
		spit($config, $example);
		my $test = $system eq 'openbsd' ? 'reload' : 'configtest';
		unlike((script($system, $test))[1], qr/error/, 'the example is right');
		configure();

		is(script($system, 'start'), 0, 'start') or return;
		kill_later(my $pid = pid());
		is(serves(), 'served', 'it serves');
		is(user_of(), 'nobody', 'as nobody');

		# what a daemon alone refuses
		configure("log: {target: stderr}\n");
		for my $action (qw(reload restart)) {
			my ($status, $said) = script($system, $action);
			isnt($status, 0, "$action with a file that is wrong");
			like($said, qr/standard error/, 'why is said');
			is(pid() . ' ' . serves(), "$pid served", 'the old one goes on');
		}

		configure("shutdown-timeout: 7s\n");
		is(script($system, 'reload'), 0, 'reload');
		is(script($system, 'restart'), 0, 'restart') or return;
		isnt(pid(), $pid, 'it is another');
		kill_later(pid());
		is(serves(), 'served', 'it serves');
		is(script($system, 'stop'), 0, 'stop');
		like(serves(), qr/refused/, 'it is gone');
	};
}

for my $system (qw(freebsd netbsd openrc)) {
	one_test "$system: what an administrator sets" => sub {
		prepare($system);
		my $other = "$dir/other.yaml";
		rename($config, $other);
		settings($system eq 'freebsd' ? 'muxproxy_enable' : 'muxproxy' => 'YES',
			muxproxy_user => 'daemon', muxproxy_config => $other);
		is(join(' ', script($system, 'start')), '0 ', 'start') or return;
		kill_later(my $pid = pid());
		is(user_of(), 'daemon', 'as the user');
		is(script($system, 'reopen'), 0, 'logs are opened again');
		is(script($system, 'upgrade'), 0, 'upgrade');
		wait_polling { pid() != $pid && pid() != 0 } 'the new one';
		kill_later(pid());
		is(serves(), 'served', 'it serves');
		is(script($system, 'stop'), 0, 'stop finds the new one');
		like(serves(), qr/refused/, 'it is gone');

		# the number is somebody else's by now
		my $sleeper = MuxTest::Process->new(command => [ '/bin/sleep', 100 ]);
		spit($pidfile, "$sleeper->{pid}\n");
		isnt(script($system, $_), 0, "$_ of what does not run") for qw(reopen upgrade);
		ok(!$sleeper->ended, 'a stranger is left alone');
	};
}
done_testing();
