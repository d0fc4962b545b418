"""The attacked server as a whole: laid out, started, attacked, scored and taken away."""

import getpass
import shutil
import socket
import subprocess
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from random import SystemRandom
from types import TracebackType
from typing import Self

from playbook.drill import levels
from playbook.drill.disturbance import Disturbance
from playbook.drill.faults import Fault
from playbook.drill.fill import FULL_INCOMING_PAIRS, fill_incoming
from playbook.drill.front import SYSTEM_PATH, Front, Terms
from playbook.drill.install import lay_out
from playbook.drill.inventory import write_inventory
from playbook.drill.layout import Layout
from playbook.drill.process import kill_everything, locked
from playbook.drill.scenario import Scenario
from playbook.drill.score import Score, score
from playbook.drill.senders import Crowd

DELIVERIES_PER_S = 20.0
START_TIMEOUT_S = 60.0
FAULTS_OF_SESSIONS = {Fault.LINE_CUT, Fault.DISK_FULL, Fault.DISK_FULL_AT_REINJECTION}


class AttackedServer:
    """An attacked mail server on loopback, in one folder, of real processes.

    Without `folder` it lies in a temporary folder that `stop` removes; a folder that was named is
    kept. `level` says how hard the queue is: 1 may have a million files, others lie in memory
    while they are made. `deliveries_per_s` of 0 makes a queue that stands still, but for the thief;
    with `delivers_from_restart` it stands still until SMTP was started again.
    `session_path` replaces the PATH of SSH sessions, `cut_at_exec` says which exec the fault
    `line-cut` interrupts, and `set_exit_status` is what the tool returns after a `set` that
    succeeded.
    """

    def __init__(  # noqa: PLR0913
        self,
        *,
        size: int = 2_000,
        seed: int = 1,
        level: int = 1,
        faults: frozenset[Fault] = frozenset(),
        folder: Path | None = None,
        ssh: bool = True,
        thief: bool = True,
        session_path: str | None = None,
        deliveries_per_s: float = DELIVERIES_PER_S,
        delivers_from_restart: bool = False,
        cut_at_exec: int = 3,
        set_exit_status: int = 0,
    ) -> None:
        if level not in levels.LEVELS:
            raise ValueError(f"level {level}: there are {levels.LEVELS}")
        if not ssh and faults & FAULTS_OF_SESSIONS:
            raise ValueError("line-cut and disk-full are faults of SSH sessions: ssh must be on")
        if folder is not None and folder.exists() and any(folder.iterdir()):
            raise FileExistsError(f"{folder} is not empty: an attacked server needs a new folder")
        self._folder = folder
        self._began_at = 0.0
        self._has_room = False
        self._owned = ExitStack()
        self._scenario = Scenario(
            size=size,
            seed=seed,
            level=level,
            faults=faults,
            smtp_port=_free_port(),
            deliveries_per_s=deliveries_per_s,
            delivers_from_restart=delivers_from_restart,
            set_exit_status=set_exit_status,
            accounts=levels.accounts(level, seed),
            stolen=levels.stolen(level, faults),
        )
        self.root = (folder or Path(tempfile.mkdtemp(prefix="attacked-server-"))).resolve()
        self._layout = Layout(self.root)
        self._crowd = Crowd(self._layout, self._scenario, thief=thief)
        self._disturbance = Disturbance(self._layout, self._scenario)
        cut = cut_at_exec if Fault.LINE_CUT in faults else None
        terms = Terms(session_path or SYSTEM_PATH, cut, self._disk_is_full)
        self.front = Front(self.root, terms) if ssh else None

    @property
    def install(self) -> Path:
        """The product's own folder."""
        return self._layout.install

    @property
    def inventory(self) -> Path:
        """A ready inventory file, with the server as host `drill`."""
        return self.root / "respond.toml"

    @property
    def account(self) -> str:
        """The stolen account that somebody noticed."""
        return self._scenario.stolen[0]

    @property
    def second_account(self) -> str | None:
        """The stolen account that nobody named, where there is one."""
        return next(iter(self._scenario.stolen[1:]), None)

    @property
    def user(self) -> str:
        """The name to log in with over SSH."""
        return getpass.getuser()

    @property
    def smtp_port(self) -> int:
        """Where SMTP listens."""
        return self._scenario.smtp_port

    @property
    def ssh_port(self) -> int:
        """Where the SSH server listens."""
        return self._front().port

    @property
    def key_file(self) -> Path:
        """The client's private key."""
        return self._front().key_file

    @property
    def known_hosts(self) -> Path:
        """The known-hosts file with the SSH server's key."""
        return self._front().known_hosts

    def start(self) -> None:
        """Lay the server out, start it, and let the attack begin.

        Raises `RuntimeError` where a service does not start; nothing is left running then.
        """
        try:
            self._start()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End every process and thread of the drill, and remove its folder unless it was named."""
        kill_everything(self._layout)
        self._crowd.end()
        self._disturbance.end()
        if self.front is not None:
            self.front.stop()
        self._owned.close()
        if self._folder is None:
            shutil.rmtree(self.root)

    def make_room(self) -> None:
        """Let sessions write again, which `disk-full-at-reinjection` keeps them from."""
        self._has_room = True

    def score(self, contained_at: float) -> Score:
        """How the drill went; `contained_at` is the Unix time that the responder claims."""
        return score(self._layout, self._scenario, self._began_at, contained_at)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def _start(self) -> None:
        now = time.time()
        scene = levels.scene(self._scenario, now)
        lay_out(self._layout, self._scenario, now, scene)
        self._owned.enter_context(locked(self._layout.owner))
        self._start_services()
        if self._scenario.has(Fault.START_FAILS_ON_FULL_INCOMING):
            fill_incoming(self._layout, self._scenario, now, FULL_INCOMING_PAIRS)
        if self.front is not None:
            self.front.start()
        write_inventory(self.inventory, self._layout, self._scenario, self.front)
        writers = levels.writers(scene)
        self._disturbance.start(writers)
        self._began_at = time.time()
        self._crowd.start(writers)

    def _disk_is_full(self) -> bool:
        if self._scenario.has(Fault.DISK_FULL_AT_REINJECTION):
            return not self._has_room and self._layout.was_restarted
        return self._scenario.has(Fault.DISK_FULL)

    def _start_services(self) -> None:
        started = subprocess.run(
            [self.install / "icewarpd.sh", "--start", "all"],
            timeout=START_TIMEOUT_S,
            check=False,
            capture_output=True,
        )
        if started.returncode != 0:
            raise RuntimeError(f"the drill's services did not start: {started.stderr.decode()}")

    def _front(self) -> Front:
        if self.front is None:
            raise ValueError("this attacked server has no SSH front")
        return self.front


def _free_port() -> int:
    """A port to listen on that outgoing connections never take for themselves."""
    while True:
        port = SystemRandom().randrange(20_000, 32_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
