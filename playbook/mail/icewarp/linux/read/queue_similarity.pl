# The twin of playbook/queue/similarity.py: the sketch of a text, and a checksum of bytes.

my @CRC = map {
    my $value = $_;
    $value = $value & 1 ? ($value >> 1) ^ 0xEDB88320 : $value >> 1 for 1 .. 8;
    $value;
} 0 .. 255;
my $WORDS_KEPT = 1 << 15;
my %word_hash;

# The sixteen smallest shingle hashes, ascending; none below six words.
sub sketch_of {
    my ($text) = @_;
    my @words = lc($text) =~ /[a-z\x80-\xff]{2,40}/g;
    return [] if @words < 6;
    $#words = 1499 if @words > 1500;
    my @hashes = map { defined $word_hash{$_} ? $word_hash{$_} : hash_of($_) } @words;
    my @shingles;
    {
        use integer;
        my ($first, $second) = @hashes;
        for my $third (@hashes[2 .. $#hashes]) {
            push @shingles,
                ($first * 0x9E3779B1 + $second * 0x85EBCA77 + $third * 0xC2B2AE3D) & 0xFFFFFFFF;
            ($first, $second) = ($second, $third);
        }
    }
    # About the 48 smallest of evenly spread values are below this bound: fewer to put in order.
    my $bound = 48 * 0xFFFFFFFF / @shingles;
    my $smallest = smallest_of(grep { $_ <= $bound } @shingles);
    return @$smallest < 16 && @shingles > 16 ? smallest_of(@shingles) : $smallest;
}

# The sixteen smallest of some numbers, each once, in order.
sub smallest_of {
    my ($last, @smallest) = (-1);
    for my $number (sort { $a <=> $b } @_) {
        push @smallest, $last = $number if $number != $last;
        last if @smallest == 16;
    }
    return \@smallest;
}

# The CRC-32 of a word; those of many words are remembered.
sub hash_of {
    my ($word) = @_;
    my $value = 0xFFFFFFFF;
    $value = $CRC[($value ^ $_) & 255] ^ ($value >> 8) for unpack 'C*', $word;
    %word_hash = () if keys %word_hash >= $WORDS_KEPT;
    return $word_hash{$word} = $value ^ 0xFFFFFFFF;
}

# Sums of little-endian words, 4 KiB each, as the coefficients of a polynomial.
sub checksum_of {
    my ($data) = @_;
    my $total = 0;
    for (my $at = 0; $at < length $$data; $at += 4096) {
        my $chunk = substr $$data, $at, 4096;
        $chunk .= "\0" x (-length($chunk) % 4);
        $total = ($total * 0x9E3779B1 + unpack('%32V*', $chunk)) & 0xFFFFFFFF;
    }
    return $total;
}
