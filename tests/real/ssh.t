#!/usr/bin/perl
# SPDX-License-Identifier: ISC
#
# ssh and scp through the relay, with a server and keys of the test's own.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/..";
use MuxTest;

my ($sshd, $ssh, $scp, $keygen) = need('sshd', 'ssh', 'scp', 'ssh-keygen');
my $size = quick() ? 2 << 20 : 16 << 20;
my $user = getpwuid($>);

# where a service manager makes this directory when it starts the service
my $made = $> == 0 && !-d '/run/sshd' && mkdir('/run/sshd', 0755);
END { rmdir('/run/sshd') if $made; }

sub start_sshd
{
	my $directory = new_directory();
	my $port = reserve();
	for my $key ('host', 'user') {
		my ($status, $out, $err) = run($keygen, '-q', '-t', 'ed25519', '-N', '', '-C',
			'test', '-f',
			"$directory/$key");
		die "ssh-keygen: $err\n" if $status ne '0';
	}
	link("$directory/user.pub", "$directory/authorized_keys");
	open(my $conf, '>', "$directory/sshd_config") or die "sshd_config: $!\n";
	print({$conf} <<"END");
ListenAddress 127.0.0.1:$port
HostKey $directory/host
PidFile none
AuthorizedKeysFile $directory/authorized_keys
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin prohibit-password
Subsystem sftp internal-sftp
END
	close($conf);
	start_server($port, $sshd, '-D', '-e', '-f', "$directory/sshd_config");
	return ($port, $directory);
}

sub options
{
	my ($directory) = @_;
	return ('-q', '-F', 'none', '-i', "$directory/user",
		map { ('-o', $_) } 'IdentitiesOnly=yes',
		'BatchMode=yes', 'StrictHostKeyChecking=no', "UserKnownHostsFile=$directory/known",
		'NoHostAuthenticationForLocalhost=yes');
}

each_backend 'ssh' => sub {
	my ($port, $directory) = start_sshd();
	my @options = options($directory);
	my ($status) = run($ssh, @options, '-p', $port, "$user\@127.0.0.1", 'true');
	plan(skip_all => 'this sshd does not let us in') if $status ne '0';

	my $relay = start_relay(upstream => "127.0.0.1:$port");
	my ($relayed) = $relay->address =~ /(\d+)\z/;
	my @ssh = ($ssh, @options, '-p', $relayed, "$user\@127.0.0.1");
	is(join(' ', (run(@ssh, 'echo hello; exit 3'))[ 0, 1 ]), "3 hello\n", 'a command');

	my ($file, $copy) = (random_file($size), new_path('copy'));
	is((run({ stdin => $file, output => $copy }, @ssh, 'cat'))[0], 0, 'both ways at once');
	ok(same_files($file, $copy), 'byte-exact');

	my ($there, $back) = (new_path('there'), new_path('back'));
	is((run($scp, @options, '-P', $relayed, $file, "$user\@127.0.0.1:$there"))[0], 0, 'scp up');
	ok(same_files($file, $there), 'byte-exact');
	is((run($scp, @options, '-P', $relayed, "$user\@127.0.0.1:$there", $back))[0], 0,
		'scp down');
	ok(same_files($file, $back), 'byte-exact');
	$relay->wait_sessions(4);
	like($relay->reasons, qr/\A(?:(?:client|upstream)-(?:fin|reset)=\d ?)+\z/, 'reasons');
	ends_well($relay);
};

done_testing();
