"""The command line: ``compliance check | assess | report | verify | interview | explain | coverage | facts | …``.

Exit codes: 0 all is well; 1 the rules or scenarios have errors, coverage has gaps, or a report is not in order;
2 the command or a file given to it is wrong.
"""

from __future__ import annotations

import argparse
import io
import json
import locale
import os
import statistics
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from compliance.assessment import scenarios as running
from compliance.assessment.evaluate import evaluate
from compliance.assessment.explain import explain
from compliance.assessment.facts import Facts, FactsError, accept
from compliance.assessment.freeze import cited, freeze, freeze_explanation, text
from compliance.assessment.interview import answered
from compliance.assessment.outcome import Outcome
from compliance.assessment.state import reading_order, run
from compliance.law.compiling import Program, compile_pack
from compliance.law.coverage import cover
from compliance.law.loading import list_packs, load_pack
from compliance.law.model import Pack
from compliance.law.problems import Problem, as_github, word
from compliance.law.scenarios import CaseFile, dump_case, load_case
from compliance.terminal.interview import interview
from compliance.terminal.show import explanation_lines, outcome_lines
from compliance.terminal.words import colon, say
from compliance.text import Language

RULES = Path(__file__).parent.parent / "rules"
DEFAULT_PACK = "ai-act-2026"
OK, FAILED, WRONG = 0, 1, 2


