# The twin of playbook/queue/messages.py: a queue file's name, its envelope block, its headers,
# and the server's own trace line. White space is written out: older perls know less of it.

use strict;
use warnings;

my $WHITE = ' \t\n\r\f\x0b';
my $MAX_READ_BYTES = 1 << 20;
my $MAX_LINE_BYTES = 2048;

my $NAME = qr/\A([0-9A-Za-z]{0,2}[0-9]{18}[0-9A-Za-z]{0,2})((?:\.(?:tmp|tm\$|dat))+)\z/i;
my $ORIGINAL_SENDER = qr/\A\W{0,8}original[ _-]?sender\b/i;
my $BLOCK_LINE = qr/\A\W{0,4}
    (original[ _-]?sender|sender|mail[ _]?from|recipients?|rcpt(?:[ _]?to)?|message[ _]?id)
    [$WHITE]{0,8}[:=\t<"][$WHITE]{0,8}<?([^$WHITE<>"]{0,254})/ix;
my $MESSAGE_HEADER = qr/\A(?:Received|Return-Path|DKIM-Signature|From|To|Subject|Date|MIME-Version
    |Message-ID|Delivered-To|Reply-To|X-[A-Za-z0-9-]{1,60}|Content-[A-Za-z-]{1,40})[ \t]{0,8}:/x;
my $HEADER = qr/\A([!-9;-~]{1,76})[ \t]{0,8}:[ \t]{0,64}/;
my $GROUP = qr/[$WHITE]{0,8}\([^()]{0,200}(?:\([^()]{0,200}\)[^()]{0,200}){0,3}\)/;
my $TRACE = qr/\A(?:from([$WHITE].{1,500}?))?\bby[$WHITE]{1,8}[^$WHITE]{1,128}(?:[$WHITE].{1,300}?)??
    [$WHITE]{1,8}with[$WHITE]{1,8}([A-Za-z]{3,10})(?:$GROUP){0,3}[$WHITE]{1,8}id[$WHITE]{1,8}
    ([0-9A-Za-z]{4,32})(?![0-9A-Za-z])/isx;
my $SECOND_END = qr/[$WHITE]with[$WHITE]{1,8}[A-Za-z]{3,10}[$WHITE].{0,400}?\bid[$WHITE]/is;
my $CLIENT_ADDRESS = qr/\([^()\[\]]{0,128}\[(?:IPv6:)?([0-9A-Fa-f.:]{2,45})\]|\((?:IPv6:)?
    ([0-9]{1,3}(?:\.[0-9]{1,3}){3}|[0-9A-Fa-f]{0,4}:[0-9A-Fa-f]{0,4}:[0-9A-Fa-f.:]{0,35})\)/ix;
my $ADDRESS = qr/<([^<>$WHITE]{1,254})>
    |([^$WHITE<>"(),;:]{1,64}\@[^$WHITE<>"(),;:]{1,190})/x;
my %AUTHENTICATED = map { ($_ => 1) } qw(ASMTP ASMTPS ESMTPA ESMTPSA);

# The stem of a queue file's name and its ending; nothing for a file of another kind.
sub parse_name {
    return substr($_[0], 0, 64) =~ $NAME ? ($1, lc substr($2, 1)) : ();
}

# What stands before the white space at the end, found from behind.
sub stripped {
    return $_[0] =~ /.*[^$WHITE]/so ? substr($_[0], 0, $+[0]) : '';
}

# The line of a file that begins at a position: without its end, and where the next one begins.
sub line_at {
    my ($data, $at) = @_;
    my $next = index($$data, "\n", $at) + 1 || length $$data;
    my $size = $next - $at;
    $size = $MAX_LINE_BYTES if $size > $MAX_LINE_BYTES;
    return (stripped(substr $$data, $at, $size), $next);
}

# A block stands before the server's trace line, which nobody but the server writes first.
sub has_block {
    my ($data) = @_;
    my $at = 0;
    for (1 .. 8) {
        my ($text, $next) = line_at($data, $at);
        return 0 if $text eq '' or lc(substr $text, 0, 9) eq 'received:';
        return 1 if $text =~ $ORIGINAL_SENDER;
        return 1 if $text =~ $BLOCK_LINE and $text !~ $MESSAGE_HEADER;
        $at = $next;
    }
    return 0;
}

# The block, or nothing, and where the message begins after it.
sub read_envelope {
    my ($data) = @_;
    return (undef, 0) unless has_block($data);
    my (%values, $recipient);
    my ($count, $at) = (0, 0);
    while (1) {
        my ($text, $next) = line_at($data, $at);
        if ($text eq '') { $at = $next; last }
        last if $text =~ $MESSAGE_HEADER;
        if ($text =~ $BLOCK_LINE) {
            my ($key, $value) = (block_key(lc $1), $2);
            $value = lc $value if $key ne 'message id';
            $recipient = $value if $key eq 'recipient' and !$count++;
            $values{$key} = $value unless exists $values{$key};
        }
        $at = $next;
    }
    return ({%values, first => $recipient, count => $count}, $at);
}

sub block_key {
    return 'original sender' if $_[0] =~ /\Aoriginal/;
    return 'recipient' if $_[0] =~ /\A(?:rc|recipient)/;
    return $_[0] =~ /\Amessage/ ? 'message id' : 'sender';
}

# Lower-case names with the first value of each, where the body begins, whether the head is whole.
sub read_headers {
    my ($data, $at) = @_;
    my %headers;
    my $name = '';
    for my $count (0 .. 1000) {
        my $begin = $at;
        (my $text, $at) = line_at($data, $at);
        if ($text eq '' or $count == 1000) {
            return (\%headers, $at, $at > $begin && substr($$data, $at - 1, 1) eq "\n");
        }
        if ($text =~ /\A[ \t]/) {
            next if $name eq '' or length $headers{$name} >= $MAX_LINE_BYTES;
            $text =~ s/\A[$WHITE]+//o;
            $headers{$name} .= " $text";
            next;
        }
        $name = $text =~ $HEADER ? lc $1 : '';
        my $value_at = $+[0];
        if ($name eq '' or exists $headers{$name} or keys %headers >= 64) { $name = ''; next }
        $headers{$name} = substr $text, $value_at;
    }
}

# The client's name and address, whether it logged in, the server's id; nothing for another line.
sub parse_trace {
    return () unless $_[0] =~ $TRACE;
    my ($client, $protocol, $id, $end) = ($1, $2, $3, $+[0]);
    return () if substr($_[0], $end) =~ $SECOND_END;
    $client = '' unless defined $client;
    my $name = $client =~ /\A[$WHITE]{1,8}([^$WHITE(][^$WHITE]{0,127})/o ? $1 : '';
    my $address = '';
    while ($client =~ /$CLIENT_ADDRESS/go) { $address = defined $1 ? $1 : $2 }
    return ($name, lc $address, $AUTHENTICATED{uc $protocol} || 0, $id);
}

# The first address in a header's value, lower case, or ''.
sub address_in {
    my $header = defined $_[0] ? substr($_[0], 0, 1000) : '';
    return $header =~ $ADDRESS ? lc(defined $1 ? $1 : $2) : '';
}
