#!/usr/bin/perl
# SPDX-License-Identifier: ISC
#
# Goes the way of muxproxy's package in a clean system, as root and as the first
# process there: see debian-user.  With modules of perl-base alone.
#
# usage: perl -I DIRECTORY-OF-GUEST debian-user.pl OLD.deb NEW.deb
#
# There is no systemd.  What the unit says is done here; what the package's
# scripts ask of systemctl goes to a script that signals the process.

use strict;
use warnings;

use IO::Select;
use POSIX ();
use Socket;

use Guest;

my ($old, $new) = @ARGV;
my $config = '/etc/muxproxy/muxproxy.yaml';
my $log = '/var/log/muxproxy/muxproxy.log';
my $user = 61184;	# the first of those that DynamicUser= takes
my ($main, $manager) = (0);

begin(300);

# All files but of what the system itself writes along the way.
sub files {
	my $not = join(' -o ', map { "-path $_" } qw(/dev /proc /sys /tmp /run/lock /var/cache
	    /var/lib/apt /var/lib/dpkg/info/format /var/lib/logrotate /var/log/apt /root));

	return { map { $_ => 1 } split(/\n/,
	    qx(find / \\( $not \\) -prune -o -printf '%y %m %U:%G %p %l\\n')) };
}

# Processes of muxproxy, by what they run.
sub processes {
	return grep { (readlink("/proc/$_/exe") // '') =~ m{/muxproxy( \(deleted\))?$} }
	    map { m{(\d+)$} } glob('/proc/[0-9]*');
}

# The process writes the log that is there now.
sub has_open {
	return grep { (readlink($_) // '') eq $log } glob("/proc/$_[0]/fd/*");
}

sub listening {
	return grep { / 0A [0-9A-F]{8}:/ } map { split(/\n/, slurp("/proc/net/$_")) } qw(tcp tcp6);
}

sub configure {
	my ($server) = @_;

	spit($config, <<"EOT");
pidfile: /run/muxproxy/muxproxy.pid
log: {target: $log, sessions: true}
routes:
  - {name: one, listen: "127.0.0.1:$port", upstreams: ["127.0.0.1:$server"]}
EOT
}

# The settings of the installed unit; a key may have several.
sub unit {
	my ($path) = grep { m{/muxproxy\.service$} } split(/\n/, qx(dpkg -L muxproxy));
	my %settings;

	check(defined($path), 'the unit is installed');
	my $text = slurp($path);
	push(@{ $settings{$1} }, $2) while $text =~ /^([A-Z]\w+)=(.*)$/mg;
	return \%settings;
}

# Waits for what the service says to its manager.
sub told {
	my ($pattern) = @_;

	while (1) {
		IO::Select->new($manager)->can_read(60) or die "failed: it never told $pattern\n";
		recv($manager, my $message, 4096, 0);
		spit('/tmp/main.pid', $main = $1) if $message =~ /^MAINPID=(\d+)$/m;
		return check(1, "it told $pattern") if $message =~ $pattern;
	}
}

# Starts what the unit says, as the user and with the directories it asks for.
sub start {
	my ($unit) = @_;
	my @capabilities = map { lc(s/^CAP_//r) } split(' ', $unit->{AmbientCapabilities}[0]);
	my $capabilities = join(',', map { "+$_" } @capabilities);

	socket($manager, AF_UNIX, SOCK_DGRAM, 0) or die "failed: socket: $!\n";
	bind($manager, pack_sockaddr_un('/tmp/notify')) or die "failed: bind: $!\n";
	chmod(0777, '/tmp/notify');
	$main = fork() // die "failed: fork: $!\n";
	return spit('/tmp/main.pid', $main) if $main != 0;
	umask(oct($unit->{UMask}[0]));
	%ENV = (PATH => $ENV{PATH}, NOTIFY_SOCKET => '/tmp/notify');
	exec('setpriv', "--reuid=$user", "--regid=$user", '--clear-groups', '--no-new-privs',
	    "--inh-caps=-all,$capabilities", "--ambient-caps=-all,$capabilities",
	    "--bounding-set=-all,$capabilities", split(' ', $unit->{ExecStart}[0]))
	    or POSIX::_exit(127);
}

sub make_directories {
	my ($unit) = @_;

	for my $path ("/run/$unit->{RuntimeDirectory}[0]", "/var/log/$unit->{LogsDirectory}[0]") {
		mkdir($path) or die "failed: cannot make $path: $!\n";
		chown($user, $user, $path);
	}
}

# What stands for systemctl: all that is asked of it is in /tmp/systemctl.log.
my $systemctl = <<'EOT';
#!/bin/sh
echo "$*" >>/tmp/systemctl.log
main=$(cat /tmp/main.pid 2>/dev/null)
case " $* " in
*' is-enabled '*)
	echo enabled ;;
*' kill --kill-who=main --signal=USR2 muxproxy.service '*)
	kill -s USR2 "$main" ;;
*' kill --signal=USR1 muxproxy.service '*)
	for process in /proc/[0-9]*; do
		case $(readlink "$process/exe") in
		*/muxproxy|*'/muxproxy (deleted)') kill -s USR1 "${process#/proc/}" ;;
		esac
	done ;;
*' stop muxproxy.service '*)
	kill -s TERM "$main"
	while grep -qs '^State:.[^Z]' "/proc/$main/status"; do sleep 0.05; done ;;
esac
EOT

my ($server, $other) = map { serve($_) } qw(A B);
mkdir('/run/systemd');
mkdir('/run/systemd/system');
spit('/usr/bin/systemctl', $systemctl);
chmod(0755, '/usr/bin/systemctl');
my $before = files();

print "==> install\n";
run('apt-get', '-q', '-y', 'install', $old);
my $unit = unit();
check(slurp('/tmp/systemctl.log') =~ /\bstart\b.* muxproxy\.service$/m, 'it is to be started');
my ($condition) = @{ $unit->{ConditionPathExists} // [] };
check(defined($condition) && $condition eq $config && !-e $condition,
    'but not without a configuration');
my $own = listening();
check(!processes(), 'nothing runs');
run('muxproxy', '-t', '-f', "$config.example");

print "==> run\n";
configure($server);
make_directories($unit);
start($unit);
told(qr/^READY=1$/m);
check(listening() == $own + 1, 'one port more is open');
my $held = session('A');
moves($held, 'a session');

print "==> reload\n";
configure($other);
for my $command (@{ $unit->{ExecReload} }) {
	run(split(' ', $command =~ s/\$MAINPID/$main/r));
}
told(qr/^RELOADING=1$/m);
told(qr/^READY=1$/m);
moves($_, 'after the reload') for $held, my $second = session('B');
spit($config, "routes:\n  - lisen: 1\n");
my ($test) = grep { / -t / } @{ $unit->{ExecReload} };
check(system(split(' ', $test)) != 0, 'a wrong file fails the reload');
configure($other);

ends($second, 'a session');
until_so(sub { slurp($log) =~ / session .* reason=client-fin / }, 'the log has its line');

print "==> upgrade\n";
my $first = $main;
run('apt-get', '-q', '-y', 'install', $new);
told(qr/^MAINPID=/m) if $main == $first;
check($main != $first && readlink("/proc/$main/exe") eq '/usr/bin/muxproxy',
    'another process has taken over, with the new program');
check(readlink("/proc/$first/exe") =~ / \(deleted\)$/, 'the old one has the old program');
moves($held, 'the session from before');
ends(session('B'), 'a session with the new process');

print "==> rotate the log, while both processes write it\n";
run('logrotate', '-f', '/etc/logrotate.d/muxproxy');
check(slurp("$log.1") =~ / info start /, 'the old one has the lines so far');
until_so(sub { has_open($first) && has_open($main) }, 'the log is opened anew');
ends(session('B'), 'a session with the new process');
until_so(sub { slurp($log) =~ / session id=2 / }, 'and has its line');
ends($held, 'the session from before');
until_so(sub { slurp($log) =~ / stop reason=SIGUSR2 / }, 'and has those of the old process');
until_so(sub { waitpid($first, POSIX::WNOHANG()) == $first }, 'the old process is gone');
check(slurp('/tmp/systemctl.log') !~ /\brestart\b/, 'nothing was restarted');

print "==> remove\n";
run('apt-get', '-q', '-y', 'remove', 'muxproxy');
check(!-e '/usr/bin/muxproxy' && !processes(), 'the program is gone, and its process');
check(listening() == $own, 'no port is open');
check(-e "$config.example" && -e $log, 'configuration and logs stay');
run('logrotate', '-f', '/etc/logrotate.d/muxproxy');

print "==> purge\n";
run('apt-get', '-q', '-y', 'purge', '--auto-remove', 'muxproxy');
check(-e $config && !-e "$config.example" && !-e $log, 'only what was written by hand stays');
unlink($config);
rmdir('/etc/muxproxy');
rmdir('/run/muxproxy');
my $after = files();
my @left = map { "+ $_" } grep { !$before->{$_} } sort keys(%$after);
my @lost = map { "- $_" } grep { !$after->{$_} } sort keys(%$before);
print map { "$_\n" } @left, @lost;
check(!@left && !@lost, 'nothing is left behind');
end();
