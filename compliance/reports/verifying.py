"""What a report's file proves: signature, signer, record inside, outcome computed again, log.

Needs the file alone. What a certificate, the text of the law or the log would prove beside is checked where they are
given, and said where they are not: nothing is left out in silence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import compliance
from compliance.assessment.facts import FactsError
from compliance.evidence.log_file import Head, Log, Seal, SealedHead
from compliance.law.problems import word
from compliance.reports import identity, recomputing, rendering
from compliance.reports.opening import Opened, open_report
from compliance.reports.recomputing import KINDS, Difference, Law
from compliance.reports.record import FORMAT
from compliance.text import Language, Text, day_in_words

FORMS = ("full", "summary")  # of a report in PDF
CASES_MOST = 5000  # of a portfolio that are computed again
_MALFORMED = (KeyError, TypeError, ValueError, AttributeError, RecursionError, IndexError, ArithmeticError)
_NUMBER = re.compile(r"R-\d{4}-\d{4,}")
_SHORT = 12


class Standing(StrEnum):
    """How one thing that was looked at stands."""

    GOOD = "good"
    BAD = "bad"
    OPEN = "open"  # could not be checked, or is for the reader to judge


@dataclass(frozen=True, slots=True)
class Point:
    """One thing that was looked at; ``code`` is the sentence in verdict_words that says it, ``values`` fill it."""

    check: str  # "file", "signature", "signer", "record", "outcome", "pages" or "log"
    standing: Standing
    code: str
    values: Mapping[str, str | Text] = field(default_factory=dict)
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """All that was found about one file."""

    opened: Opened
    points: tuple[Point, ...]

    @property
    def in_order(self) -> bool:
        """Tell whether nothing of what was checked is wrong; what could not be checked is no part of it."""
        return all(point.standing is not Standing.BAD for point in self.points)

    @property
    def record(self) -> Mapping[str, Any] | None:
        """Return the record inside."""
        return self.opened.record


def verify(
    pdf: bytes,
    *,
    expected: bytes | None = None,
    law: Law | None = None,
    log: Log | None = None,
    pages: bool = False,
) -> Verdict:
    """Return what a file proves; whatever the file is, nothing is raised for it.

    Args:
        pdf: The file.
        expected: The PEM certificate of who should have signed. Raises KeyFileError where it is none.
        law: Gives the program of a pack by its hash; a mapping's ``get`` will do.
        log: The organisation's log.
        pages: Whether to make the pages again from the data, which takes some seconds.
    """
    opened = open_report(pdf)
    if opened.trouble:
        return Verdict(opened, (Point("file", Standing.BAD, opened.trouble),))
    points = [*_signature(opened), *_signer(opened, expected)]
    record = opened.record
    if record is None:
        return Verdict(opened, (*points, Point("record", Standing.BAD, "no_record")))
    try:
        points += _record(record)
    except _MALFORMED:
        points.append(Point("record", Standing.BAD, "malformed"))
    if not any(point.code in ("malformed", "other_format", "other_kind") for point in points):
        points += _outcome(record, law)
        points.append(_pages(pdf, record) if pages else Point("pages", Standing.OPEN, "pages_not_made"))
        points += _in_log(opened, record, log)
    return Verdict(opened, tuple(points))


def _signature(opened: Opened) -> Iterator[Point]:
    state, number = opened.signature.state, (opened.record or {}).get("number")
    if state == "missing" and opened.record is not None and number is None:
        yield Point("signature", Standing.OPEN, "draft")
    else:
        yield Point("signature", Standing.GOOD if state == "whole" else Standing.BAD, f"signature_{state}")


def _signer(opened: Opened, expected: bytes | None) -> Iterator[Point]:
    found = opened.signature
    if not found.certificate:
        return
    values = {"name": found.signer, "fingerprint": found.fingerprint}
    if expected is None:
        yield Point("signer", Standing.OPEN, "signer_unknown", values)
    elif identity.fingerprint(expected) == found.fingerprint:
        yield Point("signer", Standing.GOOD, "signer_expected", values)
    else:
        values |= {"expected": identity.name_of(expected), "expected_fingerprint": identity.fingerprint(expected)}
        yield Point("signer", Standing.BAD, "signer_other", values)
    day = _day(opened.record)
    if day and not found.not_before <= day <= found.not_after:
        yield Point(
            "signer",
            Standing.BAD,
            "signer_dates",
            {
                name: day_in_words(date.fromisoformat(value))
                for name, value in (("start", found.not_before), ("end", found.not_after), ("day", day))
            },
        )


def _day(record: Mapping[str, Any] | None) -> str:
    try:
        return datetime.fromisoformat((record or {})["made"]["at"]).date().isoformat()
    except _MALFORMED:
        return ""


def _record(record: Mapping[str, Any]) -> Iterator[Point]:
    if record.get("format") != FORMAT:
        yield Point("record", Standing.OPEN, "other_format", {"format": str(record.get("format"))})
        return
    if record.get("kind") not in KINDS:
        yield Point("record", Standing.OPEN, "other_kind", {"kind": str(record.get("kind"))})
        return
    if not (record["number"] is None or _NUMBER.fullmatch(record["number"])):
        yield Point("record", Standing.BAD, "malformed")
        return
    found = recomputing.contradictions(record)
    if found:
        yield Point("record", Standing.BAD, "contradicts", differences=found)
    else:
        yield Point("record", Standing.GOOD, "record_sound" if record["number"] else "draft_sound", _said(record))


def _said(record: Mapping[str, Any]) -> dict[str, str | Text]:
    return {
        "number": str(record["number"]),
        "organisation": str(record["organisation"]["name"]),
        "day": day_in_words(datetime.fromisoformat(record["made"]["at"]).date()),
        "by": str(record["made"]["by"]),
    }


def _outcome(record: Mapping[str, Any], law: Law | None) -> Iterator[Point]:
    if law is None:
        yield Point("outcome", Standing.OPEN, "no_law")
        return
    if record["kind"] == "portfolio" and len(record.get("cases", ())) > CASES_MOST:
        yield Point("outcome", Standing.OPEN, "many_cases", {"most": str(CASES_MOST)})
        return
    try:
        computed = recomputing.recompute(record, law)
    except FactsError as error:
        why = Text(*("; ".join(word(item, language) for item in error.problems) for language in ("fr", "en")))
        yield Point("outcome", Standing.BAD, "facts_refused", {"why": why})
        return
    except _MALFORMED:
        yield Point("outcome", Standing.BAD, "malformed")
        return
    for one in computed:
        yield _computed(record, one)
    if record["kind"] == "act_record":
        yield Point("outcome", Standing.OPEN, "typed_parts")


def _computed(record: Mapping[str, Any], one: recomputing.Again) -> Point:
    values = {"hash": one.hash[:_SHORT], "then": str(record.get("program")), "now": compliance.__version__}
    if not one.known:
        code = "unknown_law_differs" if one.differences else "unknown_law"
        return Point("outcome", Standing.BAD if one.differences else Standing.OPEN, code, values, one.differences)
    if not one.differences:
        return Point("outcome", Standing.GOOD, "agrees", values)
    code = "differs" if values["then"] == values["now"] else "differs_other_program"
    return Point("outcome", Standing.BAD, code, values, one.differences)


def _pages(pdf: bytes, record: Mapping[str, Any]) -> Point:
    """Return whether the file begins, as far as the signature was added to it, with what its data are printed as."""
    language: Language = "en" if record.get("language") == "en" else "fr"
    values = {"then": str(record.get("program")), "now": compliance.__version__}
    try:
        for form in FORMS:
            if pdf.startswith(rendering.render(record, language, form)):
                return Point("pages", Standing.GOOD, "pages_agree", values)
    except rendering.RenderingError:
        return Point("pages", Standing.OPEN, "pages_failed", values)
    return Point("pages", Standing.OPEN, "pages_differ", values)


def _in_log(opened: Opened, record: Mapping[str, Any], log: Log | None) -> Iterator[Point]:
    head = record["log"]
    if head is None:
        yield Point("log", Standing.OPEN, "draft_no_head")
        return
    if log is None:
        yield Point("log", Standing.OPEN, "no_log", {"size": str(head["size"]), "root": str(head["root"])})
        return
    try:
        yield check_head(log, int(head["size"]), str(head["root"]))
    except _MALFORMED:
        yield Point("log", Standing.BAD, "malformed")
        return
    listed = next((entry for entry in log.entries if _names(entry, opened.sha256)), None)
    if listed is None:
        yield Point("log", Standing.OPEN, "not_listed")
    else:
        yield Point("log", Standing.GOOD, "listed", {"entry": str(listed["seq"])})


def _names(entry: Mapping[str, Any], sha256: str) -> bool:
    return isinstance(entry["detail"], dict) and sha256 in entry["detail"].values()


def check_head(log: Log, size: int, root: str) -> Point:
    """Return whether a log still begins with the entries that it had when it had this head."""
    values = {"size": str(size), "found": str(len(log.entries)), "root": root}
    again = log.root_at(size)
    if again is None:
        return Point("log", Standing.BAD, "log_cut", values)
    if again == root:
        return Point("log", Standing.GOOD, "log_agrees", values)
    broken = log.broken_at()
    if broken is not None and broken <= size:
        return Point("log", Standing.BAD, "log_altered_before", {**values, "entry": str(broken)})
    return Point("log", Standing.BAD, "log_rebuilt", values)


def _check_kept(log: Log, one: Log | SealedHead, agreed: int) -> Point:
    """Return what a head or a log that was kept says of a log; ``agreed``: entries up to which another head agrees."""
    head = one.head
    if head.org != log.head.org:
        return Point("log", Standing.BAD, "head_of_other", {"organisation": head.organisation})
    point = check_head(log, head.size, head.root)
    if point.code != "log_rebuilt":
        return point
    if isinstance(one, Log) and one.root_at(head.size) == head.root:
        place = log.differs_at(one)
        return Point("log", Standing.BAD, "log_differs_at", {**point.values, "entry": str(place)})
    if agreed:
        return Point("log", Standing.BAD, "log_rebuilt_after", {**point.values, "first": str(agreed + 1)})
    return point


def check_log(log: Log, expected: bytes | None = None, kept: Sequence[Log | SealedHead] = ()) -> tuple[Point, ...]:
    """Return what a log proves by itself, by the signature on its head, and by what was kept outside it.

    A head that was kept shows that the log was written anew; an earlier file of the log names the first entry.
    """
    broken = log.broken_at()
    values = {"size": str(len(log.entries)), "organisation": log.head.organisation}
    points = [
        Point("log", Standing.GOOD, "log_sound", values)
        if broken is None
        else Point("log", Standing.BAD, "log_altered", {**values, "entry": str(broken)})
    ]
    if log.head.size != len(log.entries) or log.root_at(log.head.size) != log.head.root:
        points.append(Point("log", Standing.BAD, "log_not_its_head", {**values, "stated": str(log.head.size)}))
    points.append(check_seal(log.sealed, expected))
    heads = [one.head for one in kept if one.head.org == log.head.org]
    agreed = [head.size for head in heads if log.root_at(head.size) == head.root]
    for one in kept:
        points.append(check_seal(one.sealed if isinstance(one, Log) else one, expected))
        before = max((size for size in agreed if size < one.head.size), default=0)
        points.append(_check_kept(log, one, before))
    return tuple(points)


def seal(head: Head, by: identity.Identity) -> SealedHead:
    """Return a head with the identity's signature."""
    return SealedHead(head, Seal(identity.sign_bytes(head.spelled(), by).hex(), by.certificate.decode("ascii")))


