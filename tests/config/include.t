#!/usr/bin/perl
# SPDX-License-Identifier: ISC
#
# Files that include others, and variables of the environment.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use ConfigTest;

my $port = 1000;

# A file with one route, whose port no other has.
sub route_file
{
	my ($path, $more) = @_;
	return spit($path, 'routes: [{listen: ' . ++$port . ", upstreams: a:1}]\n" . ($more // ''));
}

# What is wanted goes on in the next line where one ends in a backslash.
sub says
{
	my ($path, $want, $name, %environment) = @_;
	$want =~ s/\\\n//g;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my (undef, $said) = reads($path, %environment);
	return is($said, $want, $name);
}

route_file('main.yaml', "include: conf.d/*.yaml\n");
says('main.yaml', "1 routes\n", 'a pattern may match nothing');
route_file("conf.d/$_.yaml") for qw(b a);
route_file('conf.d/c.yml');
route_file('conf.d/.hidden.yaml');
says('main.yaml', "3 routes\n", 'or several');
route_file('conf.d/a.yaml', "include: more/x.yaml\n");
route_file('conf.d/more/x.yaml');
says('main.yaml', "4 routes\n", 'a path begins where its file is');
says('./main.yaml', "4 routes\n", 'however that is named');
route_file('[x]*/main.yaml', "include: ['sub/*.yaml', sub/a.yaml]\n");
route_file('[x]*/sub/b.yaml');
route_file('[x]*/sub/a.yaml');
says('[x]*/main.yaml', <<'END', 'a directory is no pattern, and no file is read twice');
[x]*/main.yaml:2:25: error: '[x]*/sub/a.yaml' is included twice
    2 | include: ['sub/*.yaml', sub/a.yaml]
      |                         ^
END
route_file('first.yaml', "include: [sub/a.yaml, 'sub/*.yaml', '*.yaml']\n");
route_file("sub/$_.yaml") for qw(a b);
unlink('main.yaml');
says('first.yaml', "3 routes\n", 'but may be found again');

route_file('one.yaml', "include: two.yaml\n");
spit('two.yaml', "include: three.yaml\n");
spit('three.yaml', "include: ./one.yaml\n");
says('one.yaml', <<'END', 'a circle is none');
three.yaml:1:10: error: './one.yaml' includes this file, and cannot be included by it
    1 | include: ./one.yaml
      |          ^
END
spit("deep/$_.yaml", 'include: ' . ($_ + 1) . ".yaml\n") for 1 .. 20;
says('deep/1.yaml', <<'END', 'and no depth without end');
deep/17.yaml:1:10: error: files include each other too deeply; 16 levels are possible
    1 | include: 18.yaml
      |          ^
END
spit('outer.yaml', "include: [inner.yaml, wrong.yaml]\nroutes: [{listen: 1, upstreams: x}]\n");
spit('inner.yaml', "log: {level: info}\nlevel: info\nroutes: [{listen: 2, upstreams: y}]\n");
spit('wrong.yaml', "routes: [\n");
says('outer.yaml', <<'END', 'all that is wrong with all of them is told');
outer.yaml:2:33: error: upstreams 'x': write HOST:PORT; for a port of this machine, localhost:PORT
    2 | routes: [{listen: 1, upstreams: x}]
      |                                 ^
inner.yaml:1:1: error: 'log' belongs to the main file; an included file \
has defaults, routes and include
    1 | log: {level: info}
      | ^
inner.yaml:2:1: error: 'level' is no key of an included file; write 'level' below 'log'
    2 | level: info
      | ^
inner.yaml:3:33: error: upstreams 'y': write HOST:PORT; for a port of this machine, localhost:PORT
    3 | routes: [{listen: 2, upstreams: y}]
      |                                 ^
wrong.yaml:1:9: error: the closing ] of this list is missing
    1 | routes: [
      |         ^
END
spit('outer.yaml', "defaults: {limits: {connections: 5, per-source: 9}}\ninclude: inner.yaml\n");
spit('inner.yaml', "defaults: {limits: {connections: 7}}\n"
	. "routes: [{listen: 3, upstreams: 'a:1'}]\n");
my (undef, $said) = reads('outer.yaml');
like($said, qr/\Aouter\.yaml:1:49: error: (?:9 of one source can never be reached|.*uthash)/,
	'what comes from the defaults of another file is wrong there');
route_file('same.yaml', "include: other.yaml\n");
spit('other.yaml', "routes: [{listen: $port, upstreams: a:1}]\n");
says('same.yaml', <<"END", 'two files have one listener');
other.yaml:1:19: error: *:$port is listened on already (same.yaml:1)
    1 | routes: [{listen: $port, upstreams: a:1}]
      |                   ^
END

spit('environment.yaml', "routes: [{listen: '\${PORT}', upstreams: '\${HOST:-a}:1'}]\n"
	. "include: '\${DIR:-x}/*.yaml'\n");
says('environment.yaml', "1 routes\n", 'variables are put in', PORT => 99);
says('environment.yaml', "3 routes\n", 'also into patterns', PORT => 99, DIR => 'sub');
says('environment.yaml', <<'END', 'in one line', PORT => "1, 2]\n#", HOST => "a\033[2J");
environment.yaml:1:20: error: listen has a line break or a control character \
in it; write a port, ADDRESS:PORT or unix:PATH, or a list of them
    1 | routes: [{listen: '${PORT}', upstreams: '${HOST:-a}:1'}]
      |                    ^
environment.yaml:1:42: error: upstreams has a line break or a control character \
in it; write HOST:PORT or unix:PATH, or a list of them
    1 | routes: [{listen: '${PORT}', upstreams: '${HOST:-a}:1'}]
      |                                          ^
END
says('environment.yaml', <<'END', 'and never a list', PORT => '[80]', HOST => '{a: b}');
environment.yaml:1:20: error: listen '[80]': the port must be a number from 1 to 65535
    1 | routes: [{listen: '${PORT}', upstreams: '${HOST:-a}:1'}]
      |                    ^
environment.yaml:1:42: error: upstreams '{a: b}:1': write several as a list, such as [a:1, b:2]
    1 | routes: [{listen: '${PORT}', upstreams: '${HOST:-a}:1'}]
      |                                          ^
END
done_testing();
