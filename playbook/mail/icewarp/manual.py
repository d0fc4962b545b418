"""The commands that a person types on a Linux server, with its real paths, where the tool is lost.

Each line can be pasted as it is: every name is one quoted argument, nothing is overwritten, and
what a line relies on is looked at by the one before. A line that begins with `#` is for the eyes.
"""

import shlex
from typing import Final

from playbook.errors import BadInput
from playbook.hosts.host import IceWarpOverrides
from playbook.mail.actions import (
    EmptyFolderRemoved,
    FolderRestored,
    FolderSetAside,
    IncidentForgotten,
    MailReinjected,
    PasswordReset,
    SessionsEnded,
    SettledMailRemoved,
    SmtpStarted,
    SmtpStopped,
    SubmissionSet,
)
from playbook.mail.icewarp.variables import ACCOUNT, WATCHDOG
from playbook.mail.names import holds_controls
from playbook.mail.survey import Role, Survey
from playbook.mail.system import LINUX
from playbook.secret import PasswordShape

Lines = tuple[str, ...]

_EVIDENCE: Final = "/root/respond-evidence"
_USUAL: Final = PasswordShape(20, 2, 2, 1)


def quoted(name: str) -> str:
    """A name as one argument of a shell; raises `BadInput` for one with control characters."""
    if holds_controls(name):
        raise BadInput("A name on the server holds control characters", repr(name))
    return shlex.quote(name)


def stopped(action: SmtpStopped, seen: Survey, known: IceWarpOverrides) -> Lines:
    """The watchdog off, the module stopped, and seen so."""
    watchdog = (_watchdog(seen, 0), _watchdog(seen)) if seen.watchdog is not None else ()
    kill = ("# What stays: kill PID, and ten seconds later kill -KILL PID",) if action.kill else ()
    stop = f"{quoted(seen.product.control)} --stop {quoted(seen.smtp.name)}"
    return (*watchdog, stop, *_until_down(seen, known), *kill)


def started(action: SmtpStarted, seen: Survey, known: IceWarpOverrides) -> Lines:
    """The module started, seen up, and its watchdog as it was."""
    watchdog = action.watchdog
    after = () if watchdog is None else (_watchdog(seen, int(watchdog)), _watchdog(seen))
    return (
        "# Only when the account is closed, by a new password or by u_smtp 0:",
        _start(seen),
        "# A line of each shows that it is up:",
        *_processes_and_port(seen, known),
        *after,
    )


def reset(action: PasswordReset, seen: Survey, known: IceWarpOverrides) -> Lines:
    """A new password that nobody knows, and when it was last changed."""
    account = quoted(action.account)
    expire = f"{_tool(seen, 'set')} account {account} u_passwordexpired 1"
    return (
        "# A random password that nobody is shown; give the user another one later.",
        _new_password(action.account, action.shape, seen),
        f"{_tool(seen, 'get')} account {account} u_passwordlastchanged",
        *((expire,) if action.expire else ()),
    )


def submission(action: SubmissionSet, seen: Survey, known: IceWarpOverrides) -> Lines:
    """Whether the account may submit, and read again."""
    return (
        _block(action.account, seen, int(action.allowed)),
        f"{_tool(seen, 'get')} account {quoted(action.account)} u_smtp",
    )


def set_aside(action: FolderSetAside, seen: Survey, known: IceWarpOverrides) -> Lines:
    """A folder renamed, or carried where it is a mount point, and one made in its place."""
    folder, aside = quoted(action.folder), quoted(action.aside)
    moved: Lines = (f"[ -e {aside} ] || mv -- {folder} {aside}",)
    if action.emptied:
        moved = (
            f"[ -e {aside} ] || cp -a -- {folder} {aside}",
            f"diff -r -- {folder} {aside} && find {folder} -xdev -type f -delete",
        )
    like = f"--reference={aside} {folder}"
    again = f"[ -e {folder} ] || {{ mkdir {folder} && chown {like} && chmod {like}; }}"
    return (
        *_until_down(seen, known),
        *moved,
        *((again,) if action.recreate else ()),
        f"ls -ld -- {aside} {folder}",
    )


def restored(action: FolderRestored, seen: Survey, known: IceWarpOverrides) -> Lines:
    """A folder back in its place, overwriting nothing."""
    folder, aside = quoted(action.folder), quoted(action.aside)
    below = f"{folder}/{{}}"
    like = f"--reference={{}} {below}"
    made = f"mkdir {below} \\; -exec chown {like} \\; -exec chmod {like} \\;"
    return (
        *_until_down(seen, known),
        f"rmdir -- {folder} 2>/dev/null; [ -e {folder} ] || mv -- {aside} {folder}",
        f"# Only where {folder} held mail, so that {aside} is still there:",
        f"cd {aside} && find . -type d ! -exec test -d {below} \\; -exec {made}",
        f"cd {aside} && find . -type f -exec mv -n {{}} {below} \\;",
        f"find {aside} -type f",
    )


def restarted(action: SessionsEnded, seen: Survey, known: IceWarpOverrides) -> Lines:
    """The modules restarted."""
    control = quoted(seen.product.control)
    return tuple(f"{control} --restart {quoted(each)}" for each in action.modules)


