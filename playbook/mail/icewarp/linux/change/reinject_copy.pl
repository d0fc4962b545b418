# Copying into staging, comparing, and finding names.

sub read_list {
    my @lines = split /\n/, do { local $/; <STDIN> };
    refuse('list', 'it was cut on the way') if @lines != $ENV{count} + 1 or pop @lines ne '.';
    return map { /^([0-9]+) ([0-9a-f]+)$/ ? [ $1, pack 'H*', $2 ] : refuse('list', 'a line is not understood') } @lines;
}

sub take_after_siblings {
    my @of = stat $folder or refuse('absent', "$folder cannot be read");
    ($owner, $group, $file_mode) = ($of[4], $of[5], $of[2] & 0666);
    opendir my $dir, $folder or refuse('absent', "$folder cannot be read");
    while (defined(my $name = readdir $dir)) {
        next if $name !~ /\.(?:tmp|tm\$)$/;
        my @like = lstat "$folder/$name" or next;
        next if !S_ISREG($like[2]);
        ($owner, $group, $file_mode) = ($like[4], $like[5], $like[2] & 0777);
        return;
    }
}

sub note_stems {
    my ($where, $depth) = @_;
    opendir my $dir, $where or return;
    for my $name (readdir $dir) {
        next if $name =~ /^\./;
        $taken{$1} = 1 if $name =~ /^([^.]+)/;
        note_stems("$where/$name", $depth + 1) if $depth < 3 and $name !~ /\./ and !-l "$where/$name" and -d _;
    }
}

# free_stem PATH: its own, or the next one that neither the live queue nor the ledger knows.
sub free_stem {
    my ($path) = @_;
    my ($name) = $path =~ m{([^/]*)$};
    my ($before, $second, $count, $behind) =
        $name =~ /^([0-9A-Za-z]{0,2}?)([0-9]{14})([0-9]{4})([0-9A-Za-z]{0,2})(?:\.(?:tmp|tm\$))+$/i;
    if (!defined $second) {
        my @was = lstat "$aside/$path";
        my @at = localtime(defined $was[9] ? $was[9] : time);
        $second = sprintf '%04d%02d%02d%02d%02d%02d', $at[5] + 1900, $at[4] + 1, @at[ 3, 2, 1, 0 ];
        ($before, $count, $behind) = ('', 0, '');
    }
    for my $step (0 .. 9999) {
        my $stem = $before . $second . sprintf('%04d', ($count + $step) % 10_000) . $behind;
        next if $taken{$stem};
        $taken{$stem} = 1;
        return $stem;
    }
    return;
}

# copy SOURCE NAME SIZE MAY-CHANGE FILE: into staging, compared; what keeps it from that, or nothing.
sub copy {
    my ($source, $name, $size, $may_change, $file) = @_;
    sysopen my $in, $source, O_RDONLY | O_NOFOLLOW | O_NONBLOCK or return [ 'absent', "$!" ];
    my @is = stat $in;
    return [ 'absent', 'it is not a file' ] if !S_ISREG($is[2]);
    return [ 'changed', "it has $is[7] bytes, not $size" ] if defined $size and $is[7] != $size;
    my $target = "$staging/$name";
    sysopen my $out, $target, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0600 or full('making a copy');
    my ($added, $at) = $may_change && length $ENV{default_from} ? added($in) : ('', 0);
    my $sum  = $hashes && Digest::SHA->new(256);
    my $ours = length $added && $hashes ? Digest::SHA->new(256) : undef;
    my ($position, $block, $first) = (0, '', '');
    while (sysread $in, $block, !$position && length $added ? $at : BLOCK) {
        $sum->add($block) if $sum;
        $block .= $added if !$position and length $added;
        $first = $block if !$position;
        $position += length $block;
        $ours->add($block) if $ours;
        put($out, $block);
    }
    return [ 'changed', 'it was read only in part' ] if $position != $is[7] + length $added;
    own($out);
    my $content = $sum ? $sum->hexdigest : '-';
    my $written = $ours ? $ours->hexdigest : $content;
    @$file{qw(source content copy hash)} = ("$is[0]:$is[1]", $content, join(':', (stat $out)[ 0, 1 ]), $written);
    return if $position == length $first ? holds($out, $first) : same($in, $out, $added, $at, $written);
    return [ 'changed', 'the copy differs' ];
}

# A copy is its maker's; only in a tree of root's alone may its siblings be somebody else's.
sub own {
    my ($file) = @_;
    my @is = stat $file;
    if (!length $ENV{tree_user} and ($is[4] != $owner or $is[5] != $group)) {
        chown $owner, $group, $file or refuse('owner', "a copy cannot be given to $owner:$group: $!");
    }
    chmod $file_mode, $file or refuse('owner', "the mode of a copy: $!");
}

sub put {
    my ($out, $block) = @_;
    for (my $from = 0; $from < length $block;) {
        my $wrote = syswrite $out, $block, length($block) - $from, $from;
        $wrote or full('writing a copy');
        $from += $wrote;
    }
}

# holds COPY CONTENT: a mail of one block is compared byte by byte with what was read of the original.
sub holds {
    my ($copy, $content) = @_;
    my $there = '';
    sysseek $copy, 0, 0;
    sysread $copy, $there, BLOCK + 1024;
    return $there eq $content;
}

sub same {
    my ($in, $copy, $added, $at, $hash) = @_;
    sysseek $copy, 0, 0;
    return Digest::SHA->new(256)->addfile($copy)->hexdigest eq $hash if $hashes;
    sysseek $in, 0, 0;
    my ($first, $theirs, $ours) = (1, '', '');
    while (1) {
        sysread $in, $theirs, $first && length $added ? $at : BLOCK;
        $theirs .= $added if $first;
        $first = 0;
        sysread $copy, $ours, length($theirs) || 1;
        return $ours eq '' if $theirs eq '';
        return 0 if $ours ne $theirs;
    }
}

# added HANDLE: the From line that a message without one gets, and where: at the end of its headers.
sub added {
    my ($in) = @_;
    sysread $in, my $head, BLOCK;
    sysseek $in, 0, 0;
    my ($begun, $at) = (0, 0);
    while ($head =~ /\G([^\n]*\n)/gc) {
        my $line = $1;
        $begun ||= $line =~ /^(?:Received|Return-Path|DKIM-Signature|From|To|Subject|Date|MIME-Version|Message-ID|Delivered-To|Reply-To|X-[A-Za-z0-9-]+|Content-[A-Za-z-]+)[ \t]*:/;
        return ('', 0) if $begun and $line =~ /^From[ \t]*:/i;
        return ("From: $ENV{default_from}" . ($line =~ /^\r/ ? "\r\n" : "\n"), $at) if $begun and $line =~ /^\r?\n/;
        $at += length $line;
    }
    return ('', 0);
}
