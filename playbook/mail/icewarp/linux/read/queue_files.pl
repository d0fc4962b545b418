# Take the features of every file below a folder, as playbook/queue/features.py does, and say them
# in blocks. Nothing but regular files is opened, no link is followed, and no more than the first
# MiB of a file is read.
#
# arguments: the folder; "gzip" where there is one, else ""
# says: by perl, block PACKING WRITING SUM DATA, done FILES BLOCKS, or refused REASON FOLDER

use Fcntl qw(O_RDONLY O_NOFOLLOW O_NONBLOCK S_ISREG S_ISDIR);
use Errno qw(ENOENT);

my $BLOCK_BYTES = 1 << 19;
my ($top, $packer) = @ARGV;
my ($files, $blocks, $held, $records, $told_s) = (0, 0, '', 0, time);
$| = 1;

my @folders = ('');
if (opendir my $probe, $top) {
    closedir $probe;
    say_line('by', 'perl');
    while (defined(my $folder = pop @folders)) { take_folder($folder) }
    flush_block();
    say_line('done', $files, $blocks);
} else {
    say_line('refused', 'absent', '~' . unpack 'H*', "$top: $!");
}

# Every file of a folder; the folders in it are taken later. Names are read twice, so that a
# folder of any size is never held whole, but for the stems of the envelopes in it.
sub take_folder {
    my ($shown) = @_;
    my $pairs = envelopes_in("$top/$shown");
    opendir my $listing, "$top/$shown" or do {
        add_unreadable(substr $shown, 0, -1) unless $! == ENOENT;
        return;
    };
    while (defined(my $name = readdir $listing)) {
        next if $name eq '.' or $name eq '..';
        my @state = lstat "$top/$shown$name";
        if (!@state) {
            add_unreadable("$shown$name") unless $! == ENOENT;
        } elsif (S_ISDIR($state[2])) {
            push @folders, "$shown$name/";
        } elsif (S_ISREG($state[2])) {
            take_file("$shown$name", $name, $pairs);
        } else {
            add_unreadable("$shown$name");
        }
    }
    closedir $listing;
}

# The names that end in .dat, where the folder is one of an incoming queue; else nothing.
sub envelopes_in {
    my ($folder) = @_;
    opendir my $listing, $folder or return undef;
    my %envelopes;
    while (defined(my $name = readdir $listing)) {
        $envelopes{$name} = 1 if $name =~ /\.dat\z/;
    }
    closedir $listing;
    $folder =~ s!/+\z!!;
    return %envelopes || $folder =~ m![^/]*incoming[^/]*\z!i ? \%envelopes : undef;
}

sub take_file {
    my ($path, $name, $pairs) = @_;
    sysopen my $file, "$top/$path", O_RDONLY | O_NOFOLLOW | O_NONBLOCK
        or return $! == ENOENT ? 0 : add_unreadable($path);
    my @state = stat $file;
    return add_unreadable($path) unless @state and S_ISREG($state[2]);
    my ($stem, $ending) = parse_name($name);
    my $has_pair = $pairs && (!defined $stem || exists $pairs->{"$stem.dat"} || 0);
    my $is_orphan = defined $has_pair && !$has_pair;
    my $features = "\xc0";
    if (defined $stem and $ending !~ /dat\z/ and $state[7] and !$is_orphan) {
        my $data;
        my $size = sysread $file, $data, $MAX_READ_BYTES;
        return add_unreadable($path) unless defined $size;
        $features = features_of(\$data, $state[7]);
    }
    add_file($path, $state[7], "\xc3", defined $has_pair ? truth($has_pair) : "\xc0", $features);
}

sub add_unreadable {
    add_file($_[0], 0, "\xc2", "\xc0", "\xc0");
}

