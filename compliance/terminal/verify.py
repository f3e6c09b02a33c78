"""``compliance verify``: what reports prove, read without the instance that made them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from compliance.evidence.log_file import Log, LogFileError, SealedHead, read_kept, read_log
from compliance.law.compiling import Program, compile_pack
from compliance.law.loading import list_packs, load_pack
from compliance.law.sources import PackFileError, open_packed
from compliance.reports import identity, verifying
from compliance.reports.opening import MOST
from compliance.reports.recomputing import Law
from compliance.reports.verdict_words import CHECKS, STANDINGS, clean, place, sentence, shown
from compliance.reports.verifying import Point, Standing, Verdict
from compliance.terminal.words import colon, say
from compliance.text import Language, Text

_DIFFERENCES = 20
_LOG_MOST, _SMALL_MOST = 500_000_000, 20_000_000
_SIGNS = {Standing.GOOD: "✓", Standing.BAD: "✗", Standing.OPEN: "?"}


class CannotVerifyError(Exception):
    """Something that was given cannot be used; the message is in the person's language."""


@dataclass(frozen=True, slots=True)
class Given:
    """What a person gives: reports, and what to check them against."""

    files: Sequence[Path]
    certificate: Path | None
    log: Path | None
    heads: Sequence[Path]
    law: Sequence[Path]
    rules: Path
    pages: bool


def verify(given: Given, language: Language, *, as_json: bool) -> int:
    """Say what the files prove; 0 where all that was checked is in order, 1 where not. Raises CannotVerifyError."""
    expected = _certificate(given.certificate, language)
    log = _log(given.log, language)
    kept = [_head(path, language) for path in given.heads]
    if not given.files and log is None:
        raise CannotVerifyError(say("nothing_to_verify", language))
    if kept and log is None:
        raise CannotVerifyError(say("head_needs_log", language))
    law = _law(given.law, given.rules, language)
    verdicts = [
        (
            path,
            verifying.verify(_read(path, MOST + 1, language), expected=expected, law=law, log=log, pages=given.pages),
        )
        for path in given.files
    ]
    beside = verifying.between([verdict for _, verdict in verdicts])
    if log is not None:
        beside += verifying.check_log(log, expected, kept)
    if as_json:
        print(json.dumps(_as_data(verdicts, beside), ensure_ascii=True, indent=2))
    else:
        print("\n".join(_lines(verdicts, beside, given.log, language)))
    points = [point for _, verdict in verdicts for point in verdict.points] + list(beside)
    return int(any(point.standing is Standing.BAD for point in points))


def _read(path: Path, most: int, language: Language) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(most)
    except OSError as error:
        raise CannotVerifyError(say("cannot_read", language, path=path, why=error.strerror)) from None


def _certificate(path: Path | None, language: Language) -> bytes | None:
    if path is None:
        return None
    pem = _read(path, _SMALL_MOST, language)
    try:
        identity.read_certificates(pem)
    except identity.KeyFileError as error:
        raise CannotVerifyError(f"{path}{colon(language)} {error.text.to(language)}") from None
    return pem


def _log(path: Path | None, language: Language) -> Log | None:
    try:
        return read_log(_read(path, _LOG_MOST, language)) if path else None
    except LogFileError as error:
        raise CannotVerifyError(say("not_a_log", language, path=path, line=error.line)) from None


def _head(path: Path, language: Language) -> Log | SealedHead:
    try:
        return read_kept(_read(path, _LOG_MOST, language))
    except LogFileError:
        raise CannotVerifyError(say("not_a_head", language, path=path)) from None


def _law(files: Sequence[Path], rules: Path, language: Language) -> Law:
    """Return the texts at hand by hash: those in files first, then those in the folder of rules, loaded when asked."""
    packed = {}
    for path in files:
        try:
            pack = open_packed(_read(path, _SMALL_MOST, language))
        except PackFileError as error:
            raise CannotVerifyError(f"{path}{colon(language)} {error.text.to(language)}") from None
        packed[pack.hash] = pack

    @cache
    def at_hand() -> dict[str, Any]:
        loaded = (load_pack(name, rules).pack for name in list_packs(rules))
        return {pack.hash: pack for pack in loaded if pack is not None}

    @cache
    def program(hash_: str) -> Program | None:
        pack = packed.get(hash_) or at_hand().get(hash_)
        return compile_pack(pack) if pack else None

    return program


def _lines(
    verdicts: Sequence[tuple[Path, Verdict]], beside: Sequence[Point], log: Path | None, language: Language
) -> Iterator[str]:
    for path, verdict in verdicts:
        yield clean(str(path))
        yield from _said(verdict.points, language)
        yield f"  {_summary(verdict.points, language)}"
        yield ""
    if beside:
        yield clean(str(log)) if log else say("reports_together", language)
        yield from _said(beside, language)
        yield ""
    yield say("proves_not", language)


def _summary(points: Sequence[Point], language: Language) -> str:
    if any(point.standing is Standing.BAD for point in points):
        return say("not_in_order", language)
    unchecked = sum(point.standing is Standing.OPEN for point in points)
    return say("in_order_partly", language, count=unchecked) if unchecked else say("in_order", language)


def _said(points: Sequence[Point], language: Language) -> Iterator[str]:
    for point in points:
        title = CHECKS[point.check].to(language)
        yield f"  {_SIGNS[point.standing]} {title}{colon(language)} {clean(sentence(point).to(language))}"
        for found in point.differences[:_DIFFERENCES]:
            inside, again = (clean(shown(value).to(language)) for value in (found.inside, found.again))
            where = clean(place(found).to(language))
            yield f"      {say('difference', language, where=where, inside=inside, again=again)}"
        if len(point.differences) > _DIFFERENCES:
            yield f"      {say('more', language, count=len(point.differences) - _DIFFERENCES)}"


def _text(text: Text) -> dict[str, str]:
    return {"fr": text.fr, "en": text.en}


def _as_data(verdicts: Sequence[tuple[Path, Verdict]], beside: Sequence[Point]) -> dict[str, Any]:
    return {
        "files": [
            {
                "file": str(path),
                "sha256": verdict.opened.sha256,
                "in_order": verdict.in_order,
                "points": [_point(point) for point in verdict.points],
            }
            for path, verdict in verdicts
        ],
        "log": [_point(point) for point in beside],
    }


def _point(point: Point) -> dict[str, Any]:
    return {
        "check": point.check,
        "standing": point.standing.value,
        "standing_text": _text(STANDINGS[point.standing]),
        "code": point.code,
        "text": _text(sentence(point)),
        "values": {key: value if isinstance(value, str) else _text(value) for key, value in point.values.items()},
        "differences": [
            {"path": list(item.path), "where": _text(place(item)), "inside": item.inside, "again": item.again}
            for item in point.differences
        ],
    }
