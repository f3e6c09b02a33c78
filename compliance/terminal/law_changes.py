"""What a change of the law does, and what can be proved of a pack."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from compliance.assessment.analysing import differing
from compliance.assessment.freeze import text
from compliance.law.compiling import Program, compile_pack
from compliance.law.entries import entry_of
from compliance.law.loading import Loaded, list_packs, load
from compliance.law.model import Pack
from compliance.law.phrasing import line
from compliance.law.terms import AtLeast, Citation, Group, Not, Ref, Test
from compliance.terminal.handed import Given, opened
from compliance.terminal.words import colon, say
from compliance.terminal.wrong import FAILED, OK, say_json
from compliance.text import Language, Text

_CONDITIONS = (Ref, Test, Group, Not, AtLeast)
_ASIDE = ("id", "position", "source")
_NOTHING = Text("—", "—")


def diff(options: argparse.Namespace) -> int:
    """Say what differs between two packs: in their entries, in what they mean, in what they do to use cases."""
    language: Language = options.language
    _, old, before = opened(options.before, options.rules, language)
    _, new, after = opened(options.after, options.rules, language)
    data: dict[str, Any] = {"before": _named(old), "after": _named(new), "text": _text(before.pack, after.pack)}
    code = OK
    if options.meaning:
        data["meaning"], code = _meaning(before, after)
    if options.impact:
        from compliance.terminal.impact import impact_lines, replayed  # noqa: PLC0415 - only this needs a database

        data["impact"] = replayed(options.impact, before, after, language)
    if options.json:
        say_json(data)
        return code
    print(f"{_title(data['before'], language)} → {_title(data['after'], language)}")
    print("\n".join(_text_lines(data["text"], language)))
    if options.meaning:
        print("\n" + "\n".join(_meaning_lines(data["meaning"], language)))
    if options.impact:
        print("\n" + "\n".join(impact_lines(data["impact"], before, after, language)))
    return code


def _named(loaded: Loaded) -> dict[str, Any]:
    assert loaded.pack, "packs that do not load were refused"
    pack = loaded.pack
    return {"pack": pack.folder, "version": pack.version, "hash": pack.hash, "title": text(pack.title)}


def _title(data: Mapping[str, Any], language: Language) -> str:
    return f"{data['title'][language]} ({data['version']}, {data['hash'][:8]})"


def _text(before: Pack, after: Pack) -> dict[str, Any]:
    data = differing(before, after)
    for entry in data["altered"]:
        key = entry["section"], entry["id"]
        entry["changes"] = list(_differing(before, entry_of(before, key), after, entry_of(after, key)))
    return data


def _differing(before: Pack, old: Any, after: Pack, new: Any) -> Iterator[dict[str, Any]]:
    """Yield the keys of an entry that say something else, with what they said and say."""
    for item in fields(new):
        if item.name in _ASIDE:
            continue
        was, now = _said(before, getattr(old, item.name, None)), _said(after, getattr(new, item.name))
        if was != now:
            yield {"key": item.name, "before": text(was), "after": text(now)}


def _said(pack: Pack, value: Any) -> Text:
    """Return what a part of an entry says, in words."""
    if isinstance(value, Text):
        return value
    if isinstance(value, _CONDITIONS):
        return line(pack, value)
    if isinstance(value, tuple) and value:
        return _joined([_said(pack, item) for item in value], "; ")
    if isinstance(value, Mapping) and value:
        return _joined([_beside(str(key), _said(pack, item)) for key, item in value.items()], "; ")
    if is_dataclass(value) and not isinstance(value, Citation | type):
        parts = {item.name: getattr(value, item.name) for item in fields(value) if item.name not in _ASIDE}
        shown = [_beside(name, _said(pack, part)) for name, part in parts.items() if part is not None and part != ()]
        return _joined(shown, ", ")
    return _plain(value)


def _plain(value: Any) -> Text:
    if isinstance(value, bool):
        return Text("oui", "yes") if value else Text("non", "no")
    if value is None or not value:
        return _NOTHING
    plain = value.written if isinstance(value, Citation) else str(value)
    return Text(plain, plain)


def _beside(name: str, said: Text) -> Text:
    return Text(f"{name} : {said.fr}", f"{name}: {said.en}")


def _joined(parts: list[Text], between: str) -> Text:
    return Text(between.join(part.fr for part in parts), between.join(part.en for part in parts))


def _text_lines(data: Mapping[str, Any], language: Language) -> Iterator[str]:
    if not any(data.values()):
        yield say("same_entries", language)
    for kind, sign in (("added", "+"), ("removed", "-"), ("altered", "~")):
        for entry in data[kind]:
            yield f"{sign} {entry['section']} {entry['id']}{colon(language)} {entry['title'][language]}"
            for change in entry.get("changes", ()):
                yield f"    {change['key']}"
                yield f"      - {change['before'][language]}"
                yield f"      + {change['after'][language]}"


def _meaning(before: Program, after: Program) -> tuple[dict[str, Any], int]:
    """Return what two packs judge otherwise, each example held against the evaluator."""
    from compliance.assessment.change_words import meaning_data  # noqa: PLC0415 - asks the solver
    from compliance.assessment.confirming import confirm  # noqa: PLC0415
    from compliance.law.meaning import compare  # noqa: PLC0415

    found = compare(before, after)
    unconfirmed = [change.id for change in found.changes if not confirm(before, after, change)]
    return {**meaning_data(before, after, found), "unconfirmed": unconfirmed}, FAILED if unconfirmed else OK


def _meaning_lines(data: Mapping[str, Any], language: Language) -> Iterator[str]:
    yield say("meaning_count", language, count=data["count"])
    for change in data["changes"]:
        yield f"* {change['text'][language]}"
        if change["answers"]:
            yield f"    {say('for_example', language)}{colon(language)}"
            yield from (f"      {answer[language]}" for answer in change["answers"])
    yield from (f"* {said[language]}" for said in data["new"])
    yield data["same"][language]
    if data["undecided"]:
        yield say("undecided", language, count=data["undecided"])
    if data["unconfirmed"]:
        yield say("unconfirmed", language, ids=", ".join(data["unconfirmed"]))


def prove(options: argparse.Namespace) -> int:
    """Prove what packs must satisfy in every situation; show the situation that breaks a proof."""
    from compliance.assessment.change_words import proofs_data  # noqa: PLC0415 - asks the solver
    from compliance.law.proofs import prove as proved  # noqa: PLC0415

    language: Language = options.language
    found = []
    for name in options.packs or list_packs(options.rules):
        given, loaded, program = opened(name, options.rules, language)
        proofs = proved(program, _under(given, loaded))
        found.append({**_named(loaded), "proofs": proofs_data(program, proofs, given.name)})
    if options.json:
        say_json(found)
    else:
        for pack in found:
            print("\n".join(_proof_lines(pack, language)))
    return OK if all(proof["holds"] for pack in found for proof in pack["proofs"]) else FAILED


def _under(given: Given, loaded: Loaded) -> Program | None:
    """Return the pack on which one of an organisation's stands; the text of law stands on none."""
    assert given.shelf, "packs that do not load were refused, and so were those that are not there"
    if loaded.builds_on is None:
        return None
    below = load(loaded.builds_on, given.shelf).pack
    return compile_pack(below) if below else None


def _proof_lines(pack: Mapping[str, Any], language: Language) -> Iterator[str]:
    yield _title(pack, language)
    for proof in pack["proofs"]:
        sign = {True: "proved", False: "broken", None: "open"}[proof["holds"]]
        yield f"  [{say(sign, language)}] {proof['text'][language]} ({proof['checked']})"
        for failure in proof["failures"]:
            place = f"{failure['file']}:{failure['line']}:{failure['column']}"
            yield f"      {place}{colon(language)} {failure['text'][language]}"
            yield from (f"        {answer[language]}" for answer in failure["answers"])
