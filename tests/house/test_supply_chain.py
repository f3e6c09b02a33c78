"""The list of parts names everything pinned; the audit fails on what is found, and says when nobody could be asked."""

import json
import os
import re
import subprocess
import sys
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path

import cyclonedx.schema
import jsonschema_rs
import pytest

PINNED = re.compile(r"(?m)^([a-z0-9][\w.-]*)(?:\[[\w,-]+\])?==([^\s;]+)")


def listed(folder, **environment):
    """Write the list of parts; return its bytes."""
    out = folder / "parts.json"
    command = [sys.executable, "script/sbom", str(out)]
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, **environment})
    return out.read_bytes()


def test_the_list_of_parts_names_every_pinned_part_with_its_hashes_and_is_the_same_each_time(tmp_path):
    written = listed(tmp_path, PYTHONHASHSEED="1")
    parts = {part["purl"]: part for part in json.loads(written)["components"]}
    lock = Path("requirements/run.txt").read_text()
    blocks = re.split(r"\n(?=\S)", lock)
    assert len(blocks) == len(PINNED.findall(lock)) > 70
    for block in blocks:
        name, version = PINNED.match(block).groups()
        part = parts[f"pkg:pypi/{name}@{version}"]
        hashes = [found["content"] for reference in part["externalReferences"] for found in reference["hashes"]]
        assert sorted(hashes) == sorted(re.findall(r"--hash=sha256:(\w{64})", block))
    editor = json.loads(Path("editor/package.json").read_text())["dependencies"]
    for name, version in editor.items():
        assert f"pkg:npm/{name.replace('@', '%40')}@{version}" in parts
    assert not [purl for purl in parts if "esbuild" in purl], "what only builds is no part"
    assert written == listed(tmp_path, PYTHONHASHSEED="2")
    assert parts["pkg:pypi/flask@" + dict(PINNED.findall(lock))["flask"]]["licenses"]
    assert b'"timestamp"' not in written
    assert b'"timestamp": "2026-01-01T00:00:00+00:00"' in listed(tmp_path, SOURCE_DATE_EPOCH="1767225600")


def test_the_list_of_parts_is_as_its_standard_says(tmp_path):
    schemas = Path(cyclonedx.schema.__file__).parent / "_res"
    schema, *others = (
        (f"http://cyclonedx.org/schema/{name}.SNAPSHOT.schema.json", json.loads(path.read_text()))
        for name in ("bom-1.6", "spdx", "jsf-0.82")
        for path in [schemas / f"{name}.SNAPSHOT.schema.json"]
    )
    registry = jsonschema_rs.Registry(others)
    found = json.loads(listed(tmp_path))
    check = jsonschema_rs.validator_for(schema[1], registry=registry)
    check.validate(found)
    assert not check.is_valid({**found, "components": [{"name": "of no type"}]})
    refs = {found["metadata"]["component"]["bom-ref"], *(part["bom-ref"] for part in found["components"])}
    needs = {entry["ref"]: entry.get("dependsOn", []) for entry in found["dependencies"]}
    assert set(needs) == refs
    elsewhere = {part["bom-ref"] for part in found["components"] if "properties" in part}  # on another system
    needed = {other for others in needs.values() for other in others}
    assert refs - {"pyramide"} - elsewhere <= needed <= refs


@pytest.fixture(scope="module")
def audit():
    loader = SourceFileLoader("audit", "script/audit")
    module = module_from_spec(spec_from_loader("audit", loader))
    loader.exec_module(module)
    return module


def test_an_advisory_fails_the_audit_and_a_service_that_is_away_does_not(audit, capsys):
    part = {"name": "flask", "version": "3.1.2", "vulns": [{"id": "CVE-2026-27205", "fix_versions": ["3.1.3"]}]}
    sound = {"name": "jinja2", "version": "3.1.6", "vulns": []}
    skipped = {"name": "ours", "skip_reason": "not found"}
    found = list(audit.of_advisories(json.dumps({"dependencies": [part, sound, skipped]}), ""))
    assert found == ["flask 3.1.2: CVE-2026-27205, mended in 3.1.3"]
    assert "asked on 2 parts of 3" in capsys.readouterr().out
    assert list(audit.of_advisories("", "requests.exceptions.ConnectionError: …")) == []
    assert "cannot be reached" in capsys.readouterr().out
    assert list(audit.of_advisories("", "ValueError: no such file")), "what breaks off is no service that is away"


def test_what_bandit_finds_beside_what_was_reviewed_fails_and_so_does_a_line_that_nothing_needs(audit):
    def result(file, test):
        return {"filename": f"./{file}", "test_id": test, "line_number": 7, "issue_text": "words"}

    reviewed = [result(file, test) for (file, test), (count, _) in audit.REVIEWED.items() for _ in range(count)]

    def said(results, errors=()):
        return list(audit.of_bandit(json.dumps({"results": results, "errors": list(errors)}), ""))

    assert said(reviewed) == []
    assert said([*reviewed, result("compliance/text.py", "B307")]) == [
        "Bandit B307 in compliance/text.py: 1 found (lines 7), 0 reviewed: words"
    ]
    assert len(said([*reviewed, reviewed[0]])) == 1
    assert "nothing any more" in said(reviewed[1:])[0]
    assert said(reviewed, [{"filename": "x.py", "reason": "syntax"}]) == ["Bandit could not read x.py: syntax"]
    assert list(audit.of_bandit("", "no module"))
