"""Rules changed, read, published, brought back, with a real store and the real processes that analyse."""

from datetime import date, timedelta

import pytest

from compliance.operations import bench, cases, drafting, publishing, texts
from compliance.operations.cases import Description
from compliance.operations.rights import Role
from compliance.operations.workplace import NotAllowedError, NotFoundError, RefusedError
from compliance.storage import studio
from compliance.storage.rows import ConflictError
from tests.offices import Office

TEXT = "ai-act-2026"
FILE = "practices.yaml"


@pytest.fixture(scope="module", autouse=True)
def _processes():
    yield
    bench.stop()


@pytest.fixture
def legal(place):
    """Return an organisation with two legal editors and an officer."""
    held = frozenset((Role.LEGAL_EDITOR,))
    return Office.open(place, "Forge", {"ada": held, "basile": held, "officer": frozenset((Role.OFFICER,))})


def edited(place, actor, old, new):
    """Return a draft with one replacement in the file that holds it."""
    id_ = drafting.begin(place, actor, TEXT, "Essai")
    found = drafting.opened(place, actor, id_)
    path = next(path for path in found.own if old in found.text(path))
    drafting.save(place, actor, id_, path, found.text(path).replace(old, new), 0)
    return id_, path


OLD = "- staff: {less_than: 750}"
NEW = "- staff: {less_than: 700}"


def test_a_change_goes_from_draft_to_published_version(place, legal, clock):
    ada, basile, officer = (legal.people[name] for name in ("ada", "basile", "officer"))
    case = cases.begin(place, officer, Description("Robot"), presumed={})
    id_, path = edited(place, ada, OLD, NEW)
    found = bench.analysis(place, ada, id_, frozenset(("problems", "meaning", "impact")), path=path, line=1)
    assert found["loads"]
    assert found["meaning"]["changes"]
    assert not found["meaning"]["alike"]
    assert found["impact"]["cases"] == 1
    for broken in ({"note_fr": ""}, {"effect": place.today() - timedelta(days=1)}):
        with pytest.raises(RefusedError):
            publishing.hand_in(place, ada, id_, **{**NOTES, "effect": place.today(), **broken})
    scenarios = bench.analysis(place, ada, id_, frozenset(("scenarios",)))["scenarios"]["failed"]
    if scenarios:  # the scenarios on that boundary are part of the same change
        with pytest.raises(RefusedError) as refused:
            publishing.hand_in(place, ada, id_, **NOTES, effect=place.today())
        assert refused.value.code == "scenarios_fail"
        for file in {item["file"] for item in scenarios}:
            drafting.save(place, ada, id_, file, None, 0)
    publishing.hand_in(place, ada, id_, **NOTES, effect=place.today())
    with pytest.raises(RefusedError):
        publishing.publish(place, ada, id_)
    with pytest.raises(RefusedError):
        drafting.save(place, ada, id_, path, "typed: late", 1)
    version = publishing.publish(place, basile, id_)
    assert (version.number, version.author_id, version.approver_id) == (1, ada.person_id, basile.person_id)
    assert "definitions/small_mid_cap" in version.changed
    assert place.library.law(version.name).pack.hash == version.hash
    assert place.library.law(TEXT).pack.hash != version.hash
    with place.database.reading() as connection:
        assert texts.current(connection, place, legal.org, TEXT) == version.name
    dossier = cases.search(place, officer, cases.Filter(), sort="name", descending=False, page=1)[0][0]
    assert (dossier.case.id, dossier.case.pack) == (case, TEXT)  # what was begun keeps its text
    back = drafting.begin(place, basile, version.name, "Retour")
    drafting.save(place, basile, back, path, drafting.opened(place, basile, back).text(path).replace(NEW, OLD), 0)
    assert bench.analysis(place, basile, back, frozenset(("problems",)))["loads"]


NOTES = {"note_fr": "Seuil abaissé.", "note_en": "Lower threshold."}


def test_an_earlier_version_comes_back_as_a_new_one(place, legal):
    ada, basile = legal.people["ada"], legal.people["basile"]
    hashes = []
    for comment in ("# une", "# deux"):
        with place.database.reading() as connection:
            name = texts.current(connection, place, legal.org, TEXT)
        id_ = drafting.begin(place, ada, name, comment)
        text = drafting.opened(place, ada, id_).text(FILE)
        drafting.save(place, ada, id_, FILE, f"{text}{comment}\n", 0)
        assert bench.analysis(place, ada, id_, frozenset(("meaning",)))["meaning"]["alike"]
        publishing.hand_in(place, ada, id_, **NOTES, effect=place.today())
        hashes.append(publishing.publish(place, basile, id_).hash)
    first = texts.versions(place, ada, TEXT)[-1]
    id_ = publishing.begin_back(place, ada, first.id)
    publishing.hand_in(place, ada, id_, **NOTES, effect=place.today())
    third = publishing.publish(place, basile, id_)
    assert (third.number, third.hash, third.back_to) == (3, hashes[0], 1)


