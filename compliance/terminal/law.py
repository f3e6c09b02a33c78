"""Commands about the law itself: is it in order, what does it encode, what does it ask."""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from compliance.assessment import scenarios as running
from compliance.assessment.facts import accept
from compliance.assessment.freeze import cited, text
from compliance.assessment.interview import answered
from compliance.assessment.state import reading_order
from compliance.law.compiling import Program, compile_pack
from compliance.law.coverage import cover
from compliance.law.loading import list_packs, load, load_pack
from compliance.law.model import Pack
from compliance.law.problems import Problem, as_github, word
from compliance.terminal.handed import find
from compliance.terminal.words import colon, say
from compliance.terminal.wrong import FAILED, OK, refused, say_json
from compliance.text import Language

DEFAULT_PACK = "ai-act-2026"
_Stamp = tuple[tuple[str, int, int], ...]
_EVERY = 0.5  # seconds between two looks at the files


def one_pack(options: argparse.Namespace, named: str | None = None) -> tuple[Pack, Program]:
    """Return the pack asked for, or the one named, or the default. Raises WrongError."""
    loaded = load_pack(options.pack or named or DEFAULT_PACK, options.rules)
    if loaded.pack is None:
        raise refused(loaded.problems, options.language)
    return loaded.pack, compile_pack(loaded.pack)


@dataclass(slots=True)
class _Checked:
    """What a check found, pack by pack."""

    packs: int = 0
    problems: list[Problem] = field(default_factory=list)
    total: int = 0
    failed: int = 0
    counts: list[int] = field(default_factory=list)
    dead: list[str] = field(default_factory=list)

    @property
    def errors(self) -> int:
        return sum(item.severity == "error" for item in self.problems)

    def numbers(self) -> dict[str, int]:
        return {
            "packs": self.packs,
            "errors": self.errors,
            "warnings": len(self.problems) - self.errors,
            "passed": self.total - self.failed,
            "total": self.total,
        }


def check(options: argparse.Namespace) -> int:
    """Check packs and run their scenarios; with ``--watch``, again whenever a file of theirs changes."""
    names = [str(_folder(Path(path))) for path in options.paths] or list(list_packs(options.rules))
    if options.watch:
        return _watch(options, names)
    return _tell(_check(options, names), options)


def _check(options: argparse.Namespace, names: Iterable[str]) -> _Checked:
    found = _Checked()
    for name in names:
        given = find(name, options.rules)
        found.packs += 1
        found.problems += [item for item in given.problems if item not in found.problems]
        if given.shelf is None:
            continue
        loaded = load(given.name, given.shelf, scenarios=True)
        found.problems += [item for item in loaded.problems if item not in found.problems]
        if loaded.pack is None:
            continue
        found.problems += running.wrong_presumptions(loaded.pack)
        program = compile_pack(loaded.pack)
        for scenario in loaded.scenarios:
            result = running.run(loaded.pack, program, scenario)
            found.total += 1
            found.failed += not result.passed
            found.problems += result.differences
            level = scenario.expect.level
            if options.statistics and result.passed and level and len(level) == 1:
                found.counts.append(len(answered(program, accept(loaded.pack, scenario.facts))[0]))
        if options.prove:
            found.dead += _dead(program, options.language)
    return found


def _tell(found: _Checked, options: argparse.Namespace) -> int:
    language: Language = options.language
    counts = found.counts
    median = {"median": statistics.median(counts), "most": max(counts), "count": len(counts)} if counts else None
    if options.json:
        problems = [problem_data(item) for item in found.problems]
        say_json({**found.numbers(), "problems": problems, "questions": median})
    else:
        shown = as_github if options.format == "github" else word
        for item in found.problems:
            print(shown(item, language))
        for line in found.dead:
            print(line)
        print(say("checked", language, **found.numbers()))
        if median:
            print(say("median", language, **median))
    return FAILED if found.errors else OK


def problem_data(found: Problem) -> dict[str, Any]:
    """Return a problem as plain data."""
    return {
        "code": found.code,
        "severity": found.severity,
        "at": str(found.position) if found.position else None,
        "text": {"fr": word(found, "fr"), "en": word(found, "en")},
    }


