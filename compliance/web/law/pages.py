"""What the pages of the law are shaped from: a text opened, its entries in reading order, and a search over them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from flask_babel import gettext as _

from compliance.assessment.covering import Covering, covering
from compliance.law import citations
from compliance.law.citations import CitationError, parse
from compliance.law.coverage import Cover, cover
from compliance.law.entries import Key, entries
from compliance.law.model import Pack
from compliance.law.phrasing import heading
from compliance.law.terms import Citation, Position
from compliance.law.uses import Uses, citations_of, encoded, first_provision, place_of, uses
from compliance.operations import texts
from compliance.operations.library import BrokenLawError, Law, Library
from compliance.operations.vocabulary import FUNCTIONS
from compliance.operations.workplace import NotFoundError
from compliance.text import Language, Text, day_in_words, plain
from compliance.web.here import actor, place, tongue

READING_ORDER = (
    "levels",
    "definitions",
    "facts",
    "findings",
    "roles",
    "obligations",
    "deadlines",
    "penalties",
    "records",
    "record_items",
    "catalogue",
    "glossary",
    "derivations",
    "regimes",
    "regime_duties",
    "modules",
    "controls",
    "training",
    "supplies",
    "coverage",
    "sections",
    "owners",
)
_BY_ARTICLE = ("definitions", "findings", "obligations", "glossary")
MOST = 100  # found entries on one page
_KEPT = 8
_LATIN = {"bis": "a", "ter": "b", "quater": "c", "quinquies": "d"}
_SIGNS = re.compile(r"\d+[a-z]?\b|\b[a-z]\b|\b[ivx]+\b|bis|ter|quater|quinquies")
_KINDS = (("art", "art"), ("annex", "annex"), ("considerant", "recital"), ("recital", "recital"))
_MARKS = re.compile(r"[§(),.;:]|\b(articles?|art|annexe?s?|considerants?|recitals?|points?|paragraphe?s?|sections?)\b")


@dataclass(frozen=True, slots=True)
class Study:
    """All that follows from a text alone, made once for it."""

    entries: Mapping[Key, Any]
    uses: Uses
    cover: Cover
    words: Mapping[Key, str]  # what a search looks through


@dataclass(frozen=True, slots=True)
class Part:
    """Entries of a section that are read together; ``provision`` where an article holds them together."""

    id: str
    title: Text | None
    keys: tuple[Key, ...]
    provision: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found: at most so many entries by section, how many there are, and the provision asked for."""

    by_section: Mapping[str, list[Key]]
    total: int
    provision: str | None


def opened(name: str) -> Law:
    """Return the text of that name. Raises NotFoundError, which is a page."""
    try:
        return texts.opened(place(), actor(), name)[0]
    except BrokenLawError as error:
        raise NotFoundError from error


def study(law: Law) -> Study:
    """Return what follows from a text, kept while it is read."""
    return _study(place().library, law.name, law.pack.hash)


def covered(law: Law) -> Covering:
    """Return its scenarios held against its entries, kept while it is read."""
    return _covered(place().library, law.name, law.pack.hash)


@lru_cache(maxsize=_KEPT)
def _study(library: Library, name: str, _hash: str) -> Study:
    pack = library.law(name).pack
    found = entries(pack)
    words = {key: fold(" ".join((key[1], *_cited(entry), *_said(entry)))) for key, entry in found.items()}
    return Study(found, uses(pack), cover(pack), words)


@lru_cache(maxsize=_KEPT)
def _covered(library: Library, name: str, _hash: str) -> Covering:
    return covering(library.law(name).program, library.scenarios(name))


def fold(text: str) -> str:
    """Return a text without case and accents, for looking things up."""
    return plain(text.casefold().replace("œ", "oe"))


def _cited(entry: Any) -> Iterator[str]:
    for citation in citations_of(entry):
        yield from (citation.written, citations.format(citation, "fr"), citations.format(citation, "en"))


def _said(value: Any) -> Iterator[str]:
    if isinstance(value, Text):
        yield from (value.fr, value.en)
    elif isinstance(value, Position | Citation | str):
        return
    elif is_dataclass(value):
        for field in fields(value):
            yield from _said(getattr(value, field.name))
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _said(item)
    elif isinstance(value, tuple):
        for item in value:
            yield from _said(item)


