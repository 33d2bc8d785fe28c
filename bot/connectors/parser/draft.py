"""A lead in the making: fields as they are met, and everything that fits no field kept beside them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from pydantic import JsonValue, ValidationError

from bot.connectors.parser import attributes, label_words, labels, mrkdwn, people, text, value_shapes, values
from bot.connectors.parser.line import label_text
from bot.connectors.parser.lines import Pair
from bot.connectors.parser.ours import Ours
from bot.core.mql.lead import Lead

MAX_LINE = 200
MAX_MESSAGE = 5_000
_SUBJECT = 10
"""So long a message at most is what it is about, where another one stands below."""

_SAID = re.compile(
    r"\b(?:said|says|asked|wrote|message|comment|note|question|repl(?:y|ied))\b[^\"“”\n]{0,20}[\"“](?P<said>[^\"“”\n]{8,2000})[\"”]",
    re.IGNORECASE,
)
_IS_REPLY = re.compile(r"\d{4}[-/年]\d{1,2}|@\S+\.\S|wrote:|^>\s*(?:On|From|差出人)\b", re.IGNORECASE)
_INTRODUCTION = re.compile(
    r"^[^\n]{0,80}\b(?:message|inquiry|enquiry|question|request) from [^\n]{1,200}:\s*\n+(?=\S)", re.IGNORECASE
)
"""A tool's own line above the person's words: `You have a new message from Ann Lee (ann@pine.example):`."""
NAMING = ("company", "person", "email")


class Draft:
    """Collects one lead. The first value of a field counts; what comes later is kept under its own label."""

    def __init__(self, taught: Mapping[str, labels.Field] | None = None) -> None:
        """`taught`: the field of a label, by its text, as a person has said; before what is generally known."""
        self._taught = {text.line(label): name for label, name in (taught or {}).items()}
        self.fields: dict[str, object] = {}
        self.labels: dict[str, str] = {}
        self.sure: frozenset[str] = frozenset()
        """The fields that stood at a label which is known or taught."""
        self.spoilt: set[str] = set()
        self.names: dict[labels.Field, Pair] = {}
        self.beside_name: tuple[str, str] | None = None
        self.beside_person: tuple[str, str] | None = None
        self.weak: list[tuple[labels.Weak, Pair]] = []
        self.guessed: list[tuple[label_words.Guess, Pair]] = []
        # Notes are what had to be put aside; they go before what was unknown, should not all of it fit.
        self.notes: list[tuple[str, str]] = []
        self.others: list[tuple[str, str]] = []

    def take(self, pair: Pair) -> None:
        """Take one field of the message, by its label."""
        self.take_as(self.field_of(pair.label), pair)

    def field_of(self, label: str) -> labels.Field | None:
        """Return the field that a label names, as a person has taught or as is generally known."""
        return self._taught.get(text.line(label_text(label))) or labels.field_of(label)

    def take_as(self, name: labels.Field | None, pair: Pair) -> None:
        """Take one value as a field of the lead; None: it fits none, and is kept under its label."""
        shown = values.paragraphs(pair.value)
        if values.is_absent(shown):
            return
        if name is None and (weak := labels.weak_of(pair.label)):
            self.weak.append((weak, pair))
        elif (
            name is None
            and (guess := label_words.guess(pair.label))
            and value_shapes.fits(guess, pair.label, pair.value)
        ):
            self.guessed.append((guess, pair))
        elif not labels.lead_field(name) or name is None:
            self.others.append((pair.label, values.line(pair.value) if "\n" not in shown else shown))
        elif name in {"given_name", "family_name"} and name not in self.names:
            self.names[name] = pair
        elif name in self.fields or name in self.names:
            self._repeat(name, pair.label, shown)
        else:
            self._set(name, pair)

    def join_names(self) -> None:
        """Make the person of first and last name, in the order that the names are read in."""
        parts = {name: values.person(pair.value) for name, pair in self.names.items()}
        if "person" in self.fields:
            whole = str(self.fields["person"])
            self.others += [(self.names[name].label, part) for name, part in parts.items() if part not in whole]
            return
        if parts:
            order: list[labels.Field] = (
                ["family_name", "given_name"] if self._family_first() else ["given_name", "family_name"]
            )
            label = " ".join(self.names[name].label for name in order if name in parts)
            self._line("person", label, " ".join(parts[name] for name in order if parts.get(name)))

    def settle_guesses(self) -> None:
        """Take what the words of an unknown label and the shape of its value tell together, where no known label
        names the field. What was read before is sure."""
        self.sure = frozenset(self.fields)
        for name, pair in self.guessed:
            if name in self.fields or (name == "person" and self.names):
                self.others.append((pair.label, values.paragraphs(pair.value)))
            else:
                self._set(name, pair)
        self.guessed = []

    def settle_weak(self, ours: Ours) -> None:
        """Take what stands under a label that says little (担当者, From, 連絡先) where nothing better was found."""
        if self.beside_person and "company" not in self.fields:
            self._line("company", *self.beside_person)
        for weak, pair in self.weak:
            if not (self._takes_other(weak, pair) or self._takes_weak(weak, pair, ours)):
                self.others.append((pair.label, values.paragraphs(pair.value)))
        self.weak = []

    def settle_email(self, elsewhere: list[str]) -> None:
        """Without an e-mail field: the address beside the person's name, or the only one elsewhere."""
        if "email" in self.fields or "email" in self.spoilt:
            return
        if self.beside_name:
            self._line("email", *self.beside_name)
        elif len(elsewhere) == 1:
            self._line("email", "Email", elsewhere[0])
        else:
            name, message = str(self.fields.get("person", "")), str(self.fields.get("message", ""))
            own = [each for each in mrkdwn.addresses(message) if people.confirms(each, name, "")]
            if len(own) == 1 and name:
                self._line("email", "Email", own[0])

    def settle_prose(self, shown: str) -> None:
        """Take company and person from the words of a message that has no field for them."""
        named = people.in_prose(shown) if not {"company", "person"} & self.fields.keys() else None
        if named:
            self._line("company", "Company", named.company)
            self._line("person", "Name", named.person)
            self._beside("title", "Title", named.title)
        if "score" not in self.fields and (points := values.score_in_prose(shown)) is not None:
            self.fields["score"] = points

    def settle_employer(self) -> None:
        """Take the company that the person names with their name, in their own words."""
        person, message = str(self.fields.get("person", "")), str(self.fields.get("message", ""))
        if not self.names_somebody and (named := people.introduced(message)):
            self._line("company", "Company", named.company)
            self._line("person", "Name", named.person)
        if person and "company" not in self.fields and (firm := people.employer(person, message)):
            self._line("company", "Company", firm)

    def settle_unlabelled(self, shown: str, ours: Ours) -> None:
        """Take what stands in words without labels and can be nothing else: beside the lead's address the name and the
        company that it confirms, the lines of a business card, the only telephone number."""
        address = str(self.fields.get("email", "@"))
        acting = [("person", name)] if (name := people.acting(shown)) else []
        acting += [("company", firm)] if name and (firm := people.beside_acting(shown)) else []
        acting += [*people.in_a_line(shown.split("\n")), *people.by_job(shown.split("\n"))]
        for name, value in [*acting, *people.by_address(shown, address), *people.on_card(shown.split("\n"))]:
            if value and name not in self.fields and not ours.has_name(value):
                self._line(name, name.capitalize(), value)
        if "phone" not in self.fields and (number := people.number(shown)):
            self._phone(Pair("Phone", number))

    def put_ours_aside(self, ours: Ours) -> bool:
        """Put our own people's addresses and names aside. Returns whether an address was among them."""
        email = self.fields.get("email")
        is_ours = email is not None and ours.has_address(str(email))
        if is_ours:
            self.notes.append((self.labels["email"], str(self.fields.pop("email"))))
        if ours.has_name(str(self.fields.get("person", ""))):
            self._put_name_aside(ours)
        return is_ours

    def _put_name_aside(self, ours: Ours) -> None:
        """Put a colleague's name aside: for the other one under a label of names, or where nothing says that the lead
        is called so too."""
        another = next((each for each in self.others if _is_another(each, ours)), None)
        if another is None and "email" in self.fields:
            return
        self.notes.append((self.labels.pop("person"), str(self.fields.pop("person"))))
        if another:
            self.others.remove(another)
            self._person(Pair(*another))

    def tell_as_message(self, raw: str) -> None:
        """Keep prose: with nothing but an address in it, it is all that the rep can read about the lead."""
        shown = values.paragraphs(raw)
        if quotation := _SAID.search(shown):
            shown = quotation["said"]
        shown = _INTRODUCTION.sub("", shown)
        quoted = [each for each in shown.split("\n") if each.startswith(">")]
        own = [each for each in shown.split("\n") if each.strip() and not each.startswith(">")]
        if quoted and _IS_REPLY.search(quoted[0]) and own:
            shown = values.paragraphs("\n".join(shown.split("\n")[: shown.split("\n").index(quoted[0])]))
        elif quoted:
            shown = values.paragraphs("\n".join(quoted))
        if "message" not in self.fields and not values.is_absent(shown):
            self._message("Message", shown)

    def take_quoted(self, stray: Sequence[str]) -> None:
        """Take as the message what stands in quote marks beside the fields, where no field is it."""
        quoted = [each for each in stray if each.lstrip().startswith(("&gt;", ">"))]
        if quoted and "message" not in self.fields and not mrkdwn.addresses("\n".join(quoted)):
            self._message("Message", values.paragraphs("\n".join(quoted)))

    @property
    def names_somebody(self) -> bool:
        """Whether a company, a person or an address was found."""
        return any(name in self.fields for name in NAMING)

    def lead(self) -> Lead | None:
        """Return the lead, or None where it names nobody. A value that the model refuses becomes an attribute."""
        valid = self.valid()
        return valid if self.names_somebody else None

    def valid(self) -> Lead | None:
        """Return the same, also of what names nobody."""
        while True:
            try:
                return Lead.model_validate({**self.fields, "attributes": self._attributes()})
            except ValidationError as error:
                refused = {str(details["loc"][0]) for details in error.errors() if details["loc"]} & self.fields.keys()
                if not refused:
                    return None
                for name in sorted(refused):
                    self._spoil(name, str(self.fields.pop(name)))

    def _takes_weak(self, weak: labels.Weak, pair: Pair, ours: Ours) -> bool:
        addresses = [each for each in mrkdwn.addresses(pair.value) if not ours.has_address(each)]
        name = values.person(pair.value)
        if weak == "contact":
            return self._takes_contact(pair, addresses)
        if weak == "sender" and len(addresses) != 1 and not (people.is_name(name) and not addresses):
            return False
        if weak == "affiliation":
            return False
        if weak == "customer" and people.beside_company(pair.value) and not {"company", "person"} & self.fields.keys():
            self._person(pair)
            self._line("company", *self.beside_person or (pair.label, ""))
            return True
        if weak == "customer" and "company" not in self.fields and ("person" in self.fields or values.is_firm(name)):
            self._set("company", pair)
            return True
        if weak == "sender" and addresses and "person" in self.fields and not values.is_machine(addresses[0]):
            self.beside_name = self.beside_name or (pair.label, addresses[0])
        if "person" in self.fields or ours.has_name(name) or name.startswith("@") or values.is_absent(name):
            return False
        if weak == "customer" and "company" not in self.fields:
            return False
        if weak == "person" and not (self.names_somebody or addresses or "phone" in self.fields):
            return False
        self._set("person", pair)
        return True

    def _takes_other(self, weak: labels.Weak, pair: Pair) -> bool:
        """Take 所属 as the company, where it names no department and no company stands there already; and the number
        that a call is from."""
        shown = values.line(pair.value)
        firm, _, unit = shown.replace("\u3000", " ").partition(" ")
        if weak == "affiliation" and "company" not in self.fields and values.is_firm(firm) and people.is_unit(unit):
            self._line("company", pair.label, firm)
            self._beside("title", pair.label, unit)
            return True
        if weak == "affiliation" and "company" not in self.fields and not people.is_unit(shown):
            self._company(pair)
            return True
        if weak == "sender" and "phone" not in self.fields and values.phone(pair.value) == shown:
            self._phone(pair)
            return True
        return False

    def _takes_contact(self, pair: Pair, addresses: list[str]) -> bool:
        takes_email = len(addresses) == 1 and "email" not in self.fields
        if takes_email:
            self._line("email", pair.label, addresses[0])
        number = mrkdwn.without_addresses(pair.value).strip(" /／|・,、")
        if len(addresses) < 2 and "phone" not in self.fields and values.phone(number):
            self._phone(Pair(pair.label, number))
            return True
        return takes_email

    def _family_first(self) -> bool:
        shown = "".join(values.line(pair.value) for pair in self.names.values())
        if labels.is_japanese(shown):
            return True  # Whatever the labels: MA tools set to English hold Japanese names too.
        return all(labels.is_japanese(pair.label) for pair in self.names.values())

    def _repeat(self, name: labels.Field, label: str, shown: str) -> None:
        first = self.names[name].value if name in self.names else self.fields[name]
        if name == "message" and len(str(first)) <= _SUBJECT < len(shown) and "\n" not in str(first):
            self.others.append((self.labels[name], str(first)))  # ご用件: 見積もり above ご相談内容
            self._message(label, shown)
            return
        if text.line(shown) != text.line(str(first)):
            self.others.append((label, shown))

    def _set(self, name: labels.Field, pair: Pair) -> None:
        if name == "message":
            self._message(pair.label, values.paragraphs(pair.value))
        elif name == "score":
            self._score(pair)
        elif name == "email":
            self._email(pair)
        elif name == "crm_url":
            self._line(name, pair.label, values.url(pair.value), limit=None)
        elif name == "person":
            self._person(pair)
        elif name == "phone":
            self._phone(pair)
        elif name == "company":
            self._company(pair)
        elif name == "title":
            self._title(pair)
        else:
            self._line(name, pair.label, values.line(pair.value))

    def _line(self, name: str, label: str, shown: str, *, limit: int | None = MAX_LINE) -> None:
        if values.is_absent(shown):
            return
        self.labels[name] = label
        self.fields[name] = shown if limit is None or name == "email" else text.cut(shown, limit)
        if self.fields[name] != shown:
            self.notes.append((label, shown))

    def _beside(self, name: str, label: str, shown: str | None) -> None:
        """Take what stood beside another value where it has no label of its own."""
        if shown and name not in self.fields:
            self._line(name, label, shown)

    def _company(self, pair: Pair) -> None:
        shown, about = values.company(pair.value)
        self._line("company", pair.label, shown)
        if about:
            self.others.append((pair.label, about))

    def _message(self, label: str, shown: str) -> None:
        self.labels["message"] = label
        self.fields["message"] = text.cut(shown, MAX_MESSAGE)
        if len(shown) > MAX_MESSAGE:
            self.notes.append((label, text.ELLIPSIS + shown[MAX_MESSAGE - 1 :]))

    def _score(self, pair: Pair) -> None:
        shown, *beside = values.line(pair.value).split(" | ")
        points = values.score(shown)
        self.others += [(pair.label, each) for each in beside]
        self.labels["score"] = pair.label
        if points is None:
            self._spoil("score", shown)
        else:
            self.fields["score"] = points
            if not values.is_whole(shown):
                self.others.append((pair.label, shown))

    def _email(self, pair: Pair) -> None:
        shown = values.line(pair.value)
        addresses = mrkdwn.addresses(pair.value)
        self._line("email", pair.label, addresses[0] if addresses else text.compatible(shown))
        if len(addresses) > 1:
            self.notes.append((pair.label, shown))

    def _person(self, pair: Pair) -> None:
        addresses = mrkdwn.addresses(pair.value)
        both = people.beside_company(pair.value)
        name, title = (both.person, both.title) if both else people.with_title(values.person(pair.value))
        job, at, firm = people.job_at(title or "")
        self._line("person", pair.label, name)
        self._beside("title", pair.label, job or None)
        if both:
            self.beside_person = (pair.label, both.company)
        elif at:
            self.beside_person = (pair.label, firm.strip())
        if len(addresses) == 1:
            self.beside_name = (pair.label, addresses[0])
        number = people.number(pair.value)
        if number and str(self.fields["person"]).rstrip("）)").endswith(number):
            self._line("person", pair.label, values.person(str(self.fields["person"]).replace(number, "")))
            self._beside("phone", pair.label, values.phone(number))

    def _title(self, pair: Pair) -> None:
        shown = values.line(pair.value)
        job, at, firm = people.job_at(shown)
        is_employed = bool(at) and people.JOB.search(job) is not None and not self.beside_person
        if is_employed:
            self.beside_person = (pair.label, firm.strip())
        self._line("title", pair.label, job.strip() if is_employed else shown)

    def _phone(self, pair: Pair) -> None:
        shown = values.phone(pair.value)
        if shown is None:
            self.others.append((pair.label, values.line(pair.value)))
        else:
            self._line("phone", pair.label, shown)

    def _spoil(self, name: str, shown: str) -> None:
        self.spoilt.add(name)
        self.notes.append((self.labels.get(name, name), shown))

    def _attributes(self) -> dict[str, JsonValue]:
        kept: dict[str, JsonValue] = {}
        for label, value in [*self.notes, *self.others]:
            if len(kept) == attributes.MAX_NAMES:
                break
            kept[_free(label, kept)] = text.cut(text.paragraphs(value), attributes.MAX_TEXT)
        return kept


def _is_another(other: tuple[str, str], ours: Ours) -> bool:
    label, shown = other
    return labels.field_of(label) == "person" and not ours.has_name(values.person(shown))


def _free(label: str, taken: dict[str, JsonValue]) -> str:
    """Return the label as a key that is not taken: `Email`, then `Email (2)`."""
    base = text.cut(text.line(label), MAX_LINE - 6) or "?"
    number, key = 1, base
    while key in taken:
        number += 1
        key = f"{base} ({number})"
    return key
