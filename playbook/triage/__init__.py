"""The outgoing queue: what its files are, who submitted them, and what to do with each. No I/O.

Where to look:

- what a file says: `messages`, `content`, `similarity`, and `features`, which is kept of it;
- who sent it: `identities` (which names are one), `attribution` (the witnesses), `history` (the
  log, folded), `homes` (where an account belongs), `domains` (whose are the senders);
- the campaign: `detection` (forged senders), `proof` with `bursts` (the same mail from many places)
  and `families` (what its mails share), all of which build a `campaign`, which is then only asked;
- the same mail many times, from wherever: `mailings`, weighed in `floods`; without a login:
  `origins`;
- the verdict: `evidence` gathers, `rules` and `stolen_rules` decide, `verdicts` puts it in words,
  `clusters` names the decisions left to a person; `judgement` is where others come in.

`docs/verdicts.md` says the same to whoever reads the verdicts.
"""
