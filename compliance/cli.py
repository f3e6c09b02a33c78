"""The command line: ``compliance check | diff | prove | assess | report | verify | interview | explain | facts | …``.

Exit codes: 0 all is well; 1 the rules or scenarios have errors, coverage has gaps, or a report is not in order;
2 the command or a file given to it is wrong.
"""

from __future__ import annotations

import argparse
import io
import locale
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from compliance.assessment.evaluate import evaluate
from compliance.assessment.explain import explain
from compliance.assessment.facts import Facts, FactsError, accept
from compliance.assessment.freeze import freeze, freeze_explanation
from compliance.assessment.outcome import Outcome
from compliance.assessment.state import run
from compliance.law.compiling import Program
from compliance.law.model import Pack
from compliance.law.scenarios import CaseFile, dump_case, load_case
from compliance.terminal import law
from compliance.terminal.interview import interview
from compliance.terminal.law import one_pack
from compliance.terminal.show import explanation_lines, outcome_lines
from compliance.terminal.words import say
from compliance.terminal.wrong import FAILED, OK, WRONG, WrongError, refused, say_json
from compliance.text import Language

__all__ = ["FAILED", "OK", "WRONG", "main"]

RULES = Path(__file__).parent.parent / "rules"


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
    except WrongError as error:
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

    _law_commands(command, language)
    for name, run_ in (("assess", _assess), ("explain", _explain)):
        added = command(name, run_)
        added.add_argument("case", type=Path, metavar="CASE", help=say("case", language))
        added.add_argument("--pack", help=say("text_applied", language))
        added.add_argument("--on", help=say("on", language))
        if name == "explain":
            added.add_argument("id", metavar="ID", help=say("id", language))
    asked = command("interview", _interview)
    asked.add_argument("case", type=Path, nargs="?", metavar="CASE", help=say("case", language))
    asked.add_argument("--out", type=Path, help=say("out", language))
    asked.add_argument("--pack", help=say("text_applied", language))
    for name in ("import", "export"):
        added = command(name, _convert)
        added.add_argument("case", type=Path, metavar="CASE", help=say("case", language))
        added.add_argument("--pack", help=say("text_applied", language))
        added.add_argument("--out", type=Path, help=say("out", language))
        added.add_argument("--format", choices=("yaml", "json"), default="yaml", help=say("form_of_result", language))
    made = command("report", _report)
    made.add_argument("case", type=Path, metavar="CASE", help=say("case", language))
    made.add_argument("--out", type=Path, required=True, metavar="FILE.pdf", help=say("out", language))
    made.add_argument("--form", choices=("full", "summary"), default="full", help=say("form", language))
    made.add_argument("--organisation", default="—", help=say("organisation_in_report", language))
    made.add_argument("--pack", help=say("text_applied", language))
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
    command("migrate", _migrate)
    _keeping_commands(command, language)
    return parser


def _keeping_commands(command: Callable[[str, object], argparse.ArgumentParser], language: Language) -> None:
    """Add the commands that lose nothing."""
    kept = command("backup", _keeping("backup"))
    kept.add_argument("--out", type=Path, required=True, metavar="FILE|FOLDER", help=say("backup_out", language))
    back = command("restore", _keeping("restore"))
    back.add_argument("file", type=Path, metavar="FILE", help=say("backup_file", language))
    back.add_argument("--into", type=Path, required=True, metavar="INSTANCE", help=say("into", language))
    back.add_argument("--replace", action="store_true", help=say("replace", language))
    back.add_argument("--despite-faults", action="store_true", help=say("despite_faults", language))
    given = command("organisation", _keeping("organisation"))
    given.add_argument("action", choices=("export", "erase"), help=say("organisation_action", language))
    given.add_argument("organisation", metavar="ORG", help=say("organisation_named", language))
    given.add_argument("--out", type=Path, required=True, metavar="FILE", help=say("out", language))
    given.add_argument("--confirm", metavar="NAME", help=say("confirm", language))
    checked = command("verify-store", _keeping("verify_store"))
    checked.add_argument(
        "--head", type=Path, action="append", default=[], metavar="HEAD.json", help=say("head", language)
    )