class _WrongError(Exception):
    """What the person gave cannot be used; the message is in the person's language."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal may lack some of our signs
    language = _language(given)
    options = _parser(language).parse_args(given)
    options.language = language
    try:
        code: int = options.run(options)
    except _WrongError as error:
        print(error, file=sys.stderr)
        return WRONG
    except BrokenPipeError:
        sys.stderr.close()
        return OK
    except KeyboardInterrupt:
        return 130
    return code


def _language(given: Sequence[str]) -> Language:
    for index, word_ in enumerate(given):
        if word_ == "--lang" and index + 1 < len(given) and given[index + 1] in ("fr", "en"):
            return "en" if given[index + 1] == "en" else "fr"
        if word_ in ("--lang=fr", "--lang=en"):
            return "en" if word_.endswith("en") else "fr"
    spoken = (
        os.environ.get("LC_ALL")
        or os.environ.get("LC_MESSAGES")
        or os.environ.get("LANG")
        or locale.getlocale()[0]
        or ""
    )
    return "en" if spoken.lower().startswith("en") else "fr"


def _parser(language: Language) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("compliance", description=say("description", language))
    _common(parser, language, rules=RULES, as_json=False)
    common = argparse.ArgumentParser(add_help=False)
    _common(common, language, rules=argparse.SUPPRESS, as_json=argparse.SUPPRESS)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run_: object) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=say(name, language), description=say(name, language), parents=[common])
        added.set_defaults(run=run_)
        return added

    check = command("check", _check)
    check.add_argument("paths", nargs="*", metavar="PATH")
    check.add_argument("--format", choices=("text", "github"), default="text", help=say("format", language))
    check.add_argument("--statistics", action="store_true", help=say("statistics", language))
    check.add_argument("--prove", action="store_true", help=say("prove", language))
    for name, run_ in (("assess", _assess), ("explain", _explain)):
        added = command(name, run_)
        added.add_argument("case", type=Path, metavar="CASE", help=say("case", language))
        added.add_argument("--pack", help=say("pack", language))
        added.add_argument("--on", help=say("on", language))
        if name == "explain":
            added.add_argument("id", metavar="ID", help=say("id", language))
    asked = command("interview", _interview)
    asked.add_argument("case", type=Path, nargs="?", metavar="CASE", help=say("case", language))
    asked.add_argument("--out", type=Path, help=say("out", language))
    asked.add_argument("--pack", help=say("pack", language))
    for name, run_ in (("coverage", _coverage), ("facts", _facts)):
        command(name, run_).add_argument("--pack", help=say("pack", language))
    for name in ("import", "export"):
        added = command(name, _convert)
        added.add_argument("case", type=Path, metavar="CASE", help=say("case", language))
        added.add_argument("--pack", help=say("pack", language))
        added.add_argument("--out", type=Path, help=say("out", language))
        added.add_argument("--format", choices=("yaml", "json"), default="yaml", help=say("format", language))
    made = command("report", _report)
    made.add_argument("case", type=Path, metavar="CASE", help=say("case", language))
    made.add_argument("--out", type=Path, required=True, metavar="FILE.pdf", help=say("out", language))
    made.add_argument("--form", choices=("full", "summary"), default="full", help=say("form", language))
    made.add_argument("--organisation", default="—", help=say("organisation", language))
    made.add_argument("--pack", help=say("pack", language))
    made.add_argument("--on", help=say("on", language))
    proved = command("verify", _verify)
    proved.add_argument("files", nargs="*", type=Path, metavar="FILE.pdf", help=say("file", language))
    proved.add_argument("--certificate", type=Path, metavar="CERT.pem", help=say("certificate", language))
    proved.add_argument("--log", type=Path, metavar="LOG.json", help=say("log", language))
    proved.add_argument(
        "--head", type=Path, action="append", default=[], metavar="HEAD.json", help=say("head", language)
    )
    proved.add_argument("--law", type=Path, action="append", default=[], metavar="PACK.zip", help=say("law", language))
    proved.add_argument("--pages", action="store_true", help=say("pages", language))
    served = command("serve", _serve)
    served.add_argument("--demo", action="store_true", help=say("demo", language))
    command("work", _work).add_argument("--site", type=int, metavar="PID", help=say("site", language))
    command("remind", _remind)
    return parser


def _common(parser: argparse.ArgumentParser, language: Language, *, rules: object, as_json: object) -> None:
    """Add what may stand before or after the command; after it, only what is given counts."""
    parser.add_argument("--lang", choices=("fr", "en"), help=say("lang", language), default=argparse.SUPPRESS)
    parser.add_argument("--rules", type=Path, default=rules, help=say("rules", language))
    parser.add_argument("--json", action="store_true", default=as_json, help=say("json", language))


def _say_json(value: object) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2))


def _refused(problems: Sequence[Problem], language: Language) -> _WrongError:
    return _WrongError("\n".join(word(item, language) for item in problems if item.severity == "error"))


def _pack(options: argparse.Namespace, named: str | None = None) -> tuple[Pack, Program]:
    loaded = load_pack(options.pack or named or DEFAULT_PACK, options.rules)
    if loaded.pack is None:
        raise _refused(loaded.problems, options.language)
    return loaded.pack, compile_pack(loaded.pack)


def _case(path: Path, language: Language) -> CaseFile:
    case, problems = load_case(path)
    if case is None:
        raise _refused(problems, language)
    return case


def _answered(options: argparse.Namespace) -> tuple[CaseFile, Pack, Program, Facts]:
    """Return the case given, its pack, and its answers as the pack accepts them."""
    case = _case(options.case, options.language)
    pack, program = _pack(options, case.pack)
    try:
        return case, pack, program, accept(pack, case.facts, case.positions)
    except FactsError as error:
        raise _refused(error.problems, options.language) from None


def _today(options: argparse.Namespace, case: CaseFile) -> date:
    if not options.on:
        return case.on or date.today()  # noqa: DTZ011 - the person's own day
    try:
        return date.fromisoformat(options.on)
    except ValueError:
        raise _WrongError(say("bad_on", options.language, value=options.on)) from None


def _check(options: argparse.Namespace) -> int:
    language: Language = options.language
    problems: list[Problem] = []
    counts: list[int] = []
    total = failed = 0
    packs = [_folder(Path(path)) for path in options.paths] or list_packs(options.rules)
    dead: list[str] = []
    for name in packs:
        loaded = load_pack(name, options.rules, scenarios=True)
        problems += [item for item in loaded.problems if item not in problems]
        if loaded.pack is None:
            continue
        problems += running.wrong_presumptions(loaded.pack)
        program = compile_pack(loaded.pack)
        for scenario in loaded.scenarios:
            result = running.run(loaded.pack, program, scenario)
            total += 1
            failed += not result.passed
            problems += result.differences
            level = scenario.expect.level
            if options.statistics and result.passed and level and len(level) == 1:
                counts.append(len(answered(program, accept(loaded.pack, scenario.facts))[0]))
        if options.prove:
            dead += _dead(program, language)
    shown = as_github if options.format == "github" else word
    errors = sum(item.severity == "error" for item in problems)
    numbers = {
        "packs": len(packs),
        "errors": errors,
        "warnings": len(problems) - errors,
        "passed": total - failed,
        "total": total,
    }
    median = {"median": statistics.median(counts), "most": max(counts), "count": len(counts)} if counts else None
    if options.json:
        _say_json(
            {
                **numbers,
                "problems": [
                    {
                        "code": p.code,
                        "severity": p.severity,
                        "at": str(p.position) if p.position else None,
                        "text": {"fr": word(p, "fr"), "en": word(p, "en")},
                    }
                    for p in problems
                ],
                "questions": median,
            }
        )
    else:
        for item in problems:
            print(shown(item, language))
        for line in dead:
            print(line)
        print(say("checked", language, **numbers))
        if median:
            print(say("median", language, **median))
    return FAILED if errors else OK


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


def _tell(options: argparse.Namespace, outcome: Outcome) -> int:
    if options.json:
        _say_json(freeze(outcome))
    else:
        print("\n".join(outcome_lines(outcome, options.language)))
    return OK


def _assess(options: argparse.Namespace) -> int:
    case, pack, program, facts = _answered(options)
    return _tell(options, evaluate(pack, program, facts, _today(options, case)))


def _explain(options: argparse.Namespace) -> int:
    _, pack, program, facts = _answered(options)
    found = explain(run(program, facts), options.id)
    if found is None:
        raise _WrongError(say("unknown_id", options.language, id=options.id))
    if options.json:
        _say_json(freeze_explanation(found, pack))
    else:
        print("\n".join(explanation_lines(found, options.language)))
    return OK


def _interview(options: argparse.Namespace) -> int:
    resumed = options.case or (options.out if options.out and options.out.exists() else None)
    case = _case(resumed, options.language) if resumed else CaseFile(None, None, None, {}, {})
    pack, program = _pack(options, case.pack)
    case = replace(case, pack=pack.folder)
    out = options.out or options.case
    try:
        answers = interview(program, case, out, options.language, input, print)
    except FactsError as error:
        raise _refused(error.problems, options.language) from None
    except OSError as error:
        raise _WrongError(say("cannot_write", options.language, path=out, why=error.strerror)) from None
    return _tell(options, evaluate(pack, program, accept(pack, answers), case.on or date.today()))  # noqa: DTZ011


def _coverage(options: argparse.Namespace) -> int:
    pack, _ = _pack(options)
    found, language = cover(pack), options.language
    label = {id_: provision.label for id_, provision in pack.provisions.items()}
    gaps = [id_ for id_, reason in found.not_encoded.items() if reason is None]
    if options.json:
        _say_json(
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


def _facts(options: argparse.Namespace) -> int:
    pack, _ = _pack(options)
    ordered = [pack.facts[id_] for id_ in sorted(pack.facts, key=lambda id_: reading_order(pack, id_))]
    if options.json:
        _say_json([_fact(pack, fact.id) for fact in ordered])
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


def _convert(options: argparse.Namespace) -> int:
    case, _, _, _ = _answered(options)
    content = dump_case(case, as_json=options.json or options.format == "json")
    if options.out is None:
        print(content, end="")
        return OK
    if options.out.exists():
        raise _WrongError(say("exists", options.language, path=options.out))
    try:
        options.out.write_text(content, encoding="utf-8")
    except OSError as error:
        raise _WrongError(say("cannot_write", options.language, path=options.out, why=error.strerror)) from None
    return OK


def _report(options: argparse.Namespace) -> int:
    from compliance.terminal.report import CannotReportError, write_draft  # noqa: PLC0415 - only this renders

    case, pack, program, facts = _answered(options)
    if options.out.exists():
        raise _WrongError(say("exists", options.language, path=options.out))
    outcome = evaluate(pack, program, facts, _today(options, case))
    try:
        write_draft(case, facts, outcome, options.language, options.form, options.organisation, options.out)
    except CannotReportError as error:
        raise _WrongError(str(error)) from None
    return OK


def _verify(options: argparse.Namespace) -> int:
    from compliance.terminal.verify import CannotVerifyError, Given, verify  # noqa: PLC0415 - only this reads PDF

    given = Given(
        options.files, options.certificate, options.log, options.head, options.law, options.rules, options.pages
    )
    try:
        return verify(given, options.language, as_json=options.json)
    except CannotVerifyError as error:
        raise _WrongError(str(error)) from None


def _serve(options: argparse.Namespace) -> int:
    from compliance.terminal import running  # noqa: PLC0415 - the other commands need no database
    from compliance.web.serve import serve  # noqa: PLC0415 - nor pages

    try:
        return running.serve(options.language, serve, demo=options.demo)
    except running.CannotRunError as error:
        raise _WrongError(str(error)) from None


def _work(options: argparse.Namespace) -> int:
    from compliance import jobs  # noqa: PLC0415 - the other commands need no queue
    from compliance.terminal import running  # noqa: PLC0415 - nor a database

    try:
        return running.work(options.language, lambda place: jobs.work(place, site=options.site))
    except running.CannotRunError as error:
        raise _WrongError(str(error)) from None


def _remind(options: argparse.Namespace) -> int:
    from compliance.terminal import running  # noqa: PLC0415 - the other commands need no database

    try:
        return running.remind(options.language)
    except running.CannotRunError as error:
        raise _WrongError(str(error)) from None


if __name__ == "__main__":
    sys.exit(main())
