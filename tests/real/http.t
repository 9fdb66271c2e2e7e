#!/usr/bin/perl
# SPDX-License-Identifier: ISC
#
# A web server behind the relay: nginx, asked by curl and wrk.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/..";
use MuxTest;

my ($nginx, $curl) = need('nginx', 'curl');
my $wrk = which('wrk');
my $size = quick() ? 4 << 20 : 32 << 20;

sub start_nginx
{
	my $directory = new_directory();
	my $port = reserve();
	mkdir("$directory/$_") for 'files', 'temp';
	open(my $conf, '>', "$directory/nginx.conf") or die "nginx.conf: $!\n";
	print({$conf} <<"END");
daemon off;
master_process off;
worker_processes 1;
pid $directory/nginx.pid;
error_log $directory/error.log;
events { worker_connections 1024; }
http {
	access_log off;
	client_body_temp_path $directory/temp/body;
	proxy_temp_path $directory/temp/proxy;
	fastcgi_temp_path $directory/temp/fastcgi;
	uwsgi_temp_path $directory/temp/uwsgi;
	scgi_temp_path $directory/temp/scgi;
	client_max_body_size 0;
	keepalive_requests 1000000;
	server {
		listen 127.0.0.1:$port;
		root $directory/files;
		location / { dav_methods PUT; }
		location /slow/ { alias $directory/files/; limit_rate 200k; }
	}
}
END
	close($conf);
	link(random_file($size), "$directory/files/file");
	open(my $small, '>', "$directory/files/small");
	print({$small} "small\n");
	close($small);
	start_server($port, $nginx, '-p', $directory, '-e', "$directory/error.log", '-c',
		"$directory/nginx.conf");
	return ($port, "$directory/files");
}

each_backend 'curl' => sub {
	my ($port, $files) = start_nginx();
	my $relay = start_relay(upstream => "127.0.0.1:$port");
	my $url = 'http://' . $relay->address;
	my @curl = ($curl, '--silent', '--show-error', '--fail', '--noproxy', '*');
	my $copy = new_path('copy');

	is((run(@curl, '-o', $copy, "$url/file"))[0], 0, 'download');
	ok(same_files("$files/file", $copy), 'byte-exact');

	my ($status, $out, $err) = run(@curl, '-r', '1000-5999', "$url/file");
	is($status, 0, 'range') or diag($err);
	open(my $file, '<:raw', "$files/file");
	seek($file, 1000, 0);
	read($file, my $wanted, 5000);
	ok($out eq $wanted, 'byte-exact');

	my $upload = random_file($size);
	is((run(@curl, '-T', $upload, "$url/uploaded"))[0], 0, 'upload');
	ok(same_files($upload, "$files/uploaded"), 'byte-exact');

	is((run(@curl, "$url/small", "$url/small", "$url/small"))[1], "small\n" x 3,
		'one connection, three requests');
	is((run(@curl, '-H', 'Connection: close', "$url/small"))[1], "small\n",
		'the server closes');
	is((run(@curl, '--http1.0', "$url/small"))[1], "small\n", 'HTTP/1.0');
	$relay->wait_sessions(6);
	unlike($relay->reasons, qr/reset|error|idle/, 'reasons');

	# aborted in the middle
	$copy = new_path('part');
	my $client = MuxTest::Process->new(command => [ @curl, '-o', $copy, "$url/slow/file" ]);
	wait_polling { -s $copy } 'a part of the file';
	$client->signal('KILL');
	like($relay->wait_sessions(7)->{reason}, qr/\Aclient-(?:fin|reset)\z/,
		'aborted by the client');
	is($client->wait, 'SIG9', 'in the middle');
	ends_well($relay);
};

each_backend 'wrk' => sub {
	plan(skip_all => 'wrk is not here') if !$wrk;
	my ($port) = start_nginx();
	my $relay = start_relay(upstream => "127.0.0.1:$port");
	for my $target ([ 'direct', "127.0.0.1:$port" ], [ 'relayed', $relay->address ]) {
		my ($name, $address) = @$target;
		my ($status, $out, $err) = run($wrk, '-t', 1, '-c', 200, '-d',
			quick() ? '1s' : '2s',
			"http://$address/small");
		is($status, 0, "$name: wrk") or diag($err);
		like($out, qr/Requests\/sec:\s+[1-9]/, "$name: requests were answered");
		unlike($out, qr/Socket errors|Non-2xx/, "$name: without an error") or diag($out);
		note("$name: $1") if $out =~ /(Requests\/sec:.*)/;
	}
	ends_well($relay);
	# on a busy machine wrk has not begun with all 200 when its time is over
	cmp_ok(scalar(@{ $relay->{sessions} }), '>=', 1, 'connections');
};

done_testing();
