# SPDX-License-Identifier: ISC
#
# The relays that are compared: how each is started, on one thread or several,
# as lean as it can be: no log, no checks, no limits that cost, and the kernel's
# own sizes of socket buffers.
package Peers;
use strict;
use warnings;
use Exporter 'import';

our @EXPORT_OK = qw(peers which);

# haproxy: one thread, no log, limits of time that are never reached; the size
#   of its buffers is its default, 16 KiB.  With splice-auto it moves to splice
#   what it finds streaming.
# nginx: one worker, no log, the buffer of its default, 16 KiB; several workers
#   have a listener each, since they spread badly else.
# socat, redir, simpleproxy: a process for each connection.
# rinetd, pen: one process; pen uses epoll, and keeps no memory of clients.
# muxproxy-before: another build, by --before.  muxproxy-poll, muxproxy-select: as
#   the tests build them, with other interfaces of the kernel.
# direct: no relay; the server of the load generator is what is measured.
my @peers = (
	{ name => 'muxproxy', start => \&start_muxproxy, threads => \&muxproxy_threads },
	{ name => 'muxproxy-before', own => 1, start => \&start_muxproxy,
	  threads => \&muxproxy_threads },
	(map { { name => "muxproxy-$_", own => 1, start => \&start_muxproxy,
		threads => \&muxproxy_threads, only => { map { $_ => 1 } qw(ping-64 active) },
		idle => $_ eq 'select' ? 400 : undef } } qw(poll select)),
	{ name => 'haproxy', program => 'haproxy', start => \&start_haproxy, threads => 1 },
	{ name => 'haproxy-splice', program => 'haproxy', splice => 1,
	  start => \&start_haproxy, threads => 1 },
	{ name => 'nginx', program => 'nginx', start => \&start_nginx, threads => 1 },
	{ name => 'socat', program => 'socat', forks => 1, start => sub {
		my ($peer, %at) = @_;
		return ($peer->{path}, "TCP-LISTEN:$at{port},bind=127.0.0.1,reuseaddr,fork,"
			. 'backlog=4096,nodelay', "TCP:127.0.0.1:$at{upstream},nodelay");
	} },
	{ name => 'rinetd', program => 'rinetd', start => sub {
		my ($peer, %at) = @_;
		return ($peer->{path}, '-f', '-c', write_file("$at{directory}/rinetd.conf",
			"127.0.0.1 $at{port} 127.0.0.1 $at{upstream}\n"));
	} },
	{ name => 'pen', program => 'pen', start => sub {
		my ($peer, %at) = @_;
		return ($peer->{path}, '-f', '-r', '-c', 10, '-x', $at{sessions} + 100,
			'-p', "$at{directory}/pen.pid", "127.0.0.1:$at{port}",
			"127.0.0.1:$at{upstream}");
	} },
	{ name => 'redir', program => 'redir', forks => 1, start => sub {
		my ($peer, %at) = @_;
		return ($peer->{path}, '-n', "127.0.0.1:$at{port}", "127.0.0.1:$at{upstream}");
	} },
	{ name => 'simpleproxy', program => 'simpleproxy', forks => 1, start => sub {
		my ($peer, %at) = @_;
		return ($peer->{path}, '-L', "127.0.0.1:$at{port}", '-R',
			"127.0.0.1:$at{upstream}");
	} },
	{ name => 'direct', direct => 1, start => sub {
		my ($peer, %at) = @_;
		return ($at{muxload}, '--listen', "127.0.0.1:$at{port}", 'serve');
	} },
);

sub which
{
	my ($program) = @_;
	for my $directory (split(/:/, $ENV{PATH}), '/usr/sbin', '/sbin', '/usr/local/sbin') {
		return "$directory/$program" if -x "$directory/$program" && -f _;
	}
	return undef;
}

# All that are here; a peer is also {path} and {version}.  Given are the paths of
# those that are of this tree.
sub peers
{
	my (%path) = @_;
	my @found;
	for my $peer (@peers) {
		my %peer = %$peer;
		$peer{path} = $peer{program} ? which($peer{program}) : $path{ $peer{name} };
		next if !defined($peer{path}) || !-x $peer{path};
		$peer{version} = version_of(\%peer);
		$peer{threads} = $peer{threads}->(\%peer) if ref($peer{threads});
		push(@found, \%peer);
	}
	return @found;
}

sub output_of
{
	my (@command) = @_;
	open(my $pipe, '-|', 'sh', '-c', 'exec "$0" "$@" </dev/null 2>&1', @command)
	    or return '';
	local $/;
	return <$pipe> // '';
}

sub version_of
{
	my ($peer) = @_;
	return '' if $peer->{direct};
	my %option = (haproxy => '-v', nginx => '-v', socat => '-V', muxproxy => '-V');
	my $option = $option{ $peer->{program} // 'muxproxy' } // '--version';
	return output_of($peer->{path}, $option) =~ /(\d+\.\d[\w.]*)/ ? $1 : '';
}

sub muxproxy_threads
{
	my ($peer) = @_;
	return output_of($peer->{path}, '--help') =~ /--workers/ ? 1 : 0;
}

sub write_file
{
	my ($path, $text) = @_;
	open(my $file, '>', $path) or die "$path: $!\n";
	print({$file} $text);
	close($file) or die "$path: $!\n";
	return $path;
}

sub start_muxproxy
{
	my ($peer, %at) = @_;
	my @workers = $peer->{threads} ? ('--workers', $at{threads}) : ();
	return ($peer->{path}, '--quiet', @workers, "127.0.0.1:$at{port}",
		"127.0.0.1:$at{upstream}");
}

sub start_haproxy
{
	my ($peer, %at) = @_;
	my $splice = $peer->{splice} ? "\toption splice-auto\n" : '';
	my $pipes = $peer->{splice} ? "\tmaxpipes 200\n" : '';	# each is two descriptors
	my $most = $at{sessions} + 100;
	return ($peer->{path}, '-db', '-f', write_file("$at{directory}/haproxy.cfg", <<"END"));
global
	nbthread $at{threads}
	maxconn $most
${pipes}defaults
	mode tcp
	timeout connect 5s
	timeout client 1h
	timeout server 1h
	maxconn $most
${splice}listen relay
	bind 127.0.0.1:$at{port} backlog 4096
	server upstream 127.0.0.1:$at{upstream}
END
}

# The module is loaded where the distribution has it apart.
sub start_nginx
{
	my ($peer, %at) = @_;
	my ($module) = grep { -f } '/usr/lib/nginx/modules/ngx_stream_module.so',
		'/usr/lib64/nginx/modules/ngx_stream_module.so';
	my $load = defined($module) ? "load_module $module;\n" : '';
	my $most = 2 * $at{sessions} + 100;
	my $each = $at{threads} > 1 ? ' reuseport' : '';
	my $files = $most + 100;
	my $conf = write_file("$at{directory}/nginx.conf", <<"END");
${load}daemon off;
worker_processes $at{threads};
worker_rlimit_nofile $files;
pid $at{directory}/nginx.pid;
error_log /dev/null crit;
events {
	worker_connections $most;
}
stream {
	access_log off;
	server {
		listen 127.0.0.1:$at{port} backlog=4096$each;
		proxy_pass 127.0.0.1:$at{upstream};
		proxy_timeout 1h;
		proxy_half_close on;
		tcp_nodelay on;
	}
}
END
	return ($peer->{path}, '-p', $at{directory}, '-e', "$at{directory}/error.log", '-c', $conf);
}

1;
