# SPDX-License-Identifier: ISC
#
# A loopback that is the same everywhere, but for the sizes of buffers, which a
# namespace takes over: one in a network namespace of its own, with cubic, Linux'
# own choice, for congestion control.  A system may have bbr instead, which paces
# what it sends by timers; on a loopback that measures the timers.  Needs root,
# unshare(1) and ip(8); without them the system's loopback is used as it is.
package Network;
use strict;
use warnings;
use Exporter 'import';
use Peers qw(which);

our @EXPORT_OK = qw(own_network network);

my $INSIDE = 'MUX_BENCH_NETWORK';	# set to what there is, once inside
my $CONGESTION = 'cubic';

# 127.0.0.1 has a route of its own from the kernel.
my $SET_UP = <<"END";
ip link set lo up || exit 1
for network in 127.0.0.0/8 127.0.0.1; do
	ip route replace table local local \$network dev lo src 127.0.0.1 \\
	    congctl $CONGESTION || exit 1
done
END

# Runs the same command once more, in a namespace of its own, if it can.
sub own_network
{
	my (@command) = @_;
	my ($unshare, $ip) = map { which($_) } qw(unshare ip);
	return if defined($ENV{$INSIDE}) || $> != 0 || !$unshare || !$ip;
	# not every root may, and a try says nothing
	return if system('sh', '-c', 'exec "$@" 2>/dev/null', 'sh', $unshare, '--net', 'sh', '-c',
		$SET_UP) != 0;
	$ENV{$INSIDE} = "$CONGESTION, in a network namespace of its own";
	exec($unshare, '--net', 'sh', '-c', "$SET_UP exec \"\$@\"", 'sh', @command);
	die "$unshare: $!\n";
}

# What the congestion control is, and whose.
sub network
{
	return $ENV{$INSIDE} if defined($ENV{$INSIDE});
	open(my $file, '<', '/proc/sys/net/ipv4/tcp_congestion_control') or return 'unknown';
	chomp(my $name = <$file>);
	return "$name, of this system";
}

1;
