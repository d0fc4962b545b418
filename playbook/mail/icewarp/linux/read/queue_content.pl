# The twin of playbook/triage/content.py: what a message says, without quotes; links; attachments.
# All by bytes. Positions are asked for instead of groups where a text is long: perls before 5.20
# copy all of it for a group.

my $MAX_TEXT_BYTES = 1 << 16;
my $MIN_OWN_WORDS = 12;
my $HIGH = '\x80-\xff';
my $BOUNDARY = qr/boundary[$WHITE]{0,4}=[$WHITE]{0,4}(?:"([^"\r\n]{1,200})"|([^$WHITE;"]{1,200}))/i;
my $PART_TYPE =
    qr/content-type[ \t]*:[ \t]*([^\r\n]{0,400}(?:\r?\n[ \t][^\r\n]{0,400}){0,4})/i;
my $PART_ENCODING = qr/content-transfer-encoding[ \t]*:[ \t]*([A-Za-z0-9-]{1,20})/i;
my $QUOTE_LINE = qr/^[ \t]{0,4}>[^\n]*/m;
my $QUOTE_MARK = qr/-{3,10}[ ]?(?:original[ ]message|message[ ]d'origine|message[ ]original
    |forwarded[ ]message|message[ ]transf|urspr|mensaje[ ]original)/ix;
my $SCHEMA = qr/<!doctype[^<>]{0,1000}>
    |[ \t\r\n]xmlns(?::[A-Za-z0-9_-]{1,40})?=(?:"[^"<>]{0,300}"|'[^'<>]{0,300}')/ix;
