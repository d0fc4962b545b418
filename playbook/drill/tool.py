"""The command-line tool behind `tool.sh`, in its two dialects and with its known oddities."""

import shlex
import sys
import time
from fnmatch import fnmatchcase
from pathlib import Path

from playbook.drill.faults import Fault
from playbook.drill.layout import Layout
from playbook.drill.policy import FORBIDDEN, breaks_policy
from playbook.drill.process import lift_file_limit, register
from playbook.drill.scenario import Scenario
from playbook.drill.settings import Settings, Values, changing, read_settings
from playbook.drill.variables import READ_ONLY

HANGS_FOR_S = 600.0
_INTERNAL_DOMAIN = "##internalservicedomain.icewarp.com##"


class Tool:
    """One run of the tool: reads or changes the settings and prints with CR LF."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._scenario = Scenario.read(layout.scenario)

    def run(self, words: list[str]) -> int:
        """Obey one command line; what it does not know gets the help text and success."""
        old = self._scenario.has(Fault.TOOL_PRINTS_HELP)
        match words:
            case ["display", kind, *rest]:
                return self._get(kind, rest)
            case ["get", kind, *rest] if not old:
                return self._get(kind, rest)
            case ["modify" | "set" as verb, kind, *rest] if old == (verb == "modify"):
                return self._set(kind, rest)
            case ["file", batch]:
                lines = Path(batch).read_text(encoding="utf-8").splitlines()
                return max([self.run(shlex.split(line)) for line in lines], default=0)
            case _:
                return self._about_many(words)

    def _about_many(self, words: list[str]) -> int:
        match words:
            case ["export", "account" | "domain" as kind, pattern, *names]:
                return self._export(kind, pattern, names)
            case ["check", "account", pattern, "passpolicy"]:
                return self._check(pattern)
            case ["list", "domain"]:
                return _print(*read_settings(self._layout.settings).domains, _INTERNAL_DOMAIN)
            case _:
                old = self._scenario.has(Fault.TOOL_PRINTS_HELP)
                return _print(*_help("display, modify" if old else "get, set"))

    def _get(self, kind: str, rest: list[str]) -> int:
        settings = read_settings(self._layout.settings)
        if kind == "system":
            return _print_values(settings.system, rest)
        if not rest:
            return _print("Object not specified.") or 1
        pattern, *names = rest
        found = _matching(settings, kind, pattern)
        if not found:
            return _print(f"{kind.capitalize()} {pattern} not found.") or 1
        status = 0
        for number, (name, values) in enumerate(found.items()):
            if number and names:
                _print("")
            _print(name)
            status |= _print_values(values, names)
        return status

    def _export(self, kind: str, pattern: str, names: list[str]) -> int:
        found = _matching(read_settings(self._layout.settings), kind, pattern)
        for name, values in found.items():
            _print(",".join([name, *(_shown(values, asked) or "" for asked in names), ""]))
        return 0

    def _check(self, pattern: str) -> int:
        settings = read_settings(self._layout.settings)
        accounts = _matching(settings, "account", pattern)
        weak = [
            name
            for name, values in accounts.items()
            if breaks_policy(settings, name, values["u_password"])
        ]
        return _print(*weak)

    def _set(self, kind: str, rest: list[str]) -> int:
        pattern, *pairs = ["", *rest] if kind == "system" else rest or [""]
        given = dict(zip(pairs[::2], pairs[1::2], strict=False))
        asked_password = next(
            (value for name, value in given.items() if name.lower() == "u_password"), None
        )
        if asked_password is not None and self._scenario.has(Fault.TOOL_HANGS):
            register(self._layout)
            time.sleep(HANGS_FOR_S)
        with changing(self._layout.settings) as settings:
            objects = (
                {"": settings.system} if kind == "system" else _matching(settings, kind, pattern)
            )
            if not objects:
                return _print(f"{kind.capitalize()} {pattern} not found.") or 1
            refused = [
                self._set_one(settings, name, values, given) for name, values in objects.items()
            ]
        if any(refused):
            return 1
        return self._scenario.set_exit_status

    def _set_one(self, settings: Settings, name: str, values: Values, given: Values) -> bool:
        """Change one object; whether something of it was refused."""
        refused = False
        for asked, value in given.items():
            variable = asked.lower()
            if variable not in values or variable in READ_ONLY:
                refused = True
            elif variable == "u_password":
                refused |= self._set_password(settings, name, value)
            else:
                values[variable] = value
        return refused

    def _set_password(self, settings: Settings, address: str, password: str) -> bool:
        if FORBIDDEN & set(password):
            _print("Invalid characters in password.")
            return True
        always = self._scenario.has(Fault.POLICY_REFUSES)
        if always or breaks_policy(settings, address, password):
            _print("Password policy violation.")
            return True
        account = settings.accounts[address]
        account["u_password"] = password
        account["u_passwordlastchanged"] = str(int(time.time()))
        return False


def _help(words: str) -> tuple[str, ...]:
    return (
        "Usage: tool <command> <object> [<name>] [<variable> [<value>]]...",
        "",
        f"Commands: {words}, export, check, list, file, help",
        "Objects:  system, domain, account",
        "Type tool help <command> for more.",
    )


def _matching(settings: Settings, kind: str, pattern: str) -> dict[str, Values]:
    """The objects that a name or a pattern means; an alias or a login name means its account."""
    objects = settings.accounts if kind == "account" else settings.domains
    if kind not in {"account", "domain"}:
        return {}
    if kind == "account" and (address := settings.account_called(pattern)):
        return {address: objects[address]}
    return {name: values for name, values in objects.items() if fnmatchcase(name, pattern.lower())}


def _print_values(values: Values, names: list[str]) -> int:
    unknown = False
    for asked in names:
        value = _shown(values, asked)
        unknown |= value is None
        if value is not None:
            _print(f"{asked}: {value}" if value else f"{asked}:")
    return int(unknown)


def _shown(values: Values, asked: str) -> str | None:
    if asked.lower() == "u_password":
        return ""
    return values.get(asked.lower()) if " " not in asked else None


def _print(*lines: str) -> int:
    sys.stdout.buffer.write(b"".join(line.encode("utf-8") + b"\r\n" for line in lines))
    sys.stdout.buffer.flush()
    return 0


def main() -> int:
    """Run `tool.py INSTALL COMMAND...`."""
    lift_file_limit()
    return Tool(Layout(Path(sys.argv[1]).parent)).run(sys.argv[2:])


if __name__ == "__main__":
    sys.exit(main())
