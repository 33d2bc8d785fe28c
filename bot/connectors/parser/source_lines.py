"""What tools put around and between the fields, made plain before the lines are read."""

from __future__ import annotations

import re

from bot.connectors.parser import labels, rows

_BREAK = re.compile(r"(?:&lt;|<)br\s*/?(?:&gt;|>)", re.IGNORECASE)
_HTML = re.compile(r"(?:&lt;|<)/(?:tr|p|li|div|dl)(?:&gt;|>)", re.IGNORECASE)
_ENDS_LABEL = re.compile(
    r"(?:&lt;|<)/(?:td|th|dt)(?:&gt;|>)\s{0,20}(?:&lt;|<)(?:td|dd)\b[^<>&\n]{0,200}(?:&gt;|>)", re.IGNORECASE
)
_ENDS_LINE = re.compile(r"(?:&lt;|<)/(?:tr|p|li|div|dl|dd|h\d|ul|table)(?:&gt;|>)", re.IGNORECASE)
_TAG = re.compile(
    r"(?:&lt;|<)/?(?:table|tbody|thead|tr|td|th|p|div|span|b|strong|em|i|u|ul|ol|li|dl|dt|dd|h\d|a|hr|font)"
    r"(?:\s[^<>&\n]{0,200})?/?(?:&gt;|>)",
    re.IGNORECASE,
)
# company:, and below it, further in, name: – the company's.
_OF_A_FIRM = re.compile(
    r"^(?P<in>[ \t]*)(?P<firm>company|organi[sz]ation|account|employer):[ \t]*\n(?P=in)[ \t]+(?:-[ \t]*)?name:",
    re.IGNORECASE | re.MULTILINE,
)
# - label: Full name, and below it value: Ann Lee
_LISTED = re.compile(
    r"^[ \t]*(?:-[ \t]*)?(?:label|title|question|key|field):[ \t]*(?P<label>\S[^\n]{0,200})\n"
    r"[ \t]*(?:value|answer|text|response):[ \t]*(?P<value>[^\n]*)$",
    re.IGNORECASE | re.MULTILINE,
)
_TYPED_BREAK = re.compile(r"(?:\\r)?\\n")
_FENCE = re.compile(r"```(?:[a-z]{1,10}(?=\n))?")
_QUESTION = re.compile(r"^\s*(?:Q|質問|問)\s*\d{0,3}\s*[.:．：]\s*(?P<asked>\S.*)$")
_ANSWER = re.compile(r"^\s*(?:A|回答|答)\s*\d{0,3}\s*[.:．：]\s*(?P<given>.*)$")
_FOOTER = re.compile(
    r"^[\s_*>~-]*(?:(?:automated|automatically sent) with|powered by"
    r"|sent (?:via|from|by|with) (?:<[^<>]*\|)?(?:zapier|make|n8n|ifttt|pabbly|integromat)"
    r"|_?sent (?:via|from|by|with)\b.{1,60}(?:website|site|form|page|app|bot|widget)[\W_]*$"
    r"|this (?:e-?mail|message|notification) (?:was|is|has been) (?:automatically |auto-?)?(?:sent|generated)"
    r"|this is an? (?:automat\w+ )?(?:notification|message|e-?mail) (?:that|sent|generated)"
    r"|(?:この|本)(?:メール|メッセージ|通知|お知らせ)は.{0,80}(?:送信|配信|通知|自動)"
    r"|you (?:are|re) receiving this|manage (?:your )?(?:notifications|preferences)"
    r"|to stop receiving|unsubscribe from these).*$",
    re.IGNORECASE,
)
_RULE = re.compile(r"\s*[-—–_=*─━~]{2,}\s*")

_SEPARATORS = ",;、，；|/／\u3000•·　"
_ASSIGNED = re.compile(r"(?<![^\s,;|])([A-Za-z_]{2,20})=(?=\S)")
_COLON = re.compile(r"[:：]")
_NO_LABEL = re.compile(r":[a-z0-9_+'-]{1,40}:(?!//)|<[^<>]{0,2000}>")  # :email: and <tel:…> are none
_LONGEST_LABEL = 40
_MOST_COLONS = 40
_MOST_WORDS = 12
_LONGEST_LINE = 2_000


