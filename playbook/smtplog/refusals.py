"""What a remote server's refusal is about: the mail it was offered, or the address it comes from.

Replies are free text. Those of the large providers and of the DNS lists name the sending address,
a list, or a reputation; a refusal of a recipient or of a message's content does not stop the
giving back of other mail.
"""

import re
from typing import Final

# So many refusals that name our address stop the giving back: each further mail makes it worse.
MOST_REFUSALS_OF_US: Final = 3

# The lists that replies name, and their words for one.
_LIST = re.compile(
    r"\b(?:spamhaus|spamcop|barracuda(?:central)?|sorbs|uceprotect|psbl|mailspike|senderscore"
    r"|invaluement|abuseat|abusix|backscatterer|spamrats|dnsbl|rbl|dnsrbl)\b"
    r"|\b(?:block|black|deny)[ -]?list|\bblocked using\b",
    re.IGNORECASE,
)
_OURS = re.compile(
    r"\b(?:your|sending|sender(?:'s)?|client|source|originating|connecting)\s+"
    r"(?:mail\s*)?(?:ip|host|server|network|mta|address(?:es)?\b(?=.*\d+\.\d+))"
    r"|\bip(?:\s+address)?\b|\b\d{1,3}(?:\.\d{1,3}){3}\b|\[[0-9a-f:]{4,45}\]"
    r"|\bmessages from\b",
    re.IGNORECASE,
)
_BLAMED = re.compile(
    r"\b(?:blocked|banned|reputation|blocklisted|blacklisted|denied|refused|rejected|abus(?:e|ive)"
    r"|complaints|unsolicited|spam(?:mer|ming)?|suspicious|listed|unusual rate|throttled"
    r"|rate[ -]limited|temporarily deferred)\b",
    re.IGNORECASE,
)
# Not about us: the server asks everybody to come again, or speaks of who is to get the mail.
_NOT_US = re.compile(
    r"\bgr[ea]y[ -]?list|\b(?:user|mailbox|recipient|account|address)\b[^.;]{0,40}"
    r"\b(?:unknown|not found|does not exist|disabled|full|over quota|not listed|rejected)\b"
    r"|\brelay(?:ing)?\b|\bmailbox\b",
    re.IGNORECASE,
)
# Codes of a provider whose words change (source: Microsoft, non-delivery codes for Outlook.com).
_CODE = re.compile(r"\b(?:5\.7\.60[6-9]|5\.7\.511|S3140|S3150|S775|TSS0[4-9]|TSS1[01])\b")


def names_our_address(refusal: str) -> bool:
    """Whether a remote server's reply says that the address it was offered the mail from is why."""
    if _CODE.search(refusal) or _LIST.search(refusal):
        return not re.search(r"\bgr[ea]y[ -]?list", refusal, re.IGNORECASE)
    if _NOT_US.search(refusal):
        return False
    return bool(_OURS.search(refusal) and _BLAMED.search(refusal))
