"""What the SMTP log says of the accounts: who sent from where, when, and with which senders."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from playbook.smtplog.accounts import fold_account
from playbook.smtplog.deliveries import Delivery, DeliveryOutcome
from playbook.smtplog.sessions import DAY_S, Login, Session, Submission
from playbook.triage.compact import MAX_VALUE, CompactMap
from playbook.triage.identities import Identities

_HOUR_S: Final = 3600
_MAX_DOMAINS: Final = 256
_MAX_CLIENT_NAMES: Final = 16
_MAX_OWN: Final = 64
_MAX_LOGINS: Final = 1 << 16
_MAX_SENDERS: Final = 64
_SETTLED_DAYS: Final = 3


@dataclass(frozen=True, slots=True)
class Submitter:
    """Who handed a message in: an account, `""` if nobody logged in, and the client's address.

    `account` is `None` where somebody logged in and nothing says who.
    """

    account: str | None
    address: str


@dataclass(slots=True)
class Habit:
    """What one submitter did: messages by sender domain, and when; `files` lie in the queue.

    `days` are the messages of each day, `client_names` what its computers called themselves.
    """

    messages: int = 0
    files: int = 0
    first_at_s: int | None = None
    last_at_s: int | None = None
    days: dict[int, int] = field(default_factory=dict)
    domains: dict[str, int] = field(default_factory=dict)
    first_by_domain: dict[str, int] = field(default_factory=dict)
    client_names: set[str] = field(default_factory=set)

    def add(self, at_s: int | None, sender: str) -> None:
        """Count one message; `at_s` is `None` or 0 where the time is unknown."""
        self.messages += 1
        domain = sender.rpartition("@")[2]
        if domain in self.domains or len(self.domains) < _MAX_DOMAINS:
            self.domains[domain] = self.domains.get(domain, 0) + 1
        if not at_s:
            return
        self.first_at_s = at_s if self.first_at_s is None else min(self.first_at_s, at_s)
        self.last_at_s = at_s if self.last_at_s is None else max(self.last_at_s, at_s)
        self.days[at_s // DAY_S] = self.days.get(at_s // DAY_S, 0) + 1
        if domain in self.domains:
            known = self.first_by_domain.get(domain, at_s)
            self.first_by_domain[domain] = min(known, at_s)

    def add_all(self, other: "Habit") -> None:
        """Count what the same submitter did under another name or address."""
        self.messages += other.messages
        self.files += other.files
        for domain, count in other.domains.items():
            self.domains[domain] = self.domains.get(domain, 0) + count
        for domain, at_s in other.first_by_domain.items():
            self.first_by_domain[domain] = min(self.first_by_domain.get(domain, at_s), at_s)
        times = [each for each in (self.first_at_s, other.first_at_s) if each is not None]
        self.first_at_s = min(times, default=None)
        times = [each for each in (self.last_at_s, other.last_at_s) if each is not None]
        self.last_at_s = max(times, default=None)
        for day, messages in other.days.items():
            self.days[day] = self.days.get(day, 0) + messages
        self.client_names |= other.client_names

    def name_client(self, client_name: str) -> None:
        """Remember what a client of the submitter called itself, where it did."""
        if client_name and len(self.client_names) < _MAX_CLIENT_NAMES:
            self.client_names.add(client_name)


class LogHistory:
    """The log, folded: habits by submitter, correspondents, message ids, what was delivered.

    `gaps` say what of the log was not read. Message ids are reused after some days, so an id
    counts only within an hour of its time.
    """

    def __init__(self) -> None:
        self.habits: dict[Submitter, Habit] = {}
        self.sessions = 0
        self.logins: set[str] = set()
        self.masked_logins = 0
        self.gaps: tuple[str, ...] = ()
        self.identities = Identities()
        self.known_logins: set[str] = set()
        self.writes_as: dict[str, dict[str, int]] = {}
        self._local_addresses: set[str] = set()
        self._server_names: dict[str, dict[str, set[int]]] = {}
        self._submitters: list[Submitter] = []
        self._numbers: dict[Submitter, int] = {}
        self._by_id = CompactMap()
        self._by_sender = CompactMap()
        self._delivered = CompactMap()
        self._correspondents = CompactMap()
        self._recipient_days: set[int] = set()

    def add(self, entry: Session | Delivery) -> None:
        """Fold in one session or delivery."""
        if isinstance(entry, Session):
            self._add_session(entry)
        elif entry.outcome is DeliveryOutcome.ACCEPTED:
            self._delivered.set(entry.stem or (entry.message_id, _hour(entry.at_s)), 1)

    def recast(self, identities: Identities) -> None:
        """Know names and addresses by what they mean; done again, it changes nothing."""
        self.identities = identities
        self.known_logins = {identities.account(name) for name in self.logins}
        known = [self._meant(each) for each in self._submitters]
        self._submitters = known
        self._numbers = {each: number for number, each in enumerate(known)}
        habits: dict[Submitter, Habit] = {}
        for who, habit in self.habits.items():
            meant = self._meant(who)
            if meant in habits:
                habits[meant].add_all(habit)
            else:
                habits[meant] = habit
        self.habits = habits

    def own_addresses(self) -> frozenset[str]:
        """Addresses that the log shows to be the server's own.

        The log may say so itself; a client that calls itself by the server's own name is believed
        where it did so on several days.
        """
        named = {
            address
            for address, names in self._server_names.items()
            if any(len(days) >= _SETTLED_DAYS for days in names.values())
        }
        return frozenset(self._local_addresses | named)

    def _meant(self, who: Submitter) -> Submitter:
        account = self.identities.account(who.account) if who.account else who.account
        return Submitter(account, self.identities.address(who.address))

    def _note_names(self, session: Session, submitter: Submitter) -> None:
        if session.client_name and session.client_name == session.server_name:
            day = (session.first_at_s or 0) // DAY_S
            if submitter.address in self._server_names or len(self._server_names) < _MAX_OWN:
                names = self._server_names.setdefault(submitter.address, {})
                names.setdefault(session.server_name, set()).add(day)
        account = submitter.account
        if not account or (account not in self.logins and len(self.logins) >= _MAX_LOGINS):
            return
        self.logins.add(account)
        local = self.writes_as.setdefault(account, {})
        for submission in session.submissions:
            sender = submission.sender
            if sender and (sender in local or len(local) < _MAX_SENDERS):
                local[sender] = local.get(sender, 0) + 1

    def submitter_of(self, message_id: str, at_s: int) -> Submitter | None:
        """Who handed in the message with this id at about this time."""
        if not message_id:
            return None
        hours = (_hour(at_s), _hour(at_s) + 1, _hour(at_s) - 1, 0) if at_s else (0,)
        for hour in hours:
            number = self._by_id.get((message_id, hour))
            if number is not None:
                return self._submitters[number]
        return None

    def submitter_as(self, sender: str) -> Submitter | None:
        """Who last sent with this MAIL FROM."""
        number = self._by_sender.get(sender)
        return None if number is None else self._submitters[number]

    def recipient_days(self, at_s: int) -> int:
        """On how many days before this second's the log says to whom mail went."""
        return sum(1 for day in self._recipient_days if day < at_s // DAY_S)

    def knew(self, address: str, at_s: int) -> bool:
        """Whether mail went to this address, or came from it, on a day before this second's."""
        day = self._correspondents.get(address)
        return day is not None and day < at_s // DAY_S

    def is_delivered(self, stem: str, message_id: str, at_s: int) -> bool:
        """Whether a remote server accepted this file, or its message where no file is named."""
        return stem in self._delivered or (message_id, _hour(at_s)) in self._delivered

    def _add_session(self, session: Session) -> None:
        self.sessions += 1
        if session.local_address and len(self._local_addresses) < _MAX_OWN:
            self._local_addresses.add(session.local_address)
        submitter = _submitter(session)
        if submitter is None:
            return
        self._note_names(session, submitter)
        if submitter.account is None:
            self.masked_logins += 1
        habit = self.habits.setdefault(submitter, Habit())
        habit.name_client(session.client_name)
        number = self._number(submitter)
        self._add_correspondents(session, submitter)
        for submission in session.submissions:
            if submission.status in {"OK", ""}:
                self._add_submission(habit, number, submission)

    def _add_correspondents(self, session: Session, submitter: Submitter) -> None:
        day = (session.first_at_s or 0) // DAY_S
        if not day:
            return
        if session.written_to:
            self._recipient_days.add(day)
        senders = [each.sender for each in session.submissions] if submitter.account == "" else []
        for address in (*session.written_to, *senders):
            if address and self._correspondents.get(address, MAX_VALUE) > day:
                self._correspondents.set(address, day)

    def _add_submission(self, habit: Habit, number: int, submission: Submission) -> None:
        habit.add(submission.at_s, submission.sender)
        if number > MAX_VALUE:
            return
        if submission.message_id:
            self._by_id.set((submission.message_id, _hour(submission.at_s)), number)
        if submission.sender:
            self._by_sender.set(submission.sender, number)

    def _number(self, submitter: Submitter) -> int:
        number = self._numbers.setdefault(submitter, len(self._submitters))
        if number == len(self._submitters):
            self._submitters.append(submitter)
        return number


def learn(entries: Iterable[Session | Delivery]) -> LogHistory:
    """The history in a log; an empty one knows nothing and says so by `sessions == 0`."""
    history = LogHistory()
    for entry in entries:
        history.add(entry)
    return history


def _submitter(session: Session) -> Submitter | None:
    match session.login:
        case Login.ACCEPTED:
            return Submitter(fold_account(session.account) or None, session.address.lower())
        case Login.NONE:
            account = "" if session.has_start else None
            return Submitter(account, session.address.lower()) if session.submissions else None
        case Login.TRIED | Login.REFUSED:
            return None


def _hour(at_s: int | None) -> int:
    return (at_s or 0) // _HOUR_S