def lines(raw: str) -> list[str]:
    """Return the lines of a text, one field a line: breaks that arrived as letters are breaks, code fences and the
    footers of tools are gone, a question and its answer are one line."""
    whole = _FENCE.sub("\n", _BREAK.sub("\n", _without_tags(raw)))
    whole = _LISTED.sub(r"\g<label> :: \g<value>", whole)
    whole = _OF_A_FIRM.sub(r"\g<firm> name:", whole)
    if "\n" not in whole.strip():
        whole = _TYPED_BREAK.sub("\n", whole)
    kept = rows.labelled(_answered(_without_footers(whole.split("\n"))))
    return [part for each in kept for part in _parts(each.rstrip())]


def _without_tags(raw: str) -> str:
    """Return a table or paragraphs of HTML as lines, with a label and its value in one."""
    if not _HTML.search(raw):
        return raw
    return _TAG.sub("", _ENDS_LINE.sub("\n", _ENDS_LABEL.sub(" :: ", raw)))


def _without_footers(source: list[str]) -> list[str]:
    kept: list[str] = []
    for each in source:
        if len(each) <= _LONGEST_LINE and _FOOTER.match(each):
            while kept and (not kept[-1].strip() or _RULE.fullmatch(kept[-1])):
                kept.pop()
        else:
            kept.append(each)
    return kept


def _answered(source: list[str]) -> list[str]:
    """`Q. 会社名` above `A. 青葉工機` as one line."""
    kept: list[str] = []
    for each in source:
        given = _ANSWER.match(each) if kept and len(each) <= _LONGEST_LINE else None
        asked = _QUESTION.match(kept[-1]) if given else None
        if given and asked:
            kept[-1] = f"{asked['asked'].rstrip(' :：')} :: {given['given']}"
        else:
            kept.append(each)
    return kept


def _parts(raw: str) -> list[str]:
    """`Name: Jane, Company: Acme` as two lines; a message keeps its commas."""
    if len(raw) <= _LONGEST_LINE and raw.count("=") > 1 and len(_ASSIGNED.findall(raw)) == raw.count("="):
        if raw.count("|") == raw.count("=") - 1:
            return [_ASSIGNED.sub(r"\1: ", each.strip()) for each in raw.split("|")]
        raw = _ASSIGNED.sub(r"\1: ", raw)
    if len(raw) > _LONGEST_LINE or len(_COLON.findall(raw)) < 2:
        return [raw]
    cuts = [begin for begin, label in _known_labels(raw) if label]
    begins_with_one = bool(cuts) and not raw[: cuts[0]].strip("*_•・- \u3000🏢👤📧")
    if len(cuts) < 2 or (not begins_with_one and cuts[0] > _LONGEST_LABEL + 20):
        return [raw]
    starts = cuts if begins_with_one else [0, *cuts]
    return [raw[start:end].strip(_SEPARATORS + " ") for start, end in zip(starts, [*starts[1:], None], strict=True)]


def _known_labels(raw: str) -> list[tuple[int, str]]:
    """Return where known labels of a lead begin in a line, up to the first that the person's own words may follow."""
    shown = _NO_LABEL.sub(lambda match: " " * len(match[0]), raw)
    begun: list[tuple[int, str]] = []
    end = 0
    for colon in list(_COLON.finditer(shown))[:_MOST_COLONS]:
        begin = _label_before(shown, max(end, colon.start() - _LONGEST_LABEL), colon.start())
        if begin is not None:
            begun.append((begin, shown[begin : colon.start()]))
            if labels.listed(begun[-1][1]) == "message":
                break
            end = colon.end()
    return begun


def _label_before(raw: str, first: int, end: int) -> int | None:
    """Return where the label of a lead that ends here begins: behind a separator, or after a space."""
    begins = [first] if first == 0 or raw[first - 1] in ":：" else []
    begins += [at + 1 for at in range(first, end) if raw[at] in _SEPARATORS + " *_(】］]"]
    for begin in begins[-_MOST_WORDS:]:
        if begin < end and not raw[begin].isspace() and labels.lead_field(labels.listed(raw[begin:end].strip(" *_"))):
            return begin - len(raw[:begin]) + len(raw[:begin].rstrip("*_"))
    return None