def reinjected(action: MailReinjected, seen: Survey, known: IceWarpOverrides) -> Lines:
    """One good file, or one pair, to its live queue by one rename."""
    live = quoted(action.folder)
    first = f"cp -p -- FILE {live}/NAME.draft && mv -n -- {live}/NAME.draft {live}/NAME"
    pair = (
        f"{first}.tmp   # the message first",
        f"{first.replace('FILE', 'ENVELOPE')}.dat   # then its envelope",
    )
    return (
        f"# For each good FILE of {quoted(action.aside)}, and never for one twice:",
        *(pair if action.role is Role.INCOMING else (f"{first}.tmp",)),
    )


def empty_removed(action: EmptyFolderRemoved, seen: Survey, known: IceWarpOverrides) -> Lines:
    """A folder removed where no file is in it."""
    aside = quoted(action.aside)
    return (f"find {aside} -depth -type d -exec rmdir -- {{}} +", f"ls -ld -- {aside}")


def settled_removed(action: SettledMailRemoved, seen: Survey, known: IceWarpOverrides) -> Lines:
    """The sums of what is left of a folder; the removal is for a person to decide."""
    aside = quoted(action.aside)
    return (
        f"umask 077; mkdir -p {_EVIDENCE}",
        f"find {aside} -type f -exec sha256sum -- {{}} + >>{_EVIDENCE}/removed.sha256",
        f"# When nothing good is left in it, by eye: rm -r -- {aside}",
    )


def forgotten(action: IncidentForgotten, seen: Survey, known: IceWarpOverrides) -> Lines:
    """What is kept of one incident removed; that of others stays."""
    state = seen.state_folder
    lease = quoted(LINUX.joined(state, "lease"))
    kept = [LINUX.joined(state, each, action.incident) for each in ("incidents", "staging")]
    return (
        f"rm -rf -- {' '.join(map(quoted, kept))}",
        # Another incident may hold the lease by now.
        f'case "$(readlink {lease})" in {quoted(action.incident)}\\ *) rm -f -- {lease} ;; esac',
    )


def evidence(seen: Survey, known: IceWarpOverrides) -> Lines:
    """What a stop destroys or a run changes, written to a folder that only root can read."""
    accounts = [each.address or each.named for each in seen.accounts] or ["ACCOUNT"]
    names = " ".join(ACCOUNT)
    return (
        f"umask 077; mkdir -p {_EVIDENCE} && cd {_EVIDENCE}",
        "date -u >clock.txt",
        "ss -tn state established >connections.txt",
        f"find {quoted(seen.logs)} -type f -exec ls -ln -- {{}} + >logs.txt",
        *(
            f"{_tool(seen, 'get')} account {quoted(account)} {names} >account-{number}.txt"
            for number, account in enumerate(accounts, 1)
        ),
        "# None of them may be empty:",
        "wc -c *.txt",
    )


def way_out(seen: Survey, closed: frozenset[str], *, watchdog: bool) -> str:
    """The one command that ends a night in which SMTP was stopped and this program was lost.

    Every account that is not among those `closed` is closed first, and SMTP is started only when
    that went well. `watchdog` says that it was on before the stop.
    """
    accounts = [each for each in seen.accounts if each.address and each.address not in closed]
    shut = [
        _block(each.address, seen, 0)
        if each.directory
        else _new_password(each.address, _USUAL, seen)
        for each in accounts
    ]
    if not seen.accounts and not closed:
        shut = [_new_password("ACCOUNT", _USUAL, seen)]
    again = [_watchdog(seen, 1)] if watchdog else []
    return " && ".join([*shut, _start(seen), *again])


def _new_password(account: str, shape: PasswordShape, seen: Survey) -> str:
    """A subshell, so that the password stands in no history and no variable that stays."""
    most = max(shape.length, 20)
    begins = "A" * shape.capitals + "a" + "1" * shape.digits + "-" * max(shape.signs, 1)
    made = f"$(head -c {most} /dev/urandom | od -An -v -tx1 | tr -d ' \\n')"
    write = f'{_tool(seen, "set")} account {quoted(account)} u_password "{begins}${{new}}a"'
    return f'(new={made}; [ "${{#new}}" = {2 * most} ] && {write})'


def _block(account: str, seen: Survey, allowed: int) -> str:
    return f"{_tool(seen, 'set')} account {quoted(account)} u_smtp {allowed}"


def _start(seen: Survey) -> str:
    return f"{quoted(seen.product.control)} --start {quoted(seen.smtp.name)}"


def _watchdog(seen: Survey, state: int | None = None) -> str:
    if state is None:
        return f"{_tool(seen, 'get')} system {WATCHDOG}"
    return f"{_tool(seen, 'set')} system {WATCHDOG} {state}"


def _tool(seen: Survey, verb: str) -> str:
    """The product's tool with its verb; versions before 11 have others."""
    if seen.product.dialect == "display":
        verb = {"get": "display", "set": "modify"}[verb]
    return f"{quoted(seen.product.tool)} {verb}"


def _until_down(seen: Survey, known: IceWarpOverrides) -> Lines:
    return ("# Go on only when both print nothing:", *_processes_and_port(seen, known))


def _processes_and_port(seen: Survey, known: IceWarpOverrides) -> Lines:
    program = quoted(LINUX.joined(seen.product.folder, seen.smtp.name))
    return (
        f"ps axo pid,args | grep -F -- {program} | grep -v grep",
        f"ss -ltn | grep -F ':{known.smtp_port} '",
    )