def _law_commands(command: Callable[[str, object], argparse.ArgumentParser], language: Language) -> None:
    """Add the commands about packs: those that legal teams use."""
    check = command("check", law.check)
    check.add_argument("paths", nargs="*", metavar="PATH")
    check.add_argument("--format", choices=("text", "github"), default="text", help=say("form_of_result", language))
    check.add_argument("--statistics", action="store_true", help=say("statistics", language))
    check.add_argument("--prove", action="store_true", help=say("without_effect", language))
    check.add_argument("--watch", action="store_true", help=say("watch", language))
    for name, run_ in (("coverage", law.coverage), ("facts", law.facts)):
        command(name, run_).add_argument("--pack", help=say("text_applied", language))
    differ = command("diff", _diff)
    for name in ("before", "after"):
        differ.add_argument(name, metavar="PACK", help=say("given_pack", language))
    differ.add_argument("--meaning", action="store_true", help=say("meaning", language))
    differ.add_argument("--impact", metavar="DB", help=say("impact", language))
    command("prove", _prove).add_argument("packs", nargs="*", metavar="PACK", help=say("given_pack", language))
    laid = command("format", _files("lay_out"))
    laid.add_argument("paths", nargs="+", type=Path, metavar="PATH", help=say("rule_files", language))
    laid.add_argument("--check", action="store_true", help=say("only_check", language))
    begun = command("new", _files("new"))
    begun.add_argument("kind", choices=("pack",), help=say("kind", language))
    begun.add_argument("name", metavar="NAME", help=say("pack_called", language))
    begun.add_argument("--on", default=law.DEFAULT_PACK, metavar="PACK", help=say("builds_on", language))
    begun.add_argument("--title", help=say("pack_title", language))
    begun.add_argument("--out", type=Path, metavar="FOLDER", help=say("out_folder", language))
    handed = command("pack", _files("hand"))
    handed.add_argument("action", choices=("export", "check", "verify"), help=say("pack_action", language))
    handed.add_argument("pack", metavar="PACK", help=say("given_pack", language))
    handed.add_argument("--out", type=Path, metavar="FILE.zip", help=say("out", language))
    handed.add_argument("--key", type=Path, metavar="KEY.pem", help=say("key", language))
    handed.add_argument("--certificate", type=Path, metavar="CERT.pem", help=say("certificate", language))
    handed.add_argument("--by", help=say("by", language))
    handed.add_argument("--at", help=say("at", language))


def _diff(options: argparse.Namespace) -> int:
    from compliance.terminal import law_changes  # noqa: PLC0415 - only this compares

    return law_changes.diff(options)


def _prove(options: argparse.Namespace) -> int:
    from compliance.terminal import law_changes  # noqa: PLC0415 - only this proves

    return law_changes.prove(options)


def _files(name: str) -> Callable[[argparse.Namespace], int]:
    def run_(options: argparse.Namespace) -> int:
        from compliance.terminal import law_files  # noqa: PLC0415 - only these write rule files

        code: int = getattr(law_files, name)(options)
        return code

    return run_


def _keeping(name: str) -> Callable[[argparse.Namespace], int]:
    def run_(options: argparse.Namespace) -> int:
        from compliance.terminal import keeping  # noqa: PLC0415 - only these need a database and a key

        code: int = getattr(keeping, name)(options)
        return code

    return run_


def _common(parser: argparse.ArgumentParser, language: Language, *, rules: object, as_json: object) -> None:
    """Add what may stand before or after the command; after it, only what is given counts."""
    parser.add_argument("--lang", choices=("fr", "en"), help=say("lang", language), default=argparse.SUPPRESS)
    parser.add_argument("--rules", type=Path, default=rules, help=say("rules", language))
    parser.add_argument("--json", action="store_true", default=as_json, help=say("json", language))


def _case(path: Path, language: Language) -> CaseFile:
    case, problems = load_case(path)
    if case is None:
        raise refused(problems, language)
    return case


def _answered(options: argparse.Namespace) -> tuple[CaseFile, Pack, Program, Facts]:
    """Return the case given, its pack, and its answers as the pack accepts them."""
    case = _case(options.case, options.language)
    pack, program = one_pack(options, case.pack)
    try:
        return case, pack, program, accept(pack, case.facts, case.positions)
    except FactsError as error:
        raise refused(error.problems, options.language) from None