def check_seal(sealed: SealedHead, expected: bytes | None) -> Point:
    """Return whether the signature on a head is whole, and by whom it is."""
    values = {"size": str(sealed.head.size), "at": sealed.head.at}
    if sealed.seal is None:
        return Point("log", Standing.OPEN, "head_unsigned", values)
    certificate = sealed.seal.certificate.encode("utf-8", "replace")
    try:
        whole = identity.signed_bytes(sealed.head.spelled(), bytes.fromhex(sealed.seal.signature), certificate)
        values |= {"name": identity.name_of(certificate), "fingerprint": identity.fingerprint(certificate)}
    except (identity.KeyFileError, ValueError):
        whole = False
    if not whole:
        return Point("log", Standing.BAD, "head_forged", values)
    if expected is None:
        return Point("log", Standing.OPEN, "head_signer_unknown", values)
    if identity.fingerprint(expected) != values["fingerprint"]:
        return Point("log", Standing.BAD, "head_signer_other", values)
    return Point("log", Standing.GOOD, "head_signed", values)


def between(verdicts: Sequence[Verdict]) -> tuple[Point, ...]:
    """Return what the heads in several reports of one organisation say of each other, for want of its log."""
    heads: dict[tuple[str, str, int], dict[str, str]] = {}
    for verdict in verdicts:
        try:
            record = verdict.record or {}
            whose = (verdict.opened.signature.fingerprint, str(record["organisation"]["name"]))
            heads.setdefault((*whose, int(record["log"]["size"])), {})[str(record["log"]["root"])] = str(
                record["number"]
            )
        except _MALFORMED:
            continue
    return tuple(
        Point("log", Standing.BAD, "heads_contradict", {"size": str(size), "numbers": ", ".join(roots.values())})
        for (*_, size), roots in heads.items()
        if len(roots) > 1
    )
