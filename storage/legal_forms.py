"""The legal forms of companies, as they stand in names: the only list of them."""

from __future__ import annotations

import re
from unicodedata import normalize

# Anywhere in a Japanese name, after NFKC and in small letters: ㈱ is (株), ㍿ is 株式会社.
JAPANESE = (
    r"株式会社|有限会社|合同会社|合資会社|合名会社|相互会社|(?:一般|公益)?(?:社団|財団)法人|医療法人(?:社団|財団)?|学校法人"
    r"|社会福祉法人|(?:特定非営利活動|npo)法人|独立行政法人|国立大学法人|宗教法人|(?:税理士|弁護士|司法書士|監査)法人"
    r"|\((?:株|有|同|資|名|相|一社|一財|公社|公財|医|学|社福|特非|独)\)"
)
_LATIN = """
inc incorporated corp corporation co company ltd limited llc llp lp plc gmbh mbh ag kg kgaa ohg ug ek ev se sa sas
sarl srl spa sl slu sab bv nv ab oy oyj as aps asa pty pte sdn bhd kk gk lda ltda sro doo zoo
"""
LATIN = frozenset(_LATIN.split())
"""The same in other languages: the last words of a name, in small letters, without their dots."""

_ANYWHERE = re.compile(JAPANESE)


def stands_in(name: str) -> bool:
    """Return whether a name says that it is a company's. Two small letters at its end (as, se) are rather a word."""
    plain = normalize("NFKC", name).strip()
    if _ANYWHERE.search(plain.casefold()):
        return True
    words = re.split(r"[\s,]+", plain)
    last = words[-1].replace(".", "").replace("/", "")
    return len(words) > 1 and last.casefold() in LATIN and not (len(last) == 2 and last.islower() and last != "co")
