# Give files back to a live queue: copied to staging, compared, written down as ready, then renamed.
#
# A line `ready ROLE NUMBER STEM ORIGINAL HASH .` of the ledger says that the file NUMBER in staging is
# whole. What is ready there and absent from staging was published, and is never touched again.
# Values come in the environment, the list on standard input: SIZE PATH, with PATH in hexadecimal.

use strict;
use warnings;
use Errno qw(EDQUOT ENOENT ENOSPC EXDEV);
use Fcntl qw(:DEFAULT :flock :mode);

use constant { BATCH => 2000, BLOCK => 1 << 20 };

my ($role, $aside, $folder, $staging, $ledger) = @ENV{qw(role aside folder staging ledger)};
my $paired   = $role eq 'incoming';
my $ends     = time + $ENV{seconds};
my $hashes   = eval { require Digest::SHA; 1 };
my $waits    = $ENV{waits};
my $done     = 0;
my ($owner, $group, $file_mode, $number, $book);
my (%key_of, %ready, %published, %taken);

if (!eval { give_back(); 1 }) {
    die $@ if !ref $@;
    record('refused', @{$@});
}

sub give_back {
    my @list = read_list();
    read_ledger();
    discard_what_is_not_ready();
    make_folder() unless -d $folder;
    take_after_siblings();
    note_stems($_, 0) for grep { length } $folder, $ENV{retry};
    while (@list and ($done == 0 or time < $ends)) {
        give_batch(splice @list, 0, $ENV{interval} > 0 ? 50 : BATCH);
    }
}

# What is ready is published, also where the disk is too full for the next copy.
sub give_batch {
    my (@batch, $hindered);
    for (@_) {
        my $file;
        if (!eval { $file = prepare(@$_); 1 }) {
            $hindered = $@;
            unlink map { "$staging/$_" } $number + 1, $number + 1 . '.dat';
            last;
        }
        push @batch, $file if $file;
    }
    settle(grep { !$$_{ready} } @batch);
    for my $file (@batch) {
        last if $done and time >= $ends;
        wait_a_turn();
        publish($file);
    }
    die $hindered if $hindered;
}

sub record { print join(' ', map { /^[A-Za-z0-9._:\/@+,=-]+$/ ? $_ : '~' . unpack 'H*', $_ } @_), "\n" }

sub refuse { die [@_] }

sub read_list {
    my @lines = split /\n/, do { local $/; <STDIN> };
    refuse('list', 'it was cut on the way') if @lines != $ENV{count} + 1 or pop @lines ne '.';
    return map { /^([0-9]+) ([0-9a-f]+)$/ ? [ $1, pack 'H*', $2 ] : refuse('list', 'a line is not understood') } @lines;
}

# full DOING: the reason why the system did not do it, as a refusal; what is ready stays so.
sub full {
    refuse('full', "$_[0]: $!") if $! == ENOSPC or $! == EDQUOT;
    refuse('volume', "$_[0]: $!") if $! == EXDEV;
    refuse('staging', "$_[0]: $!");
}

