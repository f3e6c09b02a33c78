"""Habits of the house, held by tests."""

import re
import subprocess
from pathlib import Path

import pytest

FILES = subprocess.run(["git", "ls-files"], capture_output=True, text=True, check=True).stdout.split("\n")[:-1]
TEXTS = [path for path in FILES if not path.endswith((".png", ".woff2", "LICENSE")) and Path(path).is_file()]


def test_no_module_is_long():
    long = {p: n for p in FILES if p.startswith("compliance/") and (n := len(Path(p).read_text().split("\n"))) > 490}
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
            assert not re.search(r"\b(today|now)\(\)|import (time|random|socket|urllib)", text), path
