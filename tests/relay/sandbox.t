#!/usr/bin/perl
# SPDX-License-Identifier: ISC
#
# Confinement, as it shows from outside: what each thread of a running relay is
# left with, and that all still works which has to.  tests/src/confined is the
# test of what threads cannot do.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/..";
use MuxTest;
use POSIX ();

plan(skip_all => 'Linux is confined thread by thread') if $^O ne 'linux';
my ($status, $facts) = run(program(), '-vV');
my ($fact) = $facts =~ /^sandbox: (.*)$/m;
like($fact // '', qr/no-new-privs/, '-vV says what can be');
my $is_measured = ($fact // '') =~ /workers only/;

# Each thread's fields of /proc, as "field value".
sub threads_of
{
	my ($relay) = @_;
	return map {
		my %field;
		if (open(my $file, '<', $_)) {
			while (my $line = <$file>) {
				my ($name, $value) = $line =~ /^(\w+):\s*(.*?)\s*$/ or next;
				$field{$name} = $value =~ s/\s+/ /gr;
			}
		}
		%field ? \%field : ();
	} glob("/proc/$relay->{pid}/task/*/status");
}

# How many threads there are, and of those, how many have that.
sub have
{
	my ($relay, $field, $pattern) = @_;
	my @threads = threads_of($relay);
	my @have = grep { ($_->{$field} // '') =~ $pattern } @threads;
	return (scalar(@threads), scalar(@have));
}

# They confine themselves when they begin, and main after it has said so.
sub all_have
{
	my ($relay, $field, $pattern, $name) = @_;
	my ($count, $have);
	wait_polling {
		($count, $have) = have($relay, $field, $pattern);
		$count == $have;
	} "$field of all threads", 10;
	return is($have, $count, $name // "$field of all threads")
	    || diag(join("\n", map { $_->{$field} // '' } threads_of($relay)));
}

sub serves
{
	my ($relay, $name) = @_;
	my $client = connect_to($relay->address);
	$client->expect($client)->send(300_000)->finish;
	my $end = $client->until_end;
	$client->close;
	return is("$end $client->{got}", 'fin 300000', $name);
}

sub is_confined
{
	my ($relay) = @_;
	my $active = $relay->{start}{sandbox} // '';
	like($active, qr/\Ano-new-privs(?:,|\z)/, 'the start line says so');
	unlike($active, qr/!/, 'nothing was refused');
	all_have($relay, 'NoNewPrivs', qr/\A1\z/);
	return if $is_measured || $active !~ /seccomp/;
	return all_have($relay, 'Seccomp', qr/\A2\z/);
}

for my $workers (1, 3) {
	each_backend "$workers workers" => sub {
		my $relay = start_relay(upstream => [ 'builtin:echo', 'localhost:9' ],
			options => [ '-w', $workers ]);
		is_confined($relay);
		cmp_ok(scalar(threads_of($relay)), '>=', $workers + 1, 'these are many');
		serves($relay, 'it serves');
		$relay->wait_sessions(1);
		ends_well($relay);
	};
}

each_backend 'another user' => sub {
	plan(skip_all => 'needs root') if $> != 0;
	my ($name, $uid, $gid) = (getpwnam('nobody'))[ 0, 2, 3 ];
	plan(skip_all => 'there is no user nobody') if !defined($uid);
	my $relay = start_relay(upstream => [ 'builtin:echo', 'localhost:9' ],
		options => [ '-w', 2, '-u', $name ]);
	is_confined($relay);
	all_have($relay, 'Uid', qr/\A$uid(?: $uid){3}\z/);
	all_have($relay, 'Gid', qr/\A$gid(?: $gid){3}\z/);
	all_have($relay, 'Groups', qr/\A(?:$gid)?\z/);
	all_have($relay, $_, qr/\A0+\z/)
	    for 'CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb';
	serves($relay, 'it serves');
	$relay->wait_sessions(1);
	ends_well($relay);
};

each_backend 'root that stays' => sub {
	plan(skip_all => 'needs root') if $> != 0;
	my $relay = start_relay(upstream => 'builtin:echo', options => [ '-w', 2 ]);
	is_confined($relay);
	# setuid, setgid, setpcap, sys_module, sys_ptrace, sys_admin
	my $bits = 1 << 6 | 1 << 7 | 1 << 8 | 1 << 16 | 1 << 19 | 1 << 21;
	for my $field ('CapPrm', 'CapEff', 'CapBnd') {
		is(scalar(grep { hex($_->{$field}) & $bits } threads_of($relay)), 0,
			"$field has no power over the system");
	}
	ends_well($relay);
};

each_backend 'never root' => sub {
	plan(skip_all => 'needs root to become another') if $> != 0;
	my $relay = start_relay(upstream => 'builtin:echo', uid => 65534);
	is_confined($relay);
	is((stat("/proc/$relay->{pid}/environ"))[4], $is_measured ? 65534 : 0,
		'its memory is for root alone');
	serves($relay, 'it serves');
	$relay->wait_sessions(1);
	ends_well($relay);
};

each_backend 'without' => sub {
	my $relay = start_relay(upstream => 'builtin:echo', options => ['--no-sandbox']);
	is($relay->{start}{sandbox}, 'off', 'the start line says so');
	is_deeply([ have($relay, 'Seccomp', qr/\A0\z/) ], [ (scalar(threads_of($relay))) x 2 ],
		'no thread has a filter');
	ends_well($relay);
};

# Sets of rules on top of each other, as of upgrades: none of ours fits.
each_backend 'as many rules as there can be' => sub {
	my $wrapper = new_directory() . '/layers';
	open(my $file, '>', $wrapper) or die "$wrapper: $!\n";
	print $file <<'EOT';
my ($create, $restrict, $prctl, $no_new_privs) = (444, 446, 157, 38);
my $no_fifo = pack('Q', 1 << 10);
syscall($prctl, $no_new_privs, 1, 0, 0, 0) == 0 or die "prctl: $!\n";
my $rules = syscall($create, $no_fifo, length($no_fifo), 0);
die "no Landlock\n" if $rules == -1;
for (1 .. 16) {
	syscall($restrict, $rules, 0) == 0 or die "restrict: $!\n";
}
exec(@ARGV) or die "exec: $!\n";
EOT
	close($file) or die "$wrapper: $!\n";
	my ($has, $output) = run($^X, $wrapper, 'true');
	plan(skip_all => 'needs Landlock, on x86-64')
	    if $has != 0 || $is_measured || (POSIX::uname())[4] ne 'x86_64';
	local $ENV{MUX_TEST_WRAPPER} = "$^X $wrapper";
	my $relay = start_relay(upstream => 'builtin:echo', options => [ '-w', 2 ]);
	serves($relay, 'it serves');
	$relay->wait_sessions(1);
	ends_well($relay);
	like(join("\n", grep { / sandbox-incomplete / } @{ $relay->{lines} }),
		qr/\A\S+ warning sandbox-incomplete thread=\w+ part=landlock error="[^"\n]+"\z/,
		'told once');
};

# Where files are made and removed, by name and by a link to elsewhere.
each_backend 'files of its own' => sub {
	for my $workers (1, 2) {
		my ($directory, $elsewhere) = (new_directory(), new_directory());
		symlink("$elsewhere/log", "$directory/log") or die "symlink: $!\n";
		my $relay = start_relay(listen => "unix:$directory/socket",
			upstream => 'builtin:echo', started => 0,
			options => [ '-w', $workers, '-p', "$directory/pid",
				'--log', "$directory/log" ]);
		my $says = sub {
			my ($pattern) = @_;
			return wait_polling { (contents("$elsewhere/log") // '') =~ $pattern }
			"$pattern in the log";
		};
		ok($says->(qr/ start .*sandbox=no-new-privs/), "$workers workers: starts");
		$relay->{start} = {};
		all_have($relay, 'Seccomp', qr/\A2\z/, 'confined')
		    if !$is_measured && contents("$elsewhere/log") =~ /sandbox=\S*seccomp/;
		rename("$elsewhere/log", "$elsewhere/old");
		$relay->signal('USR1');
		ok((wait_polling { -e "$elsewhere/log" } 'a new log'), 'the log is made anew');
		serves($relay, 'it serves');
		ok($says->(qr/ session /), 'and logs there');
		$relay->signal('TERM');
		is($relay->wait, 0, 'it ended well');
		ok(!-e "$directory/$_", "the $_ is gone") for 'socket', 'pid';
	}
};

done_testing();