def _today(options: argparse.Namespace, case: CaseFile) -> date:
    if not options.on:
        return case.on or date.today()  # noqa: DTZ011 - the person's own day
    try:
        return date.fromisoformat(options.on)
    except ValueError:
        raise WrongError(say("bad_on", options.language, value=options.on)) from None


def _tell(options: argparse.Namespace, outcome: Outcome) -> int:
    if options.json:
        say_json(freeze(outcome))
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
        raise WrongError(say("unknown_id", options.language, id=options.id))
    if options.json:
        say_json(freeze_explanation(found, pack))
    else:
        print("\n".join(explanation_lines(found, options.language)))
    return OK


def _interview(options: argparse.Namespace) -> int:
    resumed = options.case or (options.out if options.out and options.out.exists() else None)
    case = _case(resumed, options.language) if resumed else CaseFile(None, None, None, {}, {})
    pack, program = one_pack(options, case.pack)
    case = replace(case, pack=pack.folder)
    out = options.out or options.case
    try:
        answers = interview(program, case, out, options.language, input, print)
    except FactsError as error:
        raise refused(error.problems, options.language) from None
    except OSError as error:
        raise WrongError(say("cannot_write", options.language, path=out, why=error.strerror)) from None
    return _tell(options, evaluate(pack, program, accept(pack, answers), case.on or date.today()))  # noqa: DTZ011


def _convert(options: argparse.Namespace) -> int:
    case, _, _, _ = _answered(options)
    content = dump_case(case, as_json=options.json or options.format == "json")
    if options.out is None:
        print(content, end="")
        return OK
    if options.out.exists():
        raise WrongError(say("exists", options.language, path=options.out))
    try:
        options.out.write_text(content, encoding="utf-8")
    except OSError as error:
        raise WrongError(say("cannot_write", options.language, path=options.out, why=error.strerror)) from None
    return OK


def _report(options: argparse.Namespace) -> int:
    from compliance.terminal.report import CannotReportError, write_draft  # noqa: PLC0415 - only this renders

    case, pack, program, facts = _answered(options)
    if options.out.exists():
        raise WrongError(say("exists", options.language, path=options.out))
    outcome = evaluate(pack, program, facts, _today(options, case))
    try:
        write_draft(case, facts, outcome, options.language, options.form, options.organisation, options.out)
    except CannotReportError as error:
        raise WrongError(str(error)) from None
    return OK


def _verify(options: argparse.Namespace) -> int:
    from compliance.terminal.verify import CannotVerifyError, Given, verify  # noqa: PLC0415 - only this reads PDF

    given = Given(
        options.files, options.certificate, options.log, options.head, options.law, options.rules, options.pages
    )
    try:
        return verify(given, options.language, as_json=options.json)
    except CannotVerifyError as error:
        raise WrongError(str(error)) from None


def _serve(options: argparse.Namespace) -> int:
    from compliance.terminal import running  # noqa: PLC0415 - the other commands need no database
    from compliance.web.serve import serve  # noqa: PLC0415 - nor pages

    try:
        return running.serve(options.language, serve, demo=options.demo)
    except running.CannotRunError as error:
        raise WrongError(str(error)) from None


def _work(options: argparse.Namespace) -> int:
    from compliance import jobs  # noqa: PLC0415 - the other commands need no queue
    from compliance.terminal import running  # noqa: PLC0415 - nor a database

    try:
        return running.work(options.language, lambda place: jobs.work(place, site=options.site))
    except running.CannotRunError as error:
        raise WrongError(str(error)) from None


def _migrate(options: argparse.Namespace) -> int:
    from compliance.terminal import running  # noqa: PLC0415 - the other commands need no database

    try:
        return running.migrate(options.language)
    except running.CannotRunError as error:
        raise WrongError(str(error)) from None


def _remind(options: argparse.Namespace) -> int:
    from compliance.terminal import running  # noqa: PLC0415 - the other commands need no database

    try:
        return running.remind(options.language)
    except running.CannotRunError as error:
        raise WrongError(str(error)) from None


if __name__ == "__main__":
    sys.exit(main())
