"""Habits of the house, held by tests."""

import re
import subprocess
from pathlib import Path

import pytest
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_file
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

from compliance.operations.vocabulary import FUNCTIONS, SECTORS
from tests import the_law

FILES = subprocess.run(["git", "ls-files"], capture_output=True, text=True, check=True).stdout.split("\n")[:-1]
BINARY = (".docx", ".png", ".woff2", ".mo", ".min.js", "LICENSE")
TEXTS = [path for path in FILES if not path.endswith(BINARY) and Path(path).is_file()]


def test_no_module_is_long():
    long = {
        p: n
        for p in TEXTS
        if p.startswith("compliance/") and p.endswith(".py") and (n := len(Path(p).read_text().split("\n"))) > 490
    }
    assert not long


@pytest.mark.parametrize("path", [p for p in FILES if p.startswith("rules/") and p.endswith(".yaml")])
def test_rule_files_name_their_schema(path):
    first = Path(path).read_text().split("\n", 1)[0]
    match = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", first)
    assert match
    assert (Path(path).parent / match[1]).resolve().is_file()


def test_nothing_of_a_machine_is_kept():
    for path in TEXTS:
        if path != "tests/house/test_house.py":
            text = Path(path).read_text()
            assert not re.search(r"/(home|root|work|tmp)/\w", text) or path.startswith("tests/"), path
            assert "--index-url" not in text, path


def test_links_in_documents_lead_somewhere():
    for path in (p for p in TEXTS if p.endswith(".md")):
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", Path(path).read_text()):
            assert target.startswith("http") or (Path(path).parent / target).exists(), (path, target)


def test_only_one_module_reads_yaml_and_the_domain_reads_no_clock():
    for path in (p for p in FILES if p.startswith("compliance/") and p.endswith(".py")):
        text = Path(path).read_text()
        assert "import yaml" not in text or path == "compliance/law/reading.py", path
        if path.startswith(("compliance/law/", "compliance/assessment/")):
            assert not re.search(r"\b(today|now)\(\)|import (time|random|socket|urllib)\b", text), path


CATALOGUE = Path("compliance/web/translations/fr/LC_MESSAGES")


def test_every_word_of_the_interface_is_in_french():
    """Messages that are missing or changed are named; script/messages brings the catalogue up to date."""
    found = set()
    keywords = {**DEFAULT_KEYWORDS, "_l": None, "lazy_gettext": None}
    for method, files in (("python", Path("compliance").rglob("*.py")), ("jinja2", Path("templates").rglob("*.html"))):
        extractor = method if method == "python" else "jinja2.ext:babel_extract"
        for path in files:
            options = {"encoding": "utf-8"}
            for _, message, *_ in extract_from_file(extractor, path, keywords=keywords, options=options):
                found.add(message if isinstance(message, str) else tuple(message)[:2])
    with (CATALOGUE / "messages.po").open("rb") as file:
        words = {message.id: message.string for message in read_po(file) if message.id}
    assert found <= words.keys(), found - words.keys()
    assert words.keys() <= found, words.keys() - found
    empty = [id_ for id_, said in words.items() if not (said if isinstance(said, str) else all(said))]
    assert not empty
    with (CATALOGUE / "messages.mo").open("rb") as file:
        compiled = {
            message.id if isinstance(message.id, str) else tuple(message.id): message.string
            for message in read_mo(file)
            if message.id
        }
    plain = {id_: said if isinstance(said, str) else tuple(said) for id_, said in compiled.items()}
    assert plain == words, "run script/messages"


def test_templates_hold_no_live_code():
    for path in (p for p in TEXTS if p.startswith("templates/")):
        text = Path(path).read_text()
        assert "|safe" not in text, path
        assert not re.search(r"\s(style|on[a-z]+)=\"", text), path
        assert "<script>" not in text, path


def test_catalogue_speaks_of_functions_and_sectors_of_the_inventory():
    for entry in the_law.loaded().pack.catalogue.values():
        assert entry.function in FUNCTIONS, entry.id
        assert entry.sector is None or entry.sector in SECTORS, entry.id


def test_every_setting_is_documented():
    settings = set(re.findall(r'"(PYRAMIDE_[A-Z_]+)"', Path("compliance/config.py").read_text()))
    documented = set(re.findall(r"`(PYRAMIDE_[A-Z_]+)`", Path("docs/settings.md").read_text()))
    assert settings == documented
