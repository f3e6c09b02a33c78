"""Rule files laid out anew, packs begun from the template, packs handed over as files and received."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from compliance.law.layout import CannotLayOutError, tidy
from compliance.law.loading import load
from compliance.law.new_pack import good_name, template
from compliance.law.problems import Problem, problem, word
from compliance.law.receiving import Received
from compliance.law.shelf import Files, Folder, Shelf, everything
from compliance.reports.identity import ERRORS, Identity, KeyFileError, fingerprint, read_identity
from compliance.reports.pack_signing import hand_over, receive
from compliance.terminal.handed import find, opened
from compliance.terminal.law import problem_data
from compliance.terminal.words import say
from compliance.terminal.wrong import FAILED, OK, WrongError, read, refused, say_json, write
from compliance.text import Language, Text


def lay_out(options: argparse.Namespace) -> int:
    """Lay rule files out anew, or say which are not laid out so."""
    language: Language = options.language
    untidy: list[Path] = []
    wrong: list[Problem] = []
    count = 0
    for path in _rule_files(options.paths, language):
        count += 1
        data = read(path, language)
        try:
            after = tidy(data, str(path))
        except CannotLayOutError as error:
            wrong += error.problems
            continue
        if after != data:
            untidy.append(path)
            if not options.check:
                _replace(path, after, language)
    if options.json:
        files = [path.as_posix() for path in untidy]
        say_json({"files": count, "changed": files, "problems": [problem_data(item) for item in wrong]})
    else:
        for item in wrong:
            print(word(item, language))
        for path in untidy:
            print(say("not_laid_out" if options.check else "laid_out", language, path=path))
        print(say("laid_out_count", language, files=count, changed=len(untidy)))
    return FAILED if wrong or (options.check and untidy) else OK


def _rule_files(paths: list[Path], language: Language) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(found for found in path.rglob("*.yaml") if found.is_file())
        elif path.is_file():
            yield path
        else:
            raise WrongError(say("cannot_read", language, path=path, why=say("not_there", language)))


def _replace(path: Path, content: bytes, language: Language) -> None:
    """Write beside and put in place: a file cut short by a full disk would be a rule lost."""
    beside = path.with_name(f".{path.name}.new")
    try:
        beside.write_bytes(content)
        beside.chmod(path.stat().st_mode & 0o777)
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise WrongError(say("cannot_write", language, path=path, why=error.strerror)) from None


def new(options: argparse.Namespace) -> int:
    """Begin an organisation's pack from the template."""
    language: Language = options.language
    name: str = options.name
    if not good_name(name):
        raise refused([problem("pack_name", None, id=name)], language)
    if name in Folder(options.rules, {}).packs():
        raise refused([problem("pack_taken", None, id=name)], language)
    _, base, _ = opened(options.on, options.rules, language)
    assert base.pack, "packs that do not load were refused"
    folder: Path = options.out or options.rules / name
    if folder.name != name:
        folder /= name
    if folder.exists():
        raise WrongError(say("exists", language, path=folder))
    title = Text(options.title or f"Règles internes : {name}", options.title or f"Internal rules: {name}")
    files = template(name, title, base.pack.folder, base.stack[0])
    for path, content in files.items():
        write(folder / path, content, language)
    if options.json:
        say_json({"pack": name, "folder": folder.as_posix(), "files": sorted(files)})
    else:
        print(say("pack_begun", language, path=folder))
    return OK


def hand(options: argparse.Namespace) -> int:
    """Hand a pack over as a file, or look at one that was handed over."""
    if options.action == "export":
        return _export(options)
    return _look(options)


def _export(options: argparse.Namespace) -> int:
    language: Language = options.language
    if options.out is None:
        raise WrongError(say("out_missing", language))
    given = find(options.pack, options.rules)
    if given.shelf is None:
        raise refused(given.problems, language)
    at = options.at or datetime.now(UTC).isoformat(timespec="seconds")
    identity = _identity(options)
    by = options.by or (identity.name if identity else "—")
    try:
        content = hand_over(given.name, given.shelf, identity, by, at)
    except KeyError:
        wrong = [item for item in load(given.name, given.shelf).problems if item.severity == "error"]
        raise refused(wrong, language) if wrong else WrongError(say("no_own_pack", language, id=given.name)) from None
    got = receive(content, _without(options.rules, given.name))
    if got.loaded is None:
        raise refused(got.problems, language)
    write(options.out, content, language)
    if not options.json:
        print(say("pack_written", language, path=options.out))
    return _tell(got, options)


def _without(rules: Path, name: str) -> Shelf:
    """Return the packs at hand but one: who receives it has it not."""
    folder = Folder(rules, {})
    return Files({path: data for path, data in everything(folder).items() if not path.startswith(f"{name}/")})


def _identity(options: argparse.Namespace) -> Identity | None:
    if not options.key:
        return None
    try:
        return read_identity(options.certificate or options.key, options.key)
    except KeyFileError as error:
        raise WrongError(error.text.to(options.language)) from None


def _look(options: argparse.Namespace) -> int:
    """Say whether a pack given as a file may be taken, and who signed it; "verify" asks for a signature."""
    language: Language = options.language
    content = read(Path(options.pack), language)
    got = receive(content, Folder(options.rules, {}))
    code = _tell(got, options)
    if code != OK or options.action == "check":
        return code
    if got.signed_by is None:
        return FAILED
    if options.certificate is None:
        return OK
    try:
        known = fingerprint(read(options.certificate, language))
    except ValueError:
        raise WrongError(ERRORS["certificate_unreadable"].to(language)) from None
    same = known == got.signed_by.fingerprint
    if not options.json:
        print(say("signed_as_known" if same else "signed_by_other", language))
    return OK if same else FAILED


def _tell(got: Received, options: argparse.Namespace) -> int:
    language: Language = options.language
    signer = got.signed_by
    if options.json:
        say_json(
            {
                "pack": got.name,
                "files": sorted(got.files),
                "manifest": dict(got.manifest),
                "signed_by": {"name": signer.name, "fingerprint": signer.fingerprint} if signer else None,
                "problems": [problem_data(item) for item in got.problems],
            }
        )
    else:
        for item in got.problems:
            print(word(item, language))
        if got.loaded is not None:
            print(say("pack_good", language, id=got.name, files=len(got.files)))
            values = {"name": signer.name, "fingerprint": signer.fingerprint} if signer else {}
            print(say("pack_signed" if signer else "pack_unsigned", language, **values))
    return OK if got.loaded is not None else FAILED
