# Give files back to a live queue: copied to staging, compared, written down as ready, then renamed.

give_back_or_say_why();

sub give_back_or_say_why {
    return if eval { give_back(); 1 };
    my $why = $@;
    eval { flush() };
    die $why if !ref $why;
    record('refused', @$why);
}

sub give_back {
    my @list = read_list();
    read_ledger();
    read_memory();
    with_rights_of(@ENV{qw(tree_user tree_group)});
    discard_what_is_not_ready();
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
    @batch = settle(@batch);
    for my $file (@batch) {
        last if $done and time >= $ends;
        wait_a_turn();
        publish($file);
    }
    flush();
    die $hindered if $hindered;
}

sub discard_what_is_not_ready {
    my $missing = grep { !$published{$_} and $ready{$_}{role} eq $role } keys %ready;
    if (!-d $staging) {
        refuse('staging', "$staging is gone, and with it $missing files that were ready") if $missing;
        mkdir $staging, 0700 or full('making the staging folder');
    }
    # It may have been planted: it must be ours, and nobody else's to write in.
    my @is = lstat $staging;
    refuse('staging', "$staging was made by somebody else") if !S_ISDIR($is[2]) or $is[4] != $> or $is[2] & 022;
    opendir my $dir, $staging or full('reading the staging folder');
    for my $name (readdir $dir) {
        my ($key) = $name =~ /^([0-9]+)/;
        unlink "$staging/$name" if defined $key and !$ready{$key};
    }
}

# prepare SIZE PATH: the file as it stands in staging; nothing where it is published or cannot be.
sub prepare {
    my ($size, $path) = @_;
    my $from = unpack 'H*', "$aside/$path";
    if (defined(my $key = $key_of{$from})) {
        $ready{$key}{path} = $path;
        return $ready{$key} if left($key);
        return is_published($ready{$key});
    }
    return keep($path, 'path', 'it leads out of the folder') if $path =~ m{^/|(?:^|/)\.\.?(?:/|$)};
    my %file = (number => $number + 1, path => $path, from => $from);
    my %envelope;
    (my $base = $path) =~ s/(?:\.(?:tmp|tm\$))+$//i;
    $file{stem} = free_stem($path) or return keep($path, 'stem', 'no name is free for it');
    my $why = copy("$aside/$path", $file{number}, $size, 1, \%file)
        || ($paired and copy("$aside/$base.dat", "$file{number}.dat", undef, 0, \%envelope));
    if ($why) {
        unlink "$staging/$file{number}", "$staging/$file{number}.dat";
        delete $taken{ $file{stem} };
        return keep($path, @$why);
    }
    $file{content} = "$file{content}-$envelope{content}" if $paired and $file{content} ne '-';
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

# What was copied is on the disk before the server is told of it, that before it is called ready in this
# incident, and that before the first rename. Returns what may be published.
sub settle {
    my @batch = @_;
    my @new = grep { !$$_{ready} } @batch or return @batch;
    sync_staging(@new);
    if (!$hashes) { sum_up(@new) }
    my @first = grep { is_the_first($_) } @new;
    if (@first) {
        append($memory, map { "given $incident $role @$_{qw(number source copy content from)} .\n" } @first);
        sync_handle($memory);
        note(map { line($_) } @first);
        sync_handle($book);
    }
    for my $file (@first) {
        @$file{qw(ready role)} = (1, $role);
        $ready{ $$file{number} } = $file;
        $key_of{ $$file{from} } = $$file{number};
    }
    return grep { $$_{ready} } @batch;
}

# Where perl has no sums, another program makes them of the copies, whose names are numbers.
sub sum_up {
    my %file_of = map { $$_{number} => $_ } @_;
    return if $paired or length $ENV{default_from};
    open my $sums, '-|', 'sha256sum', map { "$staging/$_" } keys %file_of or return;
    while (<$sums>) {
        $file_of{$2}{content} = $1 if m{^([0-9a-f]{64})\s.*/([0-9]+)$};
    }
    close $sums;
}

# Known as one that was given back before, a file stays where it is, and its copy goes.
sub is_the_first {
    my ($file) = @_;
    my $by = given_before($file);
    if (!defined $by) {
        remember([ 'given', $incident, $role, @$file{qw(number source copy content from)} ]);
        return 1;
    }
    unlink "$staging/$$file{number}", "$staging/$$file{number}.dat";
    $done++;
    note("already $role $by $$file{from} .\n");
    record('already', $$file{path}, $by);
    return 0;
}

sub line { "ready $role $_[0]{number} $_[0]{stem} $_[0]{from} $_[0]{hash} .\n" }

sub sync_staging {
    system {'sync'} 'sync', '-f', $staging;
    return if $? == 0;
    for my $file (map { ("$staging/$$_{number}", $paired ? "$staging/$$_{number}.dat" : ()) } @_) {
        open my $copy, '+<', $file or full('opening a copy');
        sync_handle($copy);
    }
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
    is_published($file);
    print STDERR "\@ given $done\n" if $ENV{interval} > 0 or $done % 100 == 0;
}

# Written down in groups: what is ready and no longer in staging is known to be published without it.
sub is_published {
    my ($file) = @_;
    my $key = $$file{number};
    $said .= "published $key " . time . " .\n" if !$published{$key};
    $published{$key} = 1;
    $done++;
    record('published', @$file{qw(path stem number)});
    flush() if $ENV{interval} > 0;
    return;
}

sub flush {
    my $text = $said;
    $said = '';
    note($text) if length $text;
}
