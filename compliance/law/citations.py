"""Citations of the law: parsed from how lawyers write them, shown and linked in two languages."""

from __future__ import annotations

import re
from collections.abc import Mapping

from compliance.law.model import Pack, Provision
from compliance.law.other_acts import in_french
from compliance.law.terms import Citation, CitationKind
from compliance.text import Language

_ARTICLE = re.compile(r"art\. (\d+[a-z]?)((?:\([0-9a-z]+\))*)")
_ANNEX = re.compile(r"annex ([IVX]+)((?:\.[A-Z])?)((?:\.\d+(?:\.\d+)*)?)((?:\([0-9a-z]+\))*)")
_RECITAL = re.compile(r"recital (\d+)")
_PART = re.compile(r"\(([0-9a-z]+)\)")
_NUMBERED_SECTION = re.compile(r"-sec-\d")
_PARAGRAPH = re.compile(r"\d+[a-z]*")
_LATIN = ("bis", "ter", "quater", "quinquies", "sexies", "septies", "octies", "nonies")
_STRUCTURED = ("art.", "annex", "recital", "article", "annexe")


class CitationError(ValueError):
    """The text is neither a citation of the Act nor the name of another source."""


def parse(text: str, provisions: Mapping[str, Provision]) -> Citation:
    """Return the citation; ``provision`` is None when the index does not hold it.

    ``art. 6(1)(a)``, ``annex III.4(a)``, ``annex I.B.14`` and ``recital 53`` cite the Act. Anything else that
    does not begin like one of them is the name of another source. Raises CitationError.
    """
    if match := _ARTICLE.fullmatch(text):
        number, path = match[1], tuple(_PART.findall(match[2]))
        return Citation(CitationKind.ARTICLE, number, path, _article(number, path, provisions), text)
    if match := _ANNEX.fullmatch(text):
        path = tuple(part for part in (match[2][1:], match[3][1:]) if part) + tuple(_PART.findall(match[4]))
        return Citation(CitationKind.ANNEX, match[1], path, _annex(match[1], path, provisions), text)
    if match := _RECITAL.fullmatch(text):
        provision = f"rct-{match[1]}"
        return Citation(CitationKind.RECITAL, match[1], (), provision if provision in provisions else None, text)
    if not text.strip() or text.lower().startswith(_STRUCTURED):
        raise CitationError(text)
    return Citation(CitationKind.OTHER, text, (), None, text)


def _article(number: str, path: tuple[str, ...], provisions: Mapping[str, Provision]) -> str | None:
    base = f"art-{number}"
    forms = [base + "".join(f"-pt-{part}" if index == 0 else f"-{part}" for index, part in enumerate(path))]
    if path and _PARAGRAPH.fullmatch(path[0]):
        points = "".join(f"-pt-{part}" if index == 0 else f"-{part}" for index, part in enumerate(path[1:]))
        forms.insert(0, f"{base}-par-{path[0]}{points}")
    return next((form for form in forms if form in provisions), None)


def _annex(number: str, path: tuple[str, ...], provisions: Mapping[str, Provision]) -> str | None:
    base = f"annex-{number.lower()}"
    rest = list(path)
    if rest and rest[0].isupper():
        base += f"-sec-{rest.pop(0).lower()}"
    forms = [base + (f"-pt-{'-'.join(rest)}" if rest else "")]
    if rest and rest[0][0].isdigit():  # a section may bear a number: annex XI.1.2(a)
        section, _, point = rest[0].partition(".")
        below = [part for part in (point, *rest[1:]) if part]
        forms.append(f"{base}-sec-{section}" + (f"-pt-{'-'.join(below)}" if below else ""))
    return next((form for form in forms if form in provisions), None)


def format(citation: Citation, language: Language) -> str:  # noqa: A001 - the plain word for it
    """Return the citation in short form: "art. 6, § 1, a)" or "Art. 6(1)(a)"."""
    if citation.kind is CitationKind.OTHER:
        return in_french(citation.written) if language == "fr" else citation.written
    if citation.kind is CitationKind.RECITAL:
        return f"considérant {citation.number}" if language == "fr" else f"recital {citation.number}"
    if citation.kind is CitationKind.ARTICLE:
        return _format_article(citation, language)
    return _format_annex(citation, language)


def _format_article(citation: Citation, language: Language) -> str:
    if language == "en":
        return f"Art. {citation.number}" + "".join(f"({part})" for part in citation.path)
    path = [_inserted(part) for part in citation.path]
    shown = f"art. {_inserted(citation.number)}"
    if path and path[0][0].isdigit():
        shown += f", {'point' if citation.number == '3' else '§'} {path.pop(0)}"
    return shown + "".join(f", {part})" for part in path)


def _inserted(part: str) -> str:
    """Return the number of an inserted provision as French writes it: 4a is "4 bis", point (ba) "b bis"."""
    match = re.fullmatch(r"(\d+|[a-h])([a-h])", part)
    return f"{match[1]} {_LATIN[ord(match[2]) - ord('a')]}" if match else part


def _format_annex(citation: Citation, language: Language) -> str:
    path = list(citation.path)
    shown = f"annexe {citation.number}" if language == "fr" else f"Annex {citation.number}"
    if path and path[0].isupper():
        shown += f", section {path.pop(0)}" if language == "fr" else f", Section {path.pop(0)}"
    elif path and _NUMBERED_SECTION.search(citation.provision or ""):
        section, _, point = path.pop(0).partition(".")
        path = [point, *path] if point else path
        shown += f", section {section}" if language == "fr" else f", Section {section}"
    numbers = [part for part in path if part[0].isdigit()]
    letters = [part for part in path if not part[0].isdigit()]
    if numbers:
        shown += f", point {numbers[0]}"
    if language == "fr":
        return shown + "".join(f", {letter})" for letter in letters)
    return shown + "".join(f"({letter})" for letter in letters)


def link(citation: Citation, pack: Pack, language: Language) -> str | None:
    """Return the address of the provision in the official text in force, or None for another source."""
    if citation.kind is CitationKind.OTHER:
        return None
    celex = pack.text.celex
    if pack.consolidated and citation.kind is not CitationKind.RECITAL:
        celex = pack.consolidated
    anchor = {
        CitationKind.ARTICLE: f"art_{citation.number}",
        CitationKind.ANNEX: f"anx_{citation.number}",
        CitationKind.RECITAL: f"rct_{citation.number}",
    }[citation.kind]
    return f"https://eur-lex.europa.eu/legal-content/{language.upper()}/TXT/?uri=CELEX:{celex}#{anchor}"