sub read_ledger {
    open $book, '+>>', $ledger or full('opening the ledger');
    flock $book, LOCK_EX | LOCK_NB or refuse('busy', 'another one is giving mail back');
    seek $book, 0, 0;
    my $last = "\n";
    while (defined($last = <$book>)) {
        my @part = split ' ', $last;
        syswrite $book, "\n" if $last !~ /\n\z/;
        next if !@part or $part[-1] ne '.';
        if ($part[0] eq 'ready' and @part == 7) {
            $key_of{ $part[4] } = $part[2];
            $ready{ $part[2] } = { number => $part[2], stem => $part[3], from => $part[4], hash => $part[5], ready => 1 };
            $taken{ $part[3] } = 1;
            $number = $part[2] if $part[2] > ($number // 0);
        }
        $published{ $part[1] } = 1 if $part[0] eq 'published';
    }
    $number //= 0;
}

sub note {
    my $text = join '', @_;
    my $before = -s $book;
    for (my $from = 0; $from < length $text;) {
        my $wrote = syswrite $book, $text, length($text) - $from, $from;
        if (!$wrote) {
            my $why = $!;
            truncate $book, $before;
            $! = $why;
            full('writing the ledger');
        }
        $from += $wrote;
    }
}

sub discard_what_is_not_ready {
    my $missing = grep { !$published{$_} } keys %ready;
    if (!-d $staging) {
        refuse('staging', "$staging is gone, and with it $missing files that were ready") if $missing;
        mkdir $staging, 0700 or full('making the staging folder');
    }
    opendir my $dir, $staging or full('reading the staging folder');
    for my $name (readdir $dir) {
        my ($key) = $name =~ /^([0-9]+)/;
        unlink "$staging/$name" if defined $key and !$ready{$key};
    }
}

# The server makes its folder at the next need; until then it is made as the one set aside was.
sub make_folder {
    my @was = stat $aside or refuse('absent', "$aside is not there");
    mkdir $folder, 0700 or -d $folder or full("making $folder");
    own($folder, $was[4], $was[5], $was[2] & 07777);
}

sub own {
    my ($path, $user, $their_group, $mode) = @_;
    my @is = stat $path or full("looking at $path");
    $is[4] == $user and $is[5] == $their_group or chown $user, $their_group, $path
        or refuse('owner', "$path cannot be given to $user:$their_group: $!");
    chmod $mode, $path or refuse('owner', "the mode of $path: $!");
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

# prepare SIZE PATH: the file as it stands in staging; nothing where it is published or cannot be.
sub prepare {
    my ($size, $path) = @_;
    my $from = unpack 'H*', "$aside/$path";
    if (defined(my $key = $key_of{$from})) {
        $ready{$key}{path} = $path;
        return $ready{$key} if left($key);
        note("published $key " . time . " .\n") if !$published{$key};
        $published{$key} = 1;
        $done++;
        record('published', $path, $ready{$key}{stem}, $key);
        return;
    }
    return keep($path, 'path', 'it leads out of the folder') if $path =~ m{^/|(?:^|/)\.\.?(?:/|$)};
    my %file = (number => $number + 1, path => $path, from => $from);
    (my $base = $path) =~ s/(?:\.(?:tmp|tm\$))+$//i;
    $file{stem} = free_stem($path) or return keep($path, 'stem', 'no name is free for it');
    my $why = copy("$aside/$path", $file{number}, $size, 1, \%file)
        || ($paired and copy("$aside/$base.dat", "$file{number}.dat", undef, 0, {}));
    if ($why) {
        unlink "$staging/$file{number}", "$staging/$file{number}.dat";
        delete $taken{ $file{stem} };
        return keep($path, @$why);
    }
    $number++;
    return \%file;
}

sub left { -e "$staging/$_[0]" or $paired and -e "$staging/$_[0].dat" }

sub keep {
    my ($path, $reason, $words) = @_;
    $done++;
    note("kept $role $reason " . unpack('H*', "$aside/$path") . " .\n");
    record('kept', $path, $reason, $words);
    return;
}

# free_stem PATH: its own, or the next one that neither the live queue nor the ledger knows.
sub free_stem {
    my ($path) = @_;
    my ($name) = $path =~ m{([^/]*)$};
    my ($before, $second, $count, $behind) =
        $name =~ /^([0-9A-Za-z]{0,2}?)([0-9]{14})([0-9]{4})([0-9A-Za-z]{0,2})(?:\.(?:tmp|tm\$))+$/i;
    if (!defined $second) {
        my @at = localtime((lstat "$aside/$path")[9] // time);
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
    sysopen my $out, $target, O_WRONLY | O_CREAT | O_EXCL, 0600 or full('making a copy');
    my ($added, $at) = $may_change && length $ENV{default_from} ? added($in) : ('', 0);
    my $sum = $hashes && Digest::SHA->new(256);
    my ($position, $block, $first) = (0, '', '');
    while (sysread $in, $block, !$position && length $added ? $at : BLOCK) {
        $block .= $added if !$position and length $added;
        $first = $block if !$position;
        $position += length $block;
        $sum->add($block) if $sum;
        put($out, $block);
    }
    close $out or full('closing a copy');
    return [ 'changed', 'it was read only in part' ] if $position != $is[7] + length $added;
    own($target, $owner, $group, $file_mode);
    $$file{hash} = $sum ? $sum->hexdigest : '-';
    return if $position == length $first ? holds($target, $first) : same($in, $target, $added, $at, $$file{hash});
    return [ 'changed', 'the copy differs' ];
}

sub put {
    my ($out, $block) = @_;
    for (my $from = 0; $from < length $block;) {
        my $wrote = syswrite $out, $block, length($block) - $from, $from;
        $wrote or full('writing a copy');
        $from += $wrote;
    }
}

# holds FILE CONTENT: a mail of one block is compared byte by byte with what was read of the original.
sub holds {
    my ($target, $content) = @_;
    sysopen my $copy, $target, O_RDONLY or return 0;
    my $there = '';
    sysread $copy, $there, BLOCK + 1024;
    return $there eq $content;
}

sub same {
    my ($in, $target, $added, $at, $hash) = @_;
    return Digest::SHA->new(256)->addfile($target, 'b')->hexdigest eq $hash if $hashes;
    open my $copy, '<:raw', $target or return 0;
    sysseek $in, 0, 0;
    my ($first, $theirs, $ours) = (1, '', '');
    while (1) {
        sysread $in, $theirs, $first && length $added ? $at : BLOCK;
        $theirs .= $added if $first;
        $first = 0;
        read $copy, $ours, length($theirs) || 1;
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

# What was copied is on the disk before it is called ready, and that before the first rename.
sub settle {
    my @new = @_ or return;
    system {'sync'} 'sync', '-f', $staging;
    if ($? != 0) { sync_file("$staging/$$_{number}") for @new }
    note(map { line($_) } @new);
    eval { require IO::Handle; $book->sync };
    for my $file (@new) {
        $$file{ready} = 1;
        $ready{ $$file{number} } = $file;
        $key_of{ $$file{from} } = $$file{number};
    }
}

sub line { "ready $role $_[0]{number} $_[0]{stem} $_[0]{from} $_[0]{hash} .\n" }

sub sync_file {
    open my $file, '+<', $_[0] or return;
    eval { require IO::Handle; $file->sync };
}

sub wait_a_turn {
    select undef, undef, undef, $ENV{interval} if $waits and $ENV{interval} > 0;
    $waits = $ENV{interval} > 0;
}

# The message first, and of a pair the envelope last: it is what the server looks for.
sub publish {
    my ($file) = @_;
    my ($key, $stem) = @$file{qw(number stem)};
    if (-e "$staging/$key") {
        while (-e "$folder/$stem.tmp" or -e "$folder/$stem.tm\$" or $paired and -e "$folder/$stem.dat") {
            $stem = $$file{stem} = free_stem("$stem.tmp") or full('finding a free name');
            note(line($file));
        }
        rename "$staging/$key", "$folder/$stem.tmp" or full('the rename into the live queue');
    }
    if ($paired and -e "$staging/$key.dat") {
        rename "$staging/$key.dat", "$folder/$stem.dat" or full('the rename into the live queue');
    }
    note("published $key " . time . " .\n");
    $published{$key} = 1;
    $done++;
    record('published', $$file{path}, $stem, $key);
    print STDERR "\@ given $done\n" if $ENV{interval} > 0 or $done % 100 == 0;
}
