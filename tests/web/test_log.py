"""The organisation's log: words for every code, filters, export."""

import ast
import csv
import io
import re
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest

from compliance.operations import actions, organisation
from compliance.operations import people as op
from compliance.operations.log_words import DETAILS, EVENTS, KINDS, kind_of
from compliance.operations.rights import Role
from compliance.storage.audit import Wanted
from compliance.storage.people import Bounds


def _pattern(part):
    if isinstance(part, ast.JoinedStr):
        return "".join(re.escape(v.value) if isinstance(v, ast.Constant) else r"\w+" for v in part.values)
    return re.escape(part.value) if isinstance(part, ast.Constant) and isinstance(part.value, str) else None


def _logged():
    """Return every code and every name of a detail that an operation puts on the log; a code may be a pattern."""
    codes, details = set(), set()
    for path in Path("compliance").rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text())):
            if not isinstance(call, ast.Call):
                continue
            name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
            if name == "log" and call.args:
                what = call.args[0]
            elif name == "_log_everywhere":
                what = call.args[3]
            else:
                continue
            parts = (what.body, what.orelse) if isinstance(what, ast.IfExp) else (what,)
            found = [_pattern(part) for part in parts]
            if None not in found:
                codes.update(found)
                details |= {word.arg for word in call.keywords if word.arg}
    return codes, details


def test_every_code_and_every_detail_on_the_log_has_words():
    codes, details = _logged()
    assert len(codes) > 30
    for code in codes:
        assert any(re.fullmatch(code, known) for known in EVENTS), code
    silent = [known for known in EVENTS if not any(re.fullmatch(code, known) for code in codes)]
    assert not silent, "words for what nothing logs"
    assert details <= DETAILS.keys(), details - DETAILS.keys()


def test_every_code_is_of_one_kind():
    for code in EVENTS:
        assert [kind for kind in KINDS if code.startswith(kind)] == [kind_of(code)], code
    assert {kind_of(code) for code in EVENTS} == KINDS.keys()


@pytest.fixture
def lived(office, clock):
    """Return an organisation with two use cases, begun a day apart."""
    office.first = office.finished("Tri de CV")
    clock.forward(days=1)
    office.second = office.case("=cmd|' /C calc'!A0", technique="machine_learning")
    return office


def _rows(response):
    assert response.mimetype == "text/csv"
    text = response.get_data().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text), delimiter=";"))


def test_lines_speak_in_words_of_both_languages(visit, lived):
    page = visit("auditor").get("/log").page
    for words in ("Réponses présumées confirmées", "Cas d'usage créé", "IA-001 Tri de CV", "Réponse enregistrée"):
        assert words in page.text, words
    assert "case.begun" not in page.text
    assert f"/use-cases/{UUID(lived.first)}" in page.html
    visitor = visit("officer")
    visitor.get("/account")
    visitor.language = "en"
    page = visitor.post("/language", language="en", back="/log").page
    for words in ("Presumed answers confirmed", "Use case begun", "Answer recorded", "Last day"):
        assert words in page.text, words


def test_filters_narrow_page_count_and_export_alike(visit, lived, place):
    visitor = visit("auditor")
    officer = lived.people["officer"].person_id
    everything = len(_rows(visitor.get("/log.csv")))
    for query, holds in (
        (f"who={officer}", lambda row: row["Qui"] == "Officer"),
        ("kind=case", lambda row: row["Code"].startswith("case.")),
        ("kind=answer", lambda row: row["Code"] in ("answer.recorded", "answers.confirmed")),
        ("case=IA-001", lambda row: row["Objet"] == "IA-001 Tri de CV"),
        ("case=1", lambda row: row["Objet"] == "IA-001 Tri de CV"),
        ("from=2026-11-25", lambda row: row["Quand"] >= "2026-11-25"),
        ("until=2026-11-24", lambda row: row["Quand"] < "2026-11-25"),
        ("case=ia-002&kind=answer&from=2026-11-25&until=2026-11-25", lambda row: row["Code"] == "answer.recorded"),
    ):
        rows = _rows(visitor.get(f"/log.csv?{query}"))
        assert 0 < len(rows) < everything, query
        assert all(holds(row) for row in rows), query
        page = visitor.get(f"/log?{query}").page
        assert re.search(rf"\b{len(rows)} lignes?\b", page.text), query
        assert "/log.csv?" in page.html


