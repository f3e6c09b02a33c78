"""The page of security names tests that are there; rules that hold of the source alone."""

import ast
import re
from pathlib import Path
from time import process_time

import pytest
from sqlalchemy import ForeignKeyConstraint

from compliance.storage.schema import SCHEMA

PAGE = Path("docs/security.md")
SOURCES = {path: ast.parse(path.read_text()) for path in sorted(Path("compliance").rglob("*.py"))}
MARKUP = {"compliance/reports/words.py", "compliance/reports/drawings.py"}

UNSAFE = {"pickle", "marshal", "shelve", "xml.sax", "xml.dom.minidom", "fromstring", "iterparse"}  # defusedxml reads
COMPILER = "compliance/law/compiling.py"  # from conditions that were read as data, to sums of bits


def test_every_test_that_the_page_names_is_there():
    rows = re.findall(r"^\| (\d+) \|(.+)\|$", PAGE.read_text(), re.MULTILINE)
    assert [int(number) for number, _ in rows] == list(range(1, 31)), "each rule once, in order"
    for number, row in rows:
        where, tests = row.split("|")[-2:]
        named = re.findall(r"`([\w/]+\.py)::(test_\w+)`", tests)
        assert named or "**open**" in tests, number
        for file, test in named:
            assert re.search(rf"^def {test}\(", Path("tests", file).read_text(), re.MULTILINE), (number, file, test)
        for place in re.findall(r"`([\w/.-]+\.(?:py|txt|toml)|[\w/]+/)`", where):
            assert Path(place).exists() or Path("compliance", place).exists(), (number, place)


def test_no_row_of_an_organisation_points_into_another():
    """Keys between rows of organisations carry the organisation itself."""
    for table in SCHEMA.tables.values():
        if "org_id" not in table.primary_key.columns:
            continue
        for key in table.constraints:
            if isinstance(key, ForeignKeyConstraint) and "org_id" in key.referred_table.primary_key.columns:
                assert "org_id" in key.column_keys, (table.name, key.column_keys)


def test_dangerous_ways_are_not_taken():
    """No text becomes code or markup, no form fills a row by itself, nothing is unpickled, no shell runs."""
    for path, tree in SOURCES.items():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            direct = isinstance(node.func, ast.Name)
            assert name not in {"render_template_string", "populate_obj"}, path
            assert not (direct and name in {"eval", "exec", "__import__"}) or str(path) == COMPILER, path
            assert name != "Markup" or str(path) in MARKUP, path
            assert not any(word.arg == "shell" for word in node.keywords), path
        for node in ast.walk(tree):
            if isinstance(node, ast.Import | ast.ImportFrom):
                names = {alias.name for alias in node.names} | {getattr(node, "module", None)}
                assert not names & UNSAFE, path


SEARCHING = {"search", "sub", "subn", "findall", "finditer", "split"}


def _patterns():
    """Return the patterns of the code: where, what, and whether they are searched for within a text."""
    for path, tree in SOURCES.items():
        used = {
            node.func.value.id
            for node in ast.walk(tree)
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
            and node.func.attr in SEARCHING
        }
        names = {id(node.value): ast.unparse(node.targets[0]) for node in tree.body if isinstance(node, ast.Assign)}
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and isinstance(node.func.value, ast.Name)
                and node.func.value.id == "re"
                and node.args
                and isinstance(node.args[0], ast.Constant)
            ):
                name = names.get(id(node))
                searched = node.func.attr in SEARCHING or (node.func.attr == "compile" and (not name or name in used))
                yield path, node.args[0].value, searched


def test_patterns_read_a_long_near_miss_in_time():
    """A hundred thousand signs that nearly match take no time to speak of, nor twenty thousand where we search."""
    patterns = list(_patterns())
    assert len(patterns) > 30
    assert sum(searched for *_, searched in patterns) > 15
    for path, pattern, searched in patterns:
        for seed in ("a", "1", " ", "a-", "a.", "/a", "(a", "<a", "art. 1(", "1 a"):
            text = (seed * 100_000)[:100_000] + "!\x00"
            given = text.encode() if isinstance(pattern, bytes) else text
            began = process_time()
            re.fullmatch(pattern, given)
            if searched:
                list(re.finditer(pattern, given[-20_000:]))
            assert process_time() - began < 5, (path, pattern, seed)


LEAST = {"flask": (3, 1, 3), "werkzeug": (3, 1, 9), "jinja2": (3, 1, 6), "pyyaml": (6, 0, 3), "weasyprint": (70, 0)}


@pytest.mark.parametrize("lock", ["run", "dev"])
def test_every_dependency_is_pinned_with_its_hashes_and_has_no_known_hole(lock):
    text = Path(f"requirements/{lock}.txt").read_text()
    blocks = re.split(r"\n(?=[a-zA-Z0-9])", re.sub(r"(?m)^\s*#.*\n?", "", text).strip())
    pinned = {}
    for block in blocks:
        found = re.match(r"([\w.-]+)(?:\[[\w,-]+\])?==(\d[\w.+!-]*)", block)
        assert found, block[:80]
        assert "--hash=sha256:" in block, block[:80]
        pinned[found[1].lower()] = tuple(int(part) for part in re.findall(r"\d+", found[2]))
    assert {name for name, least in LEAST.items() if pinned[name] < least} == set()