def _watch(options: argparse.Namespace, names: Sequence[str]) -> int:
    """Check again the packs of which a file changed, until the person has enough."""
    stands: dict[str, tuple[Path, ...]] = {}  # where the files of each are, as it was last checked
    seen: dict[str, _Stamp] = {}
    code = OK
    try:
        while True:
            changed = [name for name in names if name not in seen or _stamp(stands[name]) != seen[name]]
            for name in changed:
                stands[name] = find(name, options.rules).folders()
                seen[name] = _stamp(stands[name])
            if changed:
                print(say("checked_at", options.language, time=f"{datetime.now():%H:%M:%S}"))  # noqa: DTZ005 - on the wall
                code = _tell(_check(options, changed), options)
                print(flush=True)
            time.sleep(_EVERY)
    except KeyboardInterrupt:
        return code


def _stamp(folders: Iterable[Path]) -> _Stamp:
    """Return what tells that a file in the folders was written anew, came or went."""
    found = []
    for folder in folders:
        for path in sorted(folder.rglob("*")) if folder.is_dir() else [folder]:
            try:
                state = path.stat()
            except OSError:
                continue  # taken away while we look: the next look sees it
            found.append((str(path), state.st_mtime_ns, state.st_size))
    return tuple(found)


def _folder(path: Path) -> Path:
    """Return the pack that a path stands in: its own folder, or the nearest above that has a pack.yaml."""
    above = [folder for folder in (path, *path.parents) if (folder / "pack.yaml").is_file()]
    return above[0] if path.exists() and above else path


def _dead(program: Program, language: Language) -> list[str]:
    from compliance.law.proofs import dead_rules  # noqa: PLC0415 - asks the solver

    found = [
        say("dead_true" if always else "dead_false", language, kind=kind, id=id_)
        for kind, id_, always in dead_rules(program)
    ]
    return found or [say("no_dead", language)]


def coverage(options: argparse.Namespace) -> int:
    """Say which provisions a pack encodes, by which entries, and which it does not and why."""
    pack, _ = one_pack(options)
    found, language = cover(pack), options.language
    label = {id_: provision.label for id_, provision in pack.provisions.items()}
    gaps = [id_ for id_, reason in found.not_encoded.items() if reason is None]
    if options.json:
        say_json(
            {
                "pack": {"id": pack.id, "version": pack.version, "folder": pack.folder},
                "encoded": {label[id_]: list(entries) for id_, entries in found.encoded.items()},
                "binds_others": {label[id_]: text(entry.because) for id_, entry in found.binds_others.items()},
                "not_encoded": {
                    label[id_]: text(entry.because) if entry else None for id_, entry in found.not_encoded.items()
                },
            }
        )
        return FAILED if gaps else OK
    print(f"{say('encoded', language)}{colon(language)} {len(found.encoded)}")
    for id_, entries in found.encoded.items():
        print(f"  {label[id_]}{colon(language)} {', '.join(entries)}")
    for key, group in (("binds_others", found.binds_others), ("not_encoded", found.not_encoded)):
        print(f"{say(key, language)}{colon(language)} {len(group)}")
        for id_, entry in group.items():
            why = entry.because.to(language) if entry else say("unexplained", language)
            print(f"  {label[id_]}{colon(language)} {why}")
    return FAILED if gaps else OK


def facts(options: argparse.Namespace) -> int:
    """List the questions of a pack."""
    pack, _ = one_pack(options)
    ordered = [pack.facts[id_] for id_ in sorted(pack.facts, key=lambda id_: reading_order(pack, id_))]
    if options.json:
        say_json([_fact(pack, fact.id) for fact in ordered])
        return OK
    section = ""
    for fact in ordered:
        if fact.section != section:
            section = fact.section
            print(f"\n{pack.sections[section].title.to(options.language)}")
        print(f"  {fact.id} ({fact.type.value}){colon(options.language)} {fact.question.to(options.language)}")
        for option in fact.options:
            print(f"      {option.id}{colon(options.language)} {option.label.to(options.language)}")
    return OK


def _fact(pack: Pack, id_: str) -> dict[str, Any]:
    fact = pack.facts[id_]
    return {
        "id": fact.id,
        "type": fact.type.value,
        "of": fact.of.value,
        "section": fact.section,
        "question": text(fact.question),
        "help": text(fact.help),
        "examples": [text(example) for example in fact.examples],
        "options": [
            {
                "id": option.id,
                "label": text(option.label),
                "help": text(option.help),
                "group": text(fact.groups[option.group]) if option.group else None,
                "citations": cited(option.cite, pack),
            }
            for option in fact.options
        ],
        "unit": text(fact.unit),
        "citations": cited(fact.cite, pack),
        "status": fact.status.value,
    }