def section_titles() -> dict[str, str]:
    """Return the sections of a text in reading order, with their names."""
    titles = {
        "levels": _("Levels"),
        "definitions": _("Concepts"),
        "facts": _("Questions"),
        "findings": _("Findings"),
        "roles": _("Roles"),
        "obligations": _("Obligations"),
        "deadlines": _("Dates of application"),
        "penalties": _("Ceilings of fines"),
        "records": _("Documents that the law asks for"),
        "record_items": _("Lines of these documents"),
        "catalogue": _("Typical uses"),
        "glossary": _("Glossary"),
        "derivations": _("What follows from answers"),
        "regimes": _("Other laws"),
        "regime_duties": _("What other laws ask"),
        "modules": _("Concerns beyond the Act"),
        "controls": _("Controls"),
        "training": _("Training plan"),
        "supplies": _("What to obtain from suppliers"),
        "coverage": _("Provisions that are not put into rules"),
        "sections": _("Chapters of the questionnaire"),
        "owners": _("Functions of the company"),
    }
    return {section: titles[section] for section in READING_ORDER}


def parts(pack: Pack, section: str) -> list[Part]:
    """Return the entries of a section as they are read together: by chapter, article, document or function."""
    group = getattr(pack, section)
    found = list(group.values() if isinstance(group, Mapping) else group)
    if section == "facts":
        found.sort(key=lambda fact: (fact.order, fact.id))
        chapters = sorted(pack.sections.values(), key=lambda chapter: chapter.order)
        return _grouped(section, found, lambda fact: fact.section, [(c.id, c.title) for c in chapters])
    if section == "record_items":
        found.sort(key=lambda item: (item.order, item.id))
        chapters_of = [
            (f"{record.id}.{part}", Text(f"{record.title.fr}, {title.fr}", f"{record.title.en}, {title.en}"))
            for record in pack.records.values()
            for part, title in record.parts.items()
        ]
        return _grouped(section, found, lambda item: f"{item.record}.{item.part}", chapters_of)
    if section == "regime_duties":
        return _grouped(section, found, lambda duty: duty.regime, [(r.id, r.title) for r in pack.regimes.values()])
    if section == "controls":
        return _grouped(
            section, found, lambda control: control.module, [(m.id, m.title) for m in pack.modules.values()]
        )
    if section == "catalogue":
        return _grouped(section, found, lambda entry: entry.function, list(FUNCTIONS.items()))
    if section in _BY_ARTICLE:
        return _by_article(pack, section, found)
    if section == "sections":
        found.sort(key=lambda chapter: chapter.order)
    return [Part("all", None, tuple((section, entry.id) for entry in found))]


def _grouped(section: str, found: list[Any], group_of: Any, titles: list[tuple[str, Text]]) -> list[Part]:
    groups: dict[str, list[Key]] = {}
    for entry in found:
        groups.setdefault(group_of(entry), []).append((section, entry.id))
    known = [Part(id_, title, tuple(groups.pop(id_))) for id_, title in titles if id_ in groups]
    return [*known, *(Part(id_, Text(id_, id_), tuple(keys)) for id_, keys in groups.items())]


def _by_article(pack: Pack, section: str, found: list[Any]) -> list[Part]:
    groups: dict[str | None, list[Key]] = {}
    for entry in found:
        groups.setdefault(first_provision(pack, entry), []).append((section, entry.id))
    rest = groups.pop(None, [])
    order = sorted((id_ for id_ in groups if id_), key=place_of)
    named = [Part(id_, provision_title(pack, id_), tuple(groups[id_]), id_) for id_ in order]
    other = Text("Autres sources", "Other sources")
    return [*named, *([Part("other", other, tuple(rest))] if rest else [])]


def citation_of(pack: Pack, provision: str) -> Citation:
    """Return the citation of a provision of the index."""
    return parse(pack.provisions[provision].label, pack.provisions)


def provision_title(pack: Pack, provision: str) -> Text:
    """Return what a provision is called: its number, then its heading."""

    def said(language: Language) -> str:
        cited = citations.format(citation_of(pack, provision), language)
        named = pack.provisions[provision].heading
        return cited[:1].upper() + cited[1:] + (f" – {named.to(language)}" if named else "")

    return Text(said("fr"), said("en"))


def version_day(pack: Pack) -> Text:
    """Return the date of a text's version in words, or the version as it was written."""
    try:
        return day_in_words(date.fromisoformat(pack.version))
    except ValueError:
        return Text(pack.version, pack.version)


