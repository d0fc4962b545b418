"""What a remote server's refusal is about: the mail it was offered, or the address it comes from.

Replies are free text. Those of the large providers and of the DNS lists name the sending address,
a list, a rate or a reputation. A refusal of a recipient, of a sender or of a message's content
does not stop the giving back of other mail, though it may print our address beside.
"""

import re
from collections.abc import Iterable
from typing import Final

# So many refusals that name our address stop the giving back: each further mail makes it worse.
MOST_REFUSALS_OF_US: Final = 3

_ADDRESS: Final = r"(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]{1,4}:[0-9a-f:]{1,39}:[0-9a-f]{0,4})"

# Said of this mail for certain: everybody is asked to come again or to speak TLS, a URL is listed,
# a policy of the sender's domain speaks, or a recipient has blocked the sender.
_SURELY_OF_MAIL: Final = re.compile(
    r"\bgr[ea]y[ -]?list|\buser you are trying\b|\btls\b[^.;]{0,20}\brequired\b|\bstarttls\b"
    r"|\bshutting down\b|\bmaintenance\b|\bauthentication (?:failed|required|unsuccessful)"
    r"|\burls?\b|\bsurbl\b|\blinks? within|\bdmarc\b|\bspf\b|\bopenspf\b"
    r"|\bsender \S{0,80}@\S{1,80}|\byour address \S{0,80}@|\bblocked senders?\b"
    r"|\bDT:SPM\b|\bby the recipient\b|\brecipient(?:'s)? (?:has|have) block",
    re.IGNORECASE,
)
# Codes of providers whose words change, or that say nothing else (their published lists).
_CODE: Final = re.compile(
    r"(?<![\d.])(?:[45]\.7\.(?:25|51[13]|60[6-9]|61\d|62\d|650|70[89]|750|85\d))(?!\.?\d)"
    r"|\b(?:DYN:T\d|S3140|S3150|S77[5-9]|RP-00[1-3]|TSS0[4-9]|TSS1[01]|BL2[13]|NOWL|CXBL|AUP#\S{1,12}"
    r"|LPN007_5\d\d|GU_EIB_0\d|BL0{3,})\b|\bOFR\w{0,4}_(?:10[2-8]|999)\b",
    re.IGNORECASE,
)
# Whoever connects, its network, its rate or its reputation is why; or a list of such.
_OF_US: Final = re.compile(
    r"\bclient host\b"
    r"|\byour (?:isp|ip|ips|host|server|network|mail ?server|netblock|mta|dkim domain)\b"
    r"|\byour access to\b|\bnetblock\b|\badresse ip\b|\bip-adresse\b|\bintrusion prevention\b"
    r"|\b(?:sender|sending|source|originating|connecting|client|server|bad|dynamic|banned)"
    r"[\w'/ ]{0,24}\bips?\b|\b(?:ip|domain|sender|host|server)[' s]{0,3}reputation\b"
    r"|\b(?:poor|low|bad|no)(?:/\w{1,8})? reputation\b|\bptr\b|\breverse dns\b|\brdns\b"
    r"|\btoo many (?:\w+ ){0,3}(?:connections|sessions|spams?|messages|e?mails)\b"
    r"|\bconnection (?:frequency|rate|limit)"
    r"|\b(?:unusual|message|sending|excessive|high) (?:rate|volume)\b|\brate[ -]?limit"
    r"|\bslow(?:er)? down\b|\btry again slower\b|\bblocked? for (?:spam|abuse)|\bservice refuse"
    r"|\bspam (?:host|server|source)\b|\bips? frequency\b|\bthis ip\b"
    r"|\bip (?:address )?(?:you(?:'re| are) using|(?:is |was |has been )?(?:blocked|banned|listed"
    r"|denied|rejected|blacklisted))\b"
    r"|\b(?:spamhaus|spamcop|barracuda(?:central)?|sorbs|uceprotect|psbl|mailspike|senderscore"
    r"|invaluement|abuseat|abusix|backscatterer|spamrats|attrbl)\b|dns(?:r?bl|wl)s?\b|\brbl\b"
    r"|\b(?:block|black|deny)[ -]?list|\bblocked using\b|[?&]ip=",
    re.IGNORECASE,
)
_STATUS_OF_MAIL: Final = re.compile(r"\d{3}[ -]{1,2}#?[45]\.(?:1\.\d|2\.\d|3\.[1245]|5\.3|6\.\d)\b")
# A recipient, a sender, what the mail says or how it is built.
_OF_MAIL: Final = re.compile(
    r"\brecipients?\b|\b(?:user|mailbox|account|address)\b[^.;]{0,40}\b(?:unknown|not found"
    r"|does ?n[o']t exist|disabled|full|over quota|not listed|unavailable|rejected)\b"
    r"|\b(?:unknown|no such|invalid) (?:user|mailbox|account)|\brelay(?:ing)?\b|\bmailbox\b"
    r"|\bquota\b|\bcontents?\b|\battach|\bvirus|\bmalware\b|\bphish|\bheaders?\b|\bline too long\b"
    r"|\bsize\b|\btoo (?:large|big|long)\b|\b(?:this|your|the|spam|e-?mail) (?:e-?mail )?message\b"
    r"|\bmessage (?:was|is|has|looks|appears|contains|rejected|refused|blocked|scored)\b"
    r"|\bclassified as\b|\bsuspicion of\b|\bmalformed\b|\bscored?\b|\bsender (?:address|domain)\b"
    r"|\bdkim\b|\bfrom: |\bsender (?:is |was )?(?:rejected|denied|blocked|refused|unknown|invalid)"
    r"|\bpolicy\b|\bneed to authenticate\b|\bsmtp[- ]auth|\bcontenu\b|\bpi[eè]ce jointe",
    re.IGNORECASE,
)
_PRINTED: Final = re.compile(rf"(?<![\w.:]){_ADDRESS}(?![\w:])", re.IGNORECASE)
_BLAMED: Final = re.compile(
    r"\b(?:blocked|banned|blocklisted|blacklisted|denied|refused|rejected|abus(?:e|ive)"
    r"|complaints|unsolicited|spam(?:mer|ming)?|suspicious|listed|throttled|deferred|forbidden"
    r"|limited|exceeded|not (?:be )?(?:accepted|taken|allowed))\b|_is_blocked",
    re.IGNORECASE,
)


def names_our_address(refusal: str) -> bool:
    """Whether a remote server's reply says that the address it was offered the mail from is why.

    What is said of the mail outranks an address that is printed beside.
    """
    if _SURELY_OF_MAIL.search(refusal):
        return False
    if _CODE.search(refusal) or _OF_US.search(refusal):
        return True
    if _STATUS_OF_MAIL.match(refusal) or _OF_MAIL.search(refusal):
        return False
    return bool(_PRINTED.search(refusal) and _BLAMED.search(refusal))


def telling_refusal(refusals: Iterable[str]) -> str:
    """What tells most of all refusals of one mail: one of our address, else the last.

    A block may be followed by a line that only closes the connection. `""` where nothing was
    refused.
    """
    told = ""
    for each in refusals:
        if names_our_address(each):
            return each
        told = each or told
    return told
