# What every part of giving back begins with: the values, the ledger, and what this server knows.
#
# The ledger is the incident's: a line `ready ROLE NUMBER STEM ORIGINAL HASH .` says that the file NUMBER
# in staging is whole. What is ready there and absent from staging was published, and is never touched again.
# The memory is the server's, of every incident there was: `given INCIDENT ROLE NUMBER SOURCE COPY HASH
# ORIGINAL .`, with volume and inode of the original and of its copy, and the SHA-256 of what was in it.
# Both are opened with root's rights; then only those of the mail tree's owner are left.
# Values come in the environment, the list on standard input: SIZE PATH, with PATH in hexadecimal.

no lib '.';
use strict;
use warnings;
use Errno qw(EDQUOT ENOENT ENOSPC EXDEV);
use Fcntl qw(:DEFAULT :flock :mode);

use constant { BATCH => 2000, BLOCK => 1 << 20 };

my ($role, $incident, $aside, $folder, $staging) = @ENV{qw(role incident aside folder staging)};
my $paired = $role eq 'incoming';
my $ends   = time + $ENV{seconds};
my $hashes = eval { require Digest::SHA; 1 };
my $syncs  = eval { require IO::Handle; 1 };
my $waits  = $ENV{waits};
my $done   = 0;
my $said   = '';
my ($owner, $group, $file_mode, $number, $book, $memory);
my (%key_of, %ready, %published, %taken, %with_source, %with_copy, %with_hash);

sub record { print join(' ', map { /^[A-Za-z0-9._:\/@+,=-]+$/ ? $_ : '~' . unpack 'H*', $_ } @_), "\n" }

sub refuse { die [@_] }

# full DOING: the reason why the system did not do it, as a refusal; what is ready stays so.
sub full {
    refuse('full', "$_[0]: $!") if $! == ENOSPC or $! == EDQUOT;
    refuse('volume', "$_[0]: $!") if $! == EXDEV;
    refuse('staging', "$_[0]: $!");
}

# with_rights_of USER GROUP: for good; nothing that follows can do more than the mail tree's owner.
sub with_rights_of {
    my ($user, $their_group) = @_;
    return if !length $user;
    $) = "$their_group $their_group";
    $> = $user;
    refuse('rights', "user $user") if $> != $user or $) + 0 != $their_group;
}

# lines_of PATH: a file of lines that end with a dot, opened to be added to, and what is whole in it.
sub lines_of {
    my ($path) = @_;
    sysopen my $file, $path, O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW, 0600 or full("opening $path");
    flock $file, LOCK_EX | LOCK_NB or refuse('busy', 'another one is giving mail back');
    seek $file, 0, 0;
    my @lines = <$file>;
    append($file, "\n") if @lines and $lines[-1] !~ /\n\z/;
    return $file, grep { @$_ and $$_[-1] eq '.' } map { [ split ' ' ] } @lines;
}

sub read_ledger {
    my @lines;
    ($book, @lines) = lines_of($ENV{ledger});
    for (@lines) {
        my @part = @$_;
        if ($part[0] eq 'ready' and @part == 7) {
            $key_of{ $part[4] } = $part[2];
            $ready{ $part[2] } = { ready => 1, role => $part[1], number => $part[2], stem => $part[3], from => $part[4], hash => $part[5] };
            $taken{ $part[3] } = 1;
            $number = $part[2] if $part[2] > ($number || 0);
        }
        $published{ $part[1] } = 1 if $part[0] eq 'published';
    }
    $number ||= 0;
}

# What an incident wrote down and did not make ready is void, as is what it left in staging at its end.
sub read_memory {
    my (@lines, %last, %void);
    ($memory, @lines) = lines_of($ENV{memory});
    for (@lines) {
        $last{"$$_[1] $$_[3]"} = $_ if $$_[0] eq 'given' and @$_ == 9;
        delete $last{"$$_[1] $$_[2]"} if $$_[0] eq 'void' and @$_ == 4;
    }
    remember($_) for grep { $$_[1] ne $incident or $ready{ $$_[3] } } values %last;
}

sub remember {
    my ($line) = @_;
    push @{ $with_source{ $$line[4] } }, $line;
    push @{ $with_copy{ $$line[5] } }, $line;
    push @{ $with_hash{ $$line[6] } }, $line if $$line[6] =~ /^[0-9a-f]{64}/;
}

# given_before FILE: the incident by which that very mail was given back, or nothing. A copy that was
# published, and set aside before the server took it, was not; nor is one of two files of a folder the other.
sub given_before {
    my ($file) = @_;
    my ($source, $hash, $from) = @$file{qw(source content from)};
    for (@{ $with_source{$source} || [] }) {
        return $$_[1] if $$_[6] eq $hash or $hash eq '-' or $$_[6] eq '-';
    }
    return if $with_copy{$source};
    my $here = unpack 'H*', "$aside/";
    for (@{ $with_hash{$hash} || [] }) {
        return $$_[1] if $$_[7] eq $from or substr($$_[7], 0, length $here) ne $here;
    }
    return;
}

sub note { append($book, @_) }

# append FILE TEXT...: all of it or nothing.
sub append {
    my ($file, @text) = @_;
    my $text = join '', @text;
    my $before = -s $file;
    for (my $from = 0; $from < length $text;) {
        my $wrote = syswrite $file, $text, length($text) - $from, $from;
        if (!$wrote) {
            my $why = $!;
            truncate $file, $before || 0;
            $! = $why;
            full('writing the ledger');
        }
        $from += $wrote;
    }
}

sub sync_handle {
    my ($file) = @_;
    $syncs and $file->sync and return;
    system {'sync'} 'sync';
    refuse('helper', 'there is no way to have it on the disk') if $? != 0;
}