def official_texts(pack: Pack) -> list[tuple[Text, str]]:
    """Return the official texts that a pack encodes, each with its address in the page's language."""
    found = [(text.title, text.celex) for text in (pack.text, *pack.amended_by) if text.celex]
    if pack.consolidated:
        number = pack.consolidated
        found.append((Text(f"version consolidée {number}", f"consolidated version {number}"), number))
    return [
        (title, f"https://eur-lex.europa.eu/legal-content/{tongue().upper()}/TXT/?uri=CELEX:{celex}")
        for title, celex in found
    ]


def origin(law: Law, source: str) -> Text:
    """Return the text that wrote an entry in its present form."""
    library = place().library
    if source in library.names():
        try:
            pack = library.law(source).pack
        except BrokenLawError:
            return Text(source, source)
        return (pack.amended_by or (pack.text,))[-1].title
    return law.pack.title if source == law.pack.id else Text(source, source)


def rests_on(found: Uses, key: Key) -> list[str]:
    """Return the questions that decide an entry, its concepts' own included."""
    seen: dict[Key, None] = {}
    waiting = [key]
    while waiting:
        for part in found.builds_on[waiting.pop()]:
            if part[0] in ("facts", "definitions") and part not in seen:
                seen[part] = None
                waiting.append(part)
    return [id_ for section, id_ in seen if section == "facts"]


def by_section(keys: Sequence[Key]) -> dict[str, list[Key]]:
    """Return entries by section, in the order of reading."""
    found: dict[str, list[Key]] = {section: [] for section in READING_ORDER}
    for key in keys:
        found[key[0]].append(key)
    return {section: chosen for section, chosen in found.items() if chosen}


def search(law: Law, asked: str) -> Found:
    """Return the entries that hold all words, bear the id, or encode the provision that was asked for."""
    known = study(law)
    provision = provision_asked(law.pack, asked)
    if provision:
        shown = encoded(law.pack, known.uses, provision)
        found = [*shown.itself, *(key for keys in shown.parts.values() for key in keys)]
    else:
        words = fold(asked).split()
        found = [key for key, text in known.words.items() if all(word in text for word in words)]
        found.sort(key=lambda key: _distance(known.entries[key], key, asked, words))
    return Found(by_section(found[:MOST]), len(found), provision)


def _distance(entry: Any, key: Key, asked: str, words: list[str]) -> int:
    """Return how far an entry is from what was asked: its own id, its title, or only its text."""
    if key[1] == asked.strip():
        return 0
    title = heading(entry)
    return 1 if all(word in fold(f"{title.fr} {title.en} {key[1]}") for word in words) else 2


def provision_asked(pack: Pack, asked: str) -> str | None:
    """Return the provision that somebody means by "article 6, § 1, a)", "art. 6(1)(a)", "annexe III.4" or "27"."""
    plain = fold(asked).strip()
    kind = next((kind for start, kind in _KINDS if plain.startswith(start)), "art" if plain[:1].isdigit() else None)
    signs = _MARKS.sub(" ", plain)
    if kind is None or _SIGNS.sub("", signs).strip():
        return None
    path: list[str] = []
    for sign in _SIGNS.findall(signs):
        if sign in _LATIN and path:
            path[-1] += _LATIN[sign]
        else:
            path.append(sign)
    if not path:
        return None
    for written in _written(kind, path):
        try:
            if found := parse(written, pack.provisions).provision:
                return found
        except CitationError:
            continue
    return None


def _written(kind: str, path: list[str]) -> Iterator[str]:
    """Yield how legal editors may write a provision."""
    first, rest = path[0], path[1:]
    points = "".join(f"({part})" for part in rest)
    if kind == "art":
        yield f"art. {first}{points}"
    elif kind == "recital":
        yield f"recital {first}"
    else:
        yield f"annex {first.upper()}{points}"
        numbers = "".join(f".{part}" for part in rest if part[0].isdigit())
        letters = [part for part in rest if not part[0].isdigit()]
        yield f"annex {first.upper()}{numbers}" + "".join(f"({part})" for part in letters)
        if letters:
            after = "".join(f"({part})" for part in letters[1:])
            yield f"annex {first.upper()}.{letters[0].upper()}{numbers}{after}"