# The features as one MessagePack array, in the order of `MessageFields`; nil without a whole head.
sub features_of {
    my ($data, $size_bytes) = @_;
    my ($envelope, $at) = read_envelope($data);
    (my $headers, $at, my $is_whole_head) = read_headers($data, $at);
    return "\xc0" unless $is_whole_head and grep { exists $headers->{$_} } qw(received from date subject to);
    my $body = substr $$data, $at;
    my $content = read_content($headers, \$body, length $$data >= $size_bytes);
    my $sender = $envelope ? $envelope->{sender} : undef;
    my $is_report = is_report($headers, $sender);
    my @trace = parse_trace(defined $headers->{received} ? $headers->{received} : '');
    my $id = $envelope && defined $envelope->{'message id'} ? $envelope->{'message id'} : '';
    my $recipient = $envelope && $envelope->{count} ? $envelope->{first} : address_in($headers->{to});
    my $sketch = $is_report ? [] : sketch_of(join ' ', @{$content->{own}});
    my $subject = defined $headers->{subject} ? $headers->{subject} : '';
    return join '', pack('CN', 0xdd, 19),
        text($envelope ? $envelope->{'original sender'} : undef), text($sender), text($recipient),
        number($envelope ? $envelope->{count} : 0), text(@trace ? $trace[3] : $id),
        text(@trace ? $trace[0] : ''), text(@trace ? $trace[1] : ''), truth(@trace && $trace[2]),
        text(address_in($headers->{from})), text(address_in($headers->{'reply-to'})),
        text(substr $subject, 0, 160), truth($is_report), truth($content->{is_cut}),
        array(map { text($_) } @{$is_report ? failed_recipients(\$body) : []}),
        text($is_report ? returned_subject(\$body) : ''),
        array(map { text($_) } @{$content->{leads}}),
        array(map { text($_) } @{$content->{quoted}}),
        pack('CN(CQ>)*', 0xdd, scalar @{$content->{attachments}}, map { (0xcf, $_) } @{$content->{attachments}}),
        pack('CN(CN)*', 0xdd, scalar @$sketch, map { (0xce, $_) } @$sketch);
}

sub is_report {
    my ($headers, $sender) = @_;
    my $type = defined $headers->{'content-type'} ? lc $headers->{'content-type'} : '';
    return $type !~ /disposition-notification/ if $type =~ m!multipart/report!;
    my ($name) = split /@/, address_in($headers->{from}), 2;
    return (!defined $sender || $sender eq '') && defined $name && $name =~ /\A(?:mailer-daemon|postmaster)\z/;
}

sub text { return defined $_[0] ? pack('CN/a*', 0xc6, $_[0]) : "\xc0" }
sub number { return pack 'CN', 0xce, $_[0] }
sub truth { return $_[0] ? "\xc3" : "\xc2" }
sub array { return join '', pack('CN', 0xdd, scalar @_), @_ }

# A file, as one MessagePack array: path, size, whether it was read, has_pair, features.
sub add_file {
    my ($path, $size_bytes, @rest) = @_;
    $held .= join '', "\x95", text($path), pack('CQ>', 0xcf, $size_bytes), @rest;
    $records++;
    if (++$files % 64 == 0 and time - $told_s >= 2) {
        $told_s = time;
        print STDERR '@ ', with_commas($files), " files read\n";
    }
    flush_block() if length $held >= $BLOCK_BYTES;
}

sub with_commas {
    my $text = reverse $_[0];
    $text =~ s/(\d{3})(?=\d)/$1,/g;
    return scalar reverse $text;
}

sub flush_block {
    return unless $records;
    my $raw = pack('CN', 0xdd, $records) . $held;
    ($held, $records) = ('', 0);
    $blocks++;
    return say_line('block', 'gzip', 'base64', '-', base64_of(through($raw, 'gzip', '-1', '-c')))
        if $packer;
    my $text = base64_of($raw);
    my ($sum) = split / /, through($text, 'cksum');
    say_line('block', 'plain', 'base64', $sum, $text);
}

# What a program of the server makes of some bytes; a process of its own writes to it.
sub through {
    my ($raw, @command) = @_;
    my $pid = open my $made, '-|';
    die "no process: $!" unless defined $pid;
    if (!$pid) {
        open my $sink, '|-', @command or exit 1;
        print $sink $raw;
        close $sink;
        exit 0;
    }
    local $/;
    return scalar <$made>;
}

sub base64_of {
    my ($raw) = @_;
    return MIME::Base64::encode_base64($raw, '') if $HAS_BASE64;
    my $text = pack 'u', $raw;
    $text =~ s/^.//mg;
    $text =~ tr/\n//d;
    $text =~ tr|` -_|AA-Za-z0-9+/|;
    my $filled = -length($raw) % 3;
    substr($text, -$filled) = '=' x $filled if $filled;
    return $text;
}

sub say_line {
    print join(' ', @_), "\n" or die "nobody listens: $!";
}