def test_what_cannot_be_asked_is_left_out_or_named(visit, lived):
    visitor = visit("auditor")
    assert "Aucun cas d'usage ne porte le numéro IA-999" in visitor.get("/log?case=IA-999").page.text
    assert "Aucune ligne ne correspond" in visitor.get("/log?case=tri").page.text
    assert "Aucune ligne ne correspond" in visitor.get("/log?from=2026-11-25&until=2026-11-24").page.text
    every = re.search(r"(\d+) lignes", visitor.get("/log").page.text)[1]
    for query in ("from=hier", "until=2026-02-30", "kind=%25", "kind=x", "who=x", "page=x", "subject=x"):
        assert f"{every} lignes" in visitor.get(f"/log?{query}").page.text, query
    for query in ("case=²", "case=" + "9" * 300, "until=9999-12-31", "from=0001-01-01", "case=%00"):
        visitor.get(f"/log?{query}")
        visitor.get(f"/log.csv?{query}")


def test_the_export_holds_every_line_and_no_formula(visit, lived, place):
    response = visit("auditor").get("/log.csv")
    total = organisation.log(place, lived.people["officer"], Wanted(), page=1)[1]
    rows = _rows(response)
    assert [int(row["N°"]) for row in rows] == list(range(total, 0, -1))
    assert not re.search(r"(^|;)\"?[=+@-]", response.get_data(as_text=True), re.MULTILINE)
    begun = next(row for row in rows if row["Code"] == "case.begun" and row["Objet"].startswith("IA-002"))
    assert begun["Quoi"] == "Cas d'usage créé"
    assert "=cmd" in begun["Objet"]
    visit("contributor").get("/log.csv", 403)


def test_pages_keep_their_filter(visit, lived, place):
    officer = lived.people["officer"]
    for number in range(organisation.LOG_PER_PAGE):
        organisation.add_named(place, officer, "supplier", f"Fournisseur {number}")
    organisation.add_named(place, officer, "supplier", "Le dernier")
    page = visit("auditor").get("/log?kind=supplier").page
    assert "Page 1 sur 2" in page.text
    link = re.search(r'rel="next" href="([^"]+)"', page.html)[1].replace("&amp;", "&")
    assert "kind=supplier" in link
    text = visit("auditor").get(link).page.text
    assert "Fournisseur 0" in text
    assert "Cas d'usage créé" not in text


def test_details_are_in_words(visit, lived, place):
    officer, chief = lived.people["officer"], replace(lived.people["administrator"], has_totp=True)
    bounds = Bounds(lived.site("Figeac"), None, lived.place.today())
    target = lived.people["auditor"].person_id
    op.change_member(place, chief, target, roles=frozenset((Role.AUDITOR,)), active=True, bounds=bounds)
    many = [action.id for action in actions.of_case(place, officer, lived.first)][:2]
    actions.change_many(place, officer, many, state="in_progress", owner_id=None, due=None)
    text = visit("officer").get("/log").page.text.replace("\u00a0", " ")
    for words in (
        "après : Auditeur",
        "accès ouvert : oui",
        "site : Figeac",
        "dernier jour : 25 novembre 2026",
        "question : ",
        "Actions modifiées ensemble",
        "champs : état",
    ):
        assert words in text, words
    assert "machine_learning" not in text
    ours = _rows(visit("officer").get("/log.csv?case=1&kind=action"))
    assert ours[0]["Quoi"] == "Actions modifiées ensemble", "also found by its use case"
    assert many[0] in ours[0]["Détail"], "ids are whole in the export"
    assert many[0] not in text