def test_a_version_counts_from_its_day(place, legal, clock):
    ada, basile = legal.people["ada"], legal.people["basile"]
    id_ = drafting.begin(place, ada, TEXT, "Plus tard")
    drafting.save(place, ada, id_, FILE, drafting.opened(place, ada, id_).text(FILE) + "# plus tard\n", 0)
    publishing.hand_in(place, ada, id_, **NOTES, effect=place.today() + timedelta(days=10))
    version = publishing.publish(place, basile, id_)
    with place.database.reading() as connection:
        assert texts.current(connection, place, legal.org, TEXT) == TEXT
        clock.forward(days=10)
        assert texts.current(connection, place, legal.org, TEXT) == version.name
        assert version.name in texts.offered(connection, place, legal.org)


def test_two_windows_never_overwrite_each_other(place, legal):
    ada = legal.people["ada"]
    id_ = drafting.begin(place, ada, TEXT, "Deux fenêtres")
    assert drafting.save(place, ada, id_, FILE, "a: b\n", 0) == 1
    for late in (0, 7):
        with pytest.raises(ConflictError):
            drafting.save(place, ada, id_, FILE, "c: d\n", late)
    assert drafting.opened(place, ada, id_).text(FILE) == "a: b\n"
    assert not bench.analysis(place, ada, id_, frozenset(("problems",)))["loads"]
    with pytest.raises(RefusedError) as refused:
        publishing.hand_in(place, ada, id_, **NOTES, effect=place.today())
    assert refused.value.code == "law_broken"


@pytest.mark.parametrize("path", ["../evil.yaml", "/etc/x.yaml", "a.json", "A.yaml", ".hidden.yaml", "a/../b.yaml", ""])
def test_a_file_is_named_plainly(place, legal, path):
    ada = legal.people["ada"]
    id_ = drafting.begin(place, ada, TEXT, "Noms")
    with pytest.raises(RefusedError):
        drafting.save(place, ada, id_, path, "a: b\n", 0)


def test_drafts_are_an_organisations_and_its_legal_editors(place, legal):
    ada, basile, officer = (legal.people[name] for name in ("ada", "basile", "officer"))
    other = Office.open(place, "Autre", {"eve": frozenset((Role.LEGAL_EDITOR,))}).people["eve"]
    id_ = drafting.begin(place, ada, TEXT, "À nous")
    with pytest.raises(NotFoundError):
        drafting.opened(place, other, id_)
    with pytest.raises(NotFoundError):
        bench.analysis(place, other, id_, frozenset(("problems",)))
    with pytest.raises(NotAllowedError):
        drafting.opened(place, officer, id_)
    with pytest.raises(RefusedError):
        drafting.save(place, basile, id_, FILE, "a: b\n", 0)
    drafting.remark(place, basile, id_, FILE, 1, "Pourquoi ?")
    assert [remark.text for remark in drafting.opened(place, ada, id_).remarks] == ["Pourquoi ?"]


def test_a_published_version_never_changes(place, legal):
    with place.database.writing() as connection:
        studio.add_draft(connection, legal.org, **draft_row(legal.people["ada"], place.clock()))
        studio.add_version(connection, legal.org, **version_row(legal.people["ada"], place.clock()))
    for statement in ("UPDATE pack_version SET note_fr = 'x'", "DELETE FROM pack_version"):
        with pytest.raises(Exception, match="never changes"), place.database.writing() as connection:
            connection.exec_driver_sql(statement)


def draft_row(actor, now):
    row = {
        "id": "d" * 32,
        "pack": "p",
        "title": "t",
        "base": "",
        "base_hash": "",
        "base_content": b"",
        "state": "draft",
    }
    return {**row, "state": "draft", "person_id": actor.person_id, "at": now, "changed_at": now, "version": 1}


def version_row(actor, now):
    row = {"id": "v" * 32, "pack": "p", "number": 1, "hash": "0" * 64, "content": b"", "title_fr": "t", "title_en": "t"}
    row |= {"note_fr": "n", "note_en": "n", "effect": date(2026, 1, 1), "changed": [], "draft_id": "d" * 32}
    return {**row, "author_id": actor.person_id, "approver_id": actor.person_id, "at": now}
