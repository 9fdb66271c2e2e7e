# SPDX-License-Identifier: ISC
#
# muxproxy.8 describes every event of the log with all its keys, and no other.

use strict;
use warnings;

use FindBin qw($Bin);
use lib $Bin;
use Test::More;
use Tree;

# Of sessions: they have their keys in a list of their own.
my %of_session = map { $_ => 1 } qw(session session-alive open connected);

# The text of an entry says this word.
sub says {
	my ($about, $word) = @_;

	return $about =~ /^\.(?:\w+ )?Cm (?:.* )?\Q$word\E(?: |$)/m;
}

# Each event, and its keys, as the calls have them; and those that a session's
# line has now and then.
sub events_of_code {
	my %keys;

	for my $path (files(qr/\.c$/, 'src')) {
		my $text = code("$src/$path");

		# the logger's thread has no log to write to
		$text =~ s/\bsnprintf\(text, sizeof\(text\)/log_line(/g
		    if $path =~ m{/log-writer\.c$};
		for my $format (log_formats($text)) {
			my ($event) = $format =~ /^([a-z-]+) / or next;
			$keys{$event}{$_} = 1 for $format =~ / ([a-z-]+)=/g;
		}
		if ($path =~ m{/session-log\.c$}) {
			$keys{session}{$1} = 1 while $text =~ /" (\w+)=%[su]"/g;
		}
	}
	return \%keys;
}

# Each entry of the lists in a section, with the text that belongs to it.
sub entries {
	my ($page, $section) = @_;
	my ($text) = $page =~ /^\.Sh \Q$section\E\n(.*?)(?=^\.Sh )/ms;
	my %entries;

	while ($text =~ /^\.It Cm ([a-z, -]+)\n(.*?)(?=^\.(?:It|El))/gms) {
		my ($words, $about) = ($1, $2);
		$entries{$_} .= $about for split / , /, $words;
	}
	return \%entries;
}

my $code = events_of_code();
my $page = slurp("$src/man/muxproxy.8");
my $log = entries($page, 'LOG');
my $trouble = entries($page, 'DIAGNOSTICS');

# The keys of sessions are entries of the same form, and no events.
my %session_keys = map { %{ $code->{$_} } } keys %of_session;
my %reasons = map { $_ => 1 } map { $_ =~ /"([a-z-]+)"/g }
    slurp("$src/src/relay/gate.c") =~ /reasons\[\] = \{(.*?)\}/s;

cmp_ok(scalar(keys %$code), '>', 20, 'the events are found');
none('every event is in muxproxy.8',
    grep { !defined $log->{$_} && !defined $trouble->{$_} } sort keys %$code);
none('every one of muxproxy.8 is an event, or a key of sessions',
    grep { !$code->{$_} && !$session_keys{$_} } sort keys %$log, keys %$trouble);
none('every key of sessions is in muxproxy.8',
    grep { !defined $log->{$_} } sort keys %session_keys);
my @missing;
for my $event (grep { !$of_session{$_} } sort keys %$code) {
	my $about = ($log->{$event} // '') . ($trouble->{$event} // '');
	push @missing, map { "$event: $_" }
	    grep { !says($about, $_) } sort keys %{ $code->{$event} };
}
none('every key of an event is in its entry', @missing);
none('every reason of a refusal is in muxproxy.8',
    grep { !says($trouble->{refused}, $_) } sort keys %reasons);
done_testing();
