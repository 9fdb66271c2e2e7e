#!/usr/bin/perl
# SPDX-License-Identifier: ISC
#
# The parser, the schema and the manual page know the same keys; and the
# samples of the page are read by the first and valid for the second.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use ConfigTest;
use JSON::PP;

my $schema_path = source() . '/dist/muxproxy.schema.json';
my $schema = JSON::PP->new->decode(slurp($schema_path));
my $page = slurp(source() . '/man/muxproxy.yaml.5');
my %parser = map { $_ => 1 } split(/\n/, qx('@{[reader()]}' --keys));

# All schemas that a schema leads to, in the place where it is.
sub schemas_of
{
	my ($one) = @_;
	return () unless ref($one) eq 'HASH';
	my @found = ($one);
	if (my ($name) = ($one->{'$ref'} // '') =~ m{\A#/\$defs/(.*)\z}) {
		push(@found, schemas_of($schema->{'$defs'}{$name}));
	}
	push(@found, schemas_of($_)) for @{ $one->{anyOf} // [] };
	push(@found, schemas_of($one->{items}));
	return @found;
}

my (%schema_keys, @undescribed);

sub collect
{
	my ($from, $way) = @_;
	for my $one (schemas_of($from)) {
		my $properties = $one->{properties} or next;
		push(@undescribed, "$way: takes any key") if $one->{additionalProperties} // 1;
		for my $name (sort keys %$properties) {
			next if $name eq '<<';
			my $path = $way eq '' ? $name : "$way.$name";
			$schema_keys{$path} = 1;
			push(@undescribed, $path) unless
			    grep { $_->{description} } schemas_of($properties->{$name});
			collect($properties->{$name}, $path);
		}
	}
	return;
}
collect($schema, '');
is_deeply([ sort keys %schema_keys ], [ sort keys %parser ],
	'the schema has the keys of the parser');
is("@undescribed", '', 'and describes them all');

# The page has keys of a route once, and those of a socket once.
sub page_keys
{
	my ($heading) = @_;
	my ($text) = $page =~ /^\.Sh \Q$heading\E\n(.*?)^\.Sh /ms or return {};
	return { map { $_ => 1 } $text =~ /^\.It Ic (\S+)(?: :|\z)/mg };
}

my (%top, %route);
for my $path (keys %parser) {
	if ($path =~ /\A(?:routes|defaults)\.(.*)\z/) {
		my $inner = $1;
		$route{$inner} = 1 unless $inner =~ /\A(?:client|upstream)-socket\./;
	} else {
		$top{$path} = 1;
	}
}
is_deeply([ sort keys %{ page_keys('TOP LEVEL') } ], [ sort keys %top ],
	'the page has the keys of the top level');
is_deeply([ sort keys %{ page_keys('ROUTES') } ], [ sort keys %route ], 'and those of routes');
my @without = grep { !/^Example:/m && !/\A\S+ :\n/ }
	split(/^\.It Ic /m, ($page =~ /^\.It Ic (workers.*?)^\.Sh FILES/ms)[0]);
is("@without", '', 'each key has an example, unless it is there for others');

# Samples are those that have routes.
my @samples = grep { /^routes:/m } $page =~ /^\.Bd -literal.*?\n(.*?)^\.Ed/msg;
my $full = $samples[-1];
s/\\\(dq/"/g for @samples;
cmp_ok(scalar(@samples), '>=', 3, 'there are samples');
my @paths = ((map { spit("sample-$_.yaml", $samples[$_]) } 0 .. $#samples),
	source() . '/dist/muxproxy.yaml');
for my $path (@paths) {
	my (undef, $said) = reads($path);
	$said =~ s/^.*built without .*\n(?:.*\|.*\n)*//mg;
	like($said, qr/\A(?:\d+ routes\n)?\z/, "$path is read");
}
my %missing = map { $_ => 1 } keys %parser;
for my $key (keys %missing) {
	my ($name) = $key =~ /([^.]+)\z/;
	delete($missing{$key}) if $full =~ /(?:^|[{, ])\Q$name\E:/m;
}
is(join(' ', sort keys %missing), '', 'the full sample has every key');

my @wrong = map { spit("wrong-$_->[0].yaml", $_->[1]) } ([ key => "routs: []\n" ],
	[ unit => "shutdown-timeout: 5\n" ], [ kind => "routes: {}\n" ],
	[ size => "limits: {memory: 12}\n" ],
	[ deep => "routes: [{listen: 1, upstreams: 'a:1', socket: {keepalive: maybe}}]\n" ],
	[ none => "routes: [{listen: 1}]\n" ]);
SKIP: {
	my $validate = 'python3 ' . source() . '/tests/config/validate.py';
	my $said = qx($validate '$schema_path' @paths 2>&1);
	skip("python3 cannot check a schema: $said", 1 + @wrong) if $? >> 8 == 77 || $? >> 8 == 127;
	is($said, '', 'the samples are valid by the schema');
	for my $path (@wrong) {
		$said = qx($validate '$schema_path' $path 2>&1);
		is($? >> 8, 1, "$path is not");
		is((reads($path))[0], 78, "and the parser says the same");
	}
}
done_testing();
