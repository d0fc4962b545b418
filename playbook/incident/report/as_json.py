"""The report for programs, as JSON."""

import msgspec

from playbook.incident.report.facts import Facts


def as_json(facts: Facts) -> str:
    """The facts under their own names; dates are ISO 8601 in UTC, all else is what it is.

    What a mail says stands there as it was written: whoever shows it makes it harmless.
    """
    return msgspec.json.format(msgspec.json.encode(facts), indent=1).decode() + "\n"