my $HOST = qr!\A(?:://)?(?:[^/\@$WHITE]{0,200}\@)?(?:www\.)?([\w.$HIGH-]{3,100})!i;
my $DOMAIN = qr/\A\@([\w$HIGH-]{1,63}(?:\.[\w$HIGH-]{1,63}){1,6})/;
my $FAILED =
    qr/^final-recipient[ \t]*:[ \t]*[^;\r\n]{0,20};[ \t]*<?([^$WHITE<>]{1,254})/im;
my $HAS_BASE64 = eval { require MIME::Base64 };

sub read_content {
    my ($headers, $body, $is_whole) = @_;
    my %found = (
        own => [], rest => [], leads => [], quoted => [], attachments => [], text_bytes => 0,
    );
    my $type = exists $headers->{'content-type'} ? $headers->{'content-type'} : 'text/plain';
    my $boundary = boundary_in($type);
    if (defined $boundary) {
        $found{is_cut} = $is_whole && index($$body, "--$boundary--") < 0;
        add_parts(\%found, $body, $boundary);
    } else {
        my $encoding = $headers->{'content-transfer-encoding'};
        add_part(\%found, $type, defined $encoding ? $encoding : '', $$body);
    }
    own_what_is_shown(\%found);
    my %is_own = map { ($_ => 1) } @{$found{leads}};
    $found{quoted} = [grep { !$is_own{$_} } @{$found{quoted}}];
    return \%found;
}

sub boundary_in {
    return undef unless $_[0] =~ m!\A[$WHITE]*multipart/!io;
    return $_[0] =~ $BOUNDARY ? (defined $1 ? $1 : $2) : undef;
}

# Each leaf part; nested multiparts are walked flat.
sub add_parts {
    my ($found, $body, $outer) = @_;
    my %boundaries = ($outer => 1);
    my ($part, $count) = (undef, 0);
    for (my $at = 0; $at >= 0; $at = index($$body, "\n--", $at) + 1 || -1) {
        next if substr($$body, $at, 2) ne '--';
        next unless substr($$body, $at + 2, 200) =~ /\A[^\r\n]+/;
        my $next = $at + 2 + $+[0];
        my $line = stripped(substr $$body, $at + 2, $+[0]);
        my $is_last = $line =~ /--\z/ && $boundaries{substr $line, 0, -2};
        next unless $is_last or $boundaries{$line};
        add_part($found, @$part[0, 1], substr $$body, $part->[2], $at - $part->[2]) if $part;
        return if ++$count > 64;
        $part = $is_last ? undef : part_head($body, $next, \%boundaries);
    }
    add_part($found, @$part[0, 1], substr $$body, $part->[2]) if $part;
}

# Type, encoding and begin of the part whose head is here; nothing where it only holds others.
sub part_head {
    my ($body, $at, $boundaries) = @_;
    my $head = substr $$body, $at, 8192;
    if ($head =~ /\r?\n\r?\n/) {
        $at += $+[0];
        $head = substr $head, 0, $-[0];
    } else {
        $head = '';
    }
    my $type = $head =~ $PART_TYPE ? $1 : 'text/plain';
    my $inner = boundary_in($type);
    if (defined $inner) {
        $boundaries->{$inner} = 1;
        return undef;
    }
    return [$type, $head =~ $PART_ENCODING ? $1 : '', $at];
}

sub add_part {
    my ($found, $type, $encoding, $raw) = @_;
    $type =~ s/\A[$WHITE]+//o;
    my $kind = lc substr $type, 0, 60;
    if ($kind eq '' or $kind =~ m!\Atext/(?:plain|html|enriched)!) {
        my $room = $MAX_TEXT_BYTES - $found->{text_bytes};
        my $text = substr utf8_of(decoded($encoding, substr $raw, 0, 2 * $room)), 0, $room;
        $found->{text_bytes} += length $text;
        add_text($found, $text, index(substr($kind, 0, 12), 'html') >= 0);
        return;
    }
    return if length $raw < 200 or $kind =~ m!\Amessage/delivery! or @{$found->{attachments}} >= 4;
    $raw =~ tr/ \t\r\n//d;
    my $known = length($raw) << 32 | checksum_of(\$raw);
    push @{$found->{attachments}}, $known unless grep { $_ == $known } @{$found->{attachments}};
}

sub decoded {
    my ($encoding, $raw) = @_;
    $encoding =~ s/\A[$WHITE]+//o;
    $encoding = lc stripped($encoding);
    if ($encoding eq 'base64') {
        my $end = index $raw, '=';
        $raw = substr $raw, 0, $end if $end >= 0;
        $raw =~ tr|A-Za-z0-9+/||cd;
        chop $raw if length($raw) % 4 == 1;
        return MIME::Base64::decode_base64($raw . '=' x (-length($raw) % 4)) if $HAS_BASE64;
        return from_base64($raw);
    }
    if ($encoding eq 'quoted-printable') {
        $raw =~ s{=(?:([0-9A-Fa-f]{2})|(=)|\n|\r[^\n]*\n?|\z)}
            {defined $1 ? chr hex $1 : defined $2 ? '=' : ''}ge;
    }
    return $raw;
}

# Base64 by perl alone: the same six bits as in uuencoded lines, which it unpacks by itself.
sub from_base64 {
    my ($raw) = @_;
    $raw =~ tr|A-Za-z0-9+/| -_|;
    my $lines = join '', map { chr(32 + int(length($_) * 3 / 4)) . "$_\n" } unpack '(a60)*', $raw;
    return unpack 'u', $lines;
}

sub utf8_of {
    my ($raw) = @_;
    return $raw unless $raw =~ tr/\x80-\xff//;
    my $copy = $raw;
    # What perl takes for UTF-8 and is none: halves of pairs, and what lies beyond Unicode.
    my $is_utf8 = utf8::decode($copy) && $raw !~ tr/\xf5-\xff//
        && $raw !~ /\xed[\xa0-\xbf]/ && $raw !~ /\xf4[\x90-\xbf]/;
    utf8::encode($raw) unless $is_utf8;
    # In UTF-8 each of these bytes begins a sign, of a known length, that is no letter.
    $raw =~ s/\xc2./ /gs if $raw =~ tr/\xc2//;
    $raw =~ s/[\xe2\xef]../ /gs if $raw =~ tr/\xe2\xef//;
    $raw =~ s/\xe3\x80./ /gs if $raw =~ tr/\xe3//;
    $raw =~ s/[\xf0-\xf4].../ /gs if $raw =~ tr/\xf0-\xf4//;
    return $raw;
}

# Where the own text is next to nothing, what is quoted is the message.
sub own_what_is_shown {
    my ($found) = @_;
    my $own = join ' ', @{$found->{own}};
    my $words = 0;
    $words++ while $words < $MIN_OWN_WORDS and $own =~ /[A-Za-z\x80-\xff]{2,40}/g;
    return if $words == $MIN_OWN_WORDS;
    push @{$found->{own}}, map { shown(@$_) } @{$found->{rest}};
    my %known = map { ($_ => 1) } @{$found->{leads}};
    for my $lead (@{$found->{quoted}}) {
        last if @{$found->{leads}} >= 12;
        push @{$found->{leads}}, $lead unless $known{$lead}++;
    }
}

# Text below a line such as "Original Message" is not own, but who wrote its links is open.
sub add_text {
    my ($found, $own, $is_html) = @_;
    my $quoted = '';
    if ($is_html) {
        $own =~ s/$SCHEMA/ /go;
        ($own, $quoted) = without_blocks($own);
    } elsif (index($own, '>') >= 0) {
        $quoted = join "\n", $own =~ /$QUOTE_LINE/go;
        $own =~ s/$QUOTE_LINE//go;
    }
    my @places = lead_places($own);
    add_leads($found->{leads}, $own, \@places);
    add_leads($found->{quoted}, $quoted, [lead_places($quoted)]) if $quoted ne '';
    if ($own =~ $QUOTE_MARK) {
        my $at = $-[0];
        $quoted = substr($own, $at) . "\n$quoted";
        $own = substr $own, 0, $at;
    }
    push @{$found->{own}}, shown($own, $is_html, \@places);
    push @{$found->{rest}}, [$quoted, $is_html];
}

# What a reader sees of a text, without links and addresses, whose places may be known.
sub shown {
    my ($text, $is_html, $places) = @_;
    $places ||= [lead_places($text)];
    $text = without_places($text, $places) if @$places;
    if ($is_html) {
        $text = without_unseen($text);
        $text =~ s/<[^<>]{0,2000}>/ /g;
        $text =~ s/&[#\w]{1,10};/ /g;
    }
    return $text;
}

# The text outside and inside of quote blocks; one that never ends holds the rest.
sub without_blocks {
    my ($html) = @_;
    my $folded = lc $html;
    my @pieces = ([], []);
    my ($depth, $at) = (0, 0);
    while ($folded =~ /<(\/?)blockquote/g) {
        my ($begin, $is_end) = ($-[0], $1 ne '');
        my $after = $is_end ? ($depth ? $depth - 1 : 0) : $depth + 1;
        if (!$after != !$depth) {
            push @{$pieces[$depth ? 1 : 0]}, substr $html, $at, $begin - $at;
            $at = $begin;
        }
        $depth = $after;
    }
    push @{$pieces[$depth ? 1 : 0]}, substr $html, $at;
    return (join(' ', @{$pieces[0]}), join(' ', @{$pieces[1]}));
}

# The text without comments, styles, scripts and title; one that never ends hides the rest.
sub without_unseen {
    my ($html) = @_;
    my $folded = lc $html;
    my @kept;
    my $at = 0;
    pos($folded) = 0;
    while ($folded =~ /<(?:style|script|title)\b|<!--/g) {
        my ($begin, $after) = ($-[0], $+[0]);
        push @kept, substr $html, $at, $begin - $at;
        my $name = substr $folded, $begin + 1, $after - $begin - 1;
        my $end = $name eq '!--' ? '-->' : "</$name>";
        my $closed_at = index $folded, $end, $after;
        return join ' ', @kept if $closed_at < 0;
        $at = $closed_at + length $end;
        pos($folded) = $at;
    }
    return join ' ', @kept, substr $html, $at;
}

# Where links and addresses begin and end: at `://`, at `www.` not inside a word, at `@`.
sub lead_places {
    my ($text) = @_;
    my $folded = lc $text;
    my @places;
    my ($at, $scheme, $host, $sign) = (0, -2, -2, -2);
    while (1) {
        $scheme = index $folded, '://', $at if $scheme != -1 and $scheme < $at;
        $sign = index $folded, '@', $at if $sign != -1 and $sign < $at;
        $host = word_begin(\$folded, $at) if $host != -1 and $host < $at;
        my $begin = -1;
        for ($scheme, $host, $sign) { $begin = $_ if $_ >= 0 and ($begin < 0 or $_ < $begin) }
        return @places if $begin < 0;
        pos($folded) = $begin;
        $folded =~ /\G(?:www\.|:\/\/)?[^$WHITE"'<>]*/go;
        $at = $+[0];
        push @places, [$begin, $at];
    }
}

sub word_begin {
    my ($folded, $at) = @_;
    for (; ($at = index $$folded, 'www.', $at) >= 0; $at++) {
        return $at if !$at or substr($$folded, $at - 1, 1) !~ /\w/;
    }
    return -1;
}

sub without_places {
    my ($text, $places) = @_;
    my ($made, $at) = ('', 0);
    for my $place (@$places) {
        last if $place->[0] >= length $text;
        $made .= substr($text, $at, $place->[0] - $at) . ' ';
        $at = $place->[1];
        return $made if $at >= length $text;
    }
    return $made . substr $text, $at;
}

sub add_leads {
    my ($leads, $text, $places) = @_;
    my %known = map { ($_ => 1) } @$leads;
    for my $place (@$places) {
        return if @$leads >= 12;
        my ($begin, $end) = @$place;
        my $raw = substr $text, $begin, $end - $begin < 400 ? $end - $begin : 400;
        my $before = $begin < 64 ? $begin : 64;
        my $lead = lead_in($raw, substr $text, $begin - $before, $before);
        $lead =~ s/[.-]+\z//;
        push @$leads, $lead unless $lead eq '' or $known{$lead}++;
    }
}

sub lead_in {
    my ($raw, $before) = @_;
    if ($raw !~ /\A\@/) { return $raw =~ $HOST ? lc $1 : '' }
    return '' unless $raw =~ $DOMAIN;
    my $domain = $1;
    return $before =~ /([\w.+$HIGH-]{1,64})\z/o ? lc "$1\@$domain" : '';
}

# The recipients that a delivery status notification reports, at most four.
sub failed_recipients {
    my ($body) = @_;
    my $top = substr $$body, 0, $MAX_TEXT_BYTES;
    my @failed;
    while (@failed < 4 and $top =~ /$FAILED/go) { push @failed, lc $1 }
    return \@failed;
}

sub returned_subject {
    my ($body) = @_;
    my $top = substr $$body, 0, $MAX_TEXT_BYTES;
    return '' unless $top =~ /^subject[ \t]*:[ \t]*([^\r\n]{0,400})/im;
    my $subject = $1;
    $subject = stripped($subject);
    $subject =~ s/\A[$WHITE]+//o;
    return substr $subject, 0, 160;
}
