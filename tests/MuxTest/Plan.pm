# SPDX-License-Identifier: ISC
#
# A relay with a configuration file: the file is written anew and read again,
# and the program is started anew in its own place.
package MuxTest::Plan;
use strict;
use warnings;
use Exporter 'import';
use File::Copy qw(copy);
use MuxTest;
use MuxTest::Loop qw(wait_until wait_polling);
use MuxTest::Net qw(reserve connect_to);
use MuxTest::Process qw(kill_later);

our @EXPORT = qw(has_files write_file route_of start_planned reload reload_as reload_fails
    upgrade successor copied replace calls refused until_refused is_locked new_listen
    session_at moves children_of leaves ends);

# Whether the program was built with what reads files.
sub has_files
{
	return (contents(builddir() . '/config.h') // '') =~ /^#define HAVE_FYAML 1$/m;
}

# Whole at once, as whoever replaces a file should do it.
sub write_file
{
	my ($path, $text) = @_;
	open(my $file, '>', "$path.new") or die "$path: $!\n";
	print({$file} $text);
	close($file) or die "$path: $!\n";
	rename("$path.new", $path) or die "$path: $!\n";
	return $path;
}

# The lines of one route; what there is more of it comes as further lines.
sub route_of
{
	my ($name, $listen, $upstream, @more) = @_;
	return join('', "  - name: $name\n", "    listen: [\"$listen\"]\n",
		"    upstreams: [\"$upstream\"]\n", map { "    $_\n" } @more);
}

# Options: text (of the file) or routes (a list of texts), file, options, listen
# (where to connect), and those of MuxTest::Relay.
sub start_planned
{
	my (%options) = @_;
	my $file = $options{file} // new_path('muxproxy.yaml');
	my $text = $options{text} // join('', "routes:\n", @{ $options{routes} });
	write_file($file, $text);
	return MuxTest::Relay->new(program => program(), %options, file => $file,
		arguments => [ @{ $options{options} // [] }, '-f', $file ]);
}

# Reads the file anew; the line about what became of it.
sub reload
{
	my ($relay) = @_;
	$relay->signal('HUP');
	return $relay->wait_for_line(qr/ (?:info reload|error reload-failed) /);
}

sub reload_as
{
	my ($relay, @routes) = @_;
	write_file($relay->{file}, join('', "routes:\n", @routes));
	my $line = reload($relay);
	die "not reloaded: $line\n" . $relay->tail if $line !~ / info reload /;
	return $line;
}

# The same for a file that is wrong: what was said of it.
sub reload_fails
{
	my ($relay, $text) = @_;
	my $before = @{ $relay->{lines} };
	write_file($relay->{file}, $text) if defined($text);
	my $line = reload($relay);
	die "reloaded: $line\n" if $line !~ / error reload-failed action=keep-old\z/;
	return join("\n", @{ $relay->{lines} }[ $before .. $#{ $relay->{lines} } ]);
}

# The process that took over, in place of the one that ended by itself: both
# write to the same log.
sub successor
{
	my ($relay, $pid) = @_;
	kill_later($pid);
	return bless { %{$relay}, pid => $pid, handles => {}, lines => [], sessions => [],
		lost_lines => 0 },
	    'MuxTest::Relay';
}

# Has the program started anew; the new process.
sub upgrade
{
	my ($relay) = @_;
	$relay->signal('USR2');
	my ($pid) = $relay->wait_for_line(qr/ info upgrade pid=\d+\z/) =~ /(\d+)\z/;
	return successor($relay, $pid);
}

# The real file of a program that libtool may have wrapped.
sub binary
{
	my ($path) = @_;
	my ($real) = grep { -x } $path =~ s{([^/]+)\z}{.libs/$1}r, $path;
	return $real;
}

# A copy of the program, at a path where another is to be put; or is by now.
sub copied
{
	my ($path) = @_;
	$path //= new_path('muxproxy');
	unlink($path);
	copy(binary(builddir() . '/tests/relay/impatient-muxproxy'), $path) or die "copy: $!\n";
	chmod(0755, $path);
	return $path;
}

sub replace
{
	my ($path, $script) = @_;
	unlink($path);
	return if !defined($script);
	open(my $file, '>', "$path.new") or die "$path: $!\n";
	print({$file} $script);
	close($file);
	chmod(0755, "$path.new");
	return rename("$path.new", $path);
}

# Whichever of its threads has started them.
sub children_of
{
	my ($pid) = @_;
	return join('', map { contents($_) // '' } glob("/proc/$pid/task/*/children"));
}

# One short session; how it went.
sub calls
{
	my ($address, $count) = @_;
	my $client = eval { connect_to($address) } or return 'refused';
	$count //= 100;
	$client->expect($client)->send($count)->finish;
	my $end = $client->until_end . " $client->{got}";
	$client->close;
	return $end eq "fin $count" ? 'served' : $end;
}

# Whether nobody listens there: asked without a connection that somebody
# could accept, where that is possible.
sub refused
{
	my ($address) = @_;
	my $client = eval { connect_to($address) } or return 1;
	$client->until_connected;
	my $refused = !$client->{connected};
	$client->reset;
	return $refused;
}

sub until_refused
{
	my ($address) = @_;
	return wait_polling { refused($address) } "nobody to listen on $address";
}

# Whether somebody has a lock on that file.
sub is_locked
{
	my ($path) = @_;
	open(my $file, '<', $path) or return 0;
	return !flock($file, 2 | 4);
}

sub new_listen { return '127.0.0.1:' . reserve(); }

# A session that goes on, with its upstream.
sub session_at
{
	my ($address, $server) = @_;
	my $client = connect_to($address);
	my $upstream = $server->next;
	$client->until_connected;
	$client->expect($upstream);
	$upstream->expect($client);
	return ($client, $upstream);
}

sub moves
{
	my ($client, $upstream) = @_;
	my ($up, $down) = ($upstream->{got} + 100_000, $client->{got} + 100_000);
	$_->send(100_000) for $client, $upstream;
	return $upstream->until_got($up) && $client->until_got($down);
}

# The old process has nothing more to do, and leaves well.
sub leaves
{
	my ($old, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	wait_polling { $old->ended } 'the old process to end';
	return is($old->{status}, 0, $name // 'the old one leaves well');
}

# Ends the last process, and reads all that was written to the log of all.
sub ends
{
	my ($log, $process) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	kill('TERM', $process->{pid});
	wait_until { !%{ $log->{handles} } } 'the end of the log';
	MuxTest::Process::kill_later($process->{pid}, 0);
	my @wrong = grep { /Sanitizer|runtime error/ } @{ $log->{lines} };
	return is("@wrong", '', 'the new one ends well');
}

1;
