"""``compliance backup``, ``restore``, ``verify-store``, ``organisation``: what an instance holds is kept, or given back."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from compliance.config import places
from compliance.evidence.log_file import LogFileError, SealedHead, read_head
from compliance.operations import keeping
from compliance.operations.keeping import Examined, NotSoundError
from compliance.operations.kept_file import KeepingError
from compliance.storage.soundness import Check
from compliance.terminal.words import colon, say
from compliance.terminal.wrong import FAILED, OK, WrongError, read, say_json
from compliance.text import Language

_ROOT_SHOWN = 16
_THOUSAND = 1000


def backup(options: argparse.Namespace) -> int:
    """Write what the instance holds into one file; 1 where the store was not whole, though it is written."""
    language: Language = options.language
    try:
        kept = keeping.backup(places(os.environ), options.out, datetime.now(UTC))
    except KeepingError as error:
        raise _wrong(error, language) from None
    if options.json:
        manifest = asdict(kept.manifest)
        say_json({"path": str(kept.path), "sealed": kept.sealed, **manifest, "checks": _data(kept.examined, language)})
        return OK if kept.examined.sound else FAILED
    print(say("backup_written", language, path=kept.path, size=_size(kept.path.stat().st_size, language)))
    print(say("backup_sealed" if kept.sealed else "backup_open", language))
    if kept.manifest.left_out:
        print(say("backup_left_out", language, names=", ".join(kept.manifest.left_out)))
    if not kept.examined.sound:
        print(say("backup_not_sound", language))
    return OK if kept.examined.sound else FAILED


def restore(options: argparse.Namespace) -> int:
    """Put a backup back; 1 where what it holds is not whole."""
    language: Language = options.language
    into = options.into.resolve()
    found = places({**os.environ, "PYRAMIDE_INSTANCE": str(into)})
    try:
        done = keeping.restore(
            options.file, found, datetime.now(UTC), replacing=options.replace, despite_faults=options.despite_faults
        )
    except KeepingError as error:
        raise _wrong(error, language) from None
    except NotSoundError as error:
        if options.json:
            say_json({"store": None, "checks": _data(error.examined, language)})
        else:
            print("\n".join((*_lines(error.examined, language), say("not_put_back", language))))
        return FAILED
    if options.json:
        aside = str(done.aside) if done.aside else None
        manifest = asdict(done.manifest)
        say_json({"store": done.store, "aside": aside, **manifest, "checks": _data(done.examined, language)})
    else:
        print("\n".join(_lines(done.examined, language)))
        print(say("restored", language, store=done.store, at=done.manifest.made_at))
        if done.aside:
            print(say("restored_aside", language, path=done.aside))
        if done.store.startswith(str(into)) and found.database_url != f"sqlite:///{done.store}":
            print(say("restored_elsewhere", language))
    return OK if done.examined.sound else FAILED


def verify_store(options: argparse.Namespace) -> int:
    """Say whether the instance's store is whole; 0 where it is, 1 where not."""
    language: Language = options.language
    kept = [_head(path, language) for path in options.head]
    try:
        found = keeping.check_store(places(os.environ), kept)
    except KeepingError as error:
        raise _wrong(error, language) from None
    if options.json:
        heads = [asdict(head) for head in found.heads]
        say_json({"sound": found.sound, "schema": found.schema, "checks": _data(found, language), "heads": heads})
    else:
        print("\n".join(_lines(found, language)))
    return OK if found.sound else FAILED


def organisation(options: argparse.Namespace) -> int:
    """Hand an organisation all its data, or erase them."""
    from compliance.operations import leaving  # noqa: PLC0415 - the other commands render and sign nothing
    from compliance.terminal.running import CannotRunError, workplace  # noqa: PLC0415 - nor need the law

    language: Language = options.language
    try:
        place = workplace(language)
    except CannotRunError as error:
        raise WrongError(str(error)) from None
    try:
        if options.action == "export":
            done = leaving.export(place, options.organisation, options.out)
        else:
            done = leaving.erase(place, options.organisation, options.confirm or "", options.out)
    except KeepingError as error:
        raise _wrong(error, language) from None
    finally:
        place.database.close()
    if options.json:
        say_json({"path": str(done.path), "org": done.organisation.id, "log": done.size})
        return OK
    print(say(f"organisation_{options.action}", language, path=done.path, name=done.organisation.name, size=done.size))
    if options.action == "erase":
        print(say("erase_backups", language))
    return OK


def _wrong(error: KeepingError, language: Language) -> WrongError:
    return WrongError(say(f"wrong_{error.code}", language, **error.values))


def _head(path: Path, language: Language) -> SealedHead:
    try:
        return read_head(read(path, language))
    except LogFileError:
        raise WrongError(say("not_a_head", language, path=path)) from None


def _size(size: int, language: Language) -> str:
    value, units = float(size), ("o", "ko", "Mo", "Go", "To") if language == "fr" else ("B", "kB", "MB", "GB", "TB")
    for unit in units[:-1]:
        if value < _THOUSAND:
            return f"{value:.0f} {unit}"
        value /= _THOUSAND
    return f"{value:.0f} {units[-1]}"


def _lines(found: Examined, language: Language) -> Iterator[str]:
    for check in found.checks:
        sign = "✗" if check.faults else "✓" if check.count is not None else "–"
        count = say("check_by_server", language) if check.count is None else check.count
        yield f"{sign} {say(f'check_{check.code}', language)}{colon(language)} {count}"
        yield from (f"    {words}" for words in _faults(check, language))
        if check.more:
            yield f"    {say('and_more', language, count=check.more)}"
    for head in found.heads:
        root = head.root[:_ROOT_SHOWN]
        yield "  " + say("store_head", language, organisation=head.organisation, size=head.size, root=root)
    yield say("store_sound" if found.sound else "store_not_sound", language)


def _faults(check: Check, language: Language) -> Iterator[str]:
    for fault in check.faults:
        values = {name: _plain(value) for name, value in fault.values.items()}
        yield say(f"fault_{fault.code}", language, **values)


def _plain(value: object) -> str:
    """Return what a store says, without what would steer a terminal."""
    return "".join(sign if sign.isprintable() else "�" for sign in str(value))


def _data(found: Examined, language: Language) -> list[dict[str, Any]]:
    return [
        {
            "check": check.code,
            "count": check.count,
            "faults": [
                {"code": fault.code, **fault.values, "words": words}
                for fault, words in zip(check.faults, _faults(check, language), strict=True)
            ],
            "more": check.more,
        }
        for check in found.checks
    ]
