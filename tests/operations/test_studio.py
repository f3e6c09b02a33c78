"""Rules changed, read, published, brought back, with a real store and the real processes that analyse."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from compliance.law import new_pack
from compliance.operations import bench, cases, drafting, publishing, texts
from compliance.operations.cases import Description
from compliance.operations.rights import Role
from compliance.operations.workplace import NotAllowedError, NotFoundError, RefusedError, SecondFactorNeededError
from compliance.storage import studio
from compliance.storage.rows import ConflictError
from compliance.text import Text
from tests.offices import Office

TEXT = "ai-act-2026"
FILE = "practices.yaml"


@pytest.fixture(scope="module", autouse=True)
def _processes():
    yield
    bench.stop()


@pytest.fixture
def legal(place):
    """Return an organisation with two legal editors, who have a second factor, and an officer."""
    held = frozenset((Role.LEGAL_EDITOR,))
    office = Office.open(place, "Forge", {"ada": held, "basile": held, "officer": frozenset((Role.OFFICER,))})
    office.people |= {who: replace(office.people[who], has_totp=True) for who in ("ada", "basile")}
    return office


def published(place, actor, id_):
    """Approve a draft as it stands."""
    return publishing.publish(place, actor, id_, drafting.opened(place, actor, id_).mark)


def edited(place, actor, old, new):
    """Return a draft with one replacement in the file that holds it."""
    id_ = drafting.begin(place, actor, TEXT, "Essai")
    found = drafting.opened(place, actor, id_)
    path = next(path for path in found.own if old in found.text(path))
    drafting.save(place, actor, id_, path, found.text(path).replace(old, new), 0)
    return id_, path


OLD = "- staff: {less_than: 750}"
NEW = "- staff: {less_than: 700}"


@pytest.mark.thorough  # tests/web/test_studio.py goes this way on pages
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
        published(place, ada, id_)
    with pytest.raises(RefusedError):
        drafting.save(place, ada, id_, path, "typed: late", 1)
    version = published(place, basile, id_)
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
        drafting.remark(place, basile, id_, FILE, 1, "Pourquoi ?")
        assert bench.analysis(place, ada, id_, frozenset(("meaning",)))["meaning"]["alike"]
        publishing.hand_in(place, ada, id_, **NOTES, effect=place.today())
        hashes.append(published(place, basile, id_).hash)
        _remarks_are_over(place, ada, id_)
    first = texts.versions(place, ada, TEXT)[-1]
    id_ = publishing.begin_back(place, ada, first.id)
    publishing.hand_in(place, ada, id_, **NOTES, effect=place.today())
    third = published(place, basile, id_)
    assert (third.number, third.hash, third.back_to) == (3, hashes[0], 1)


def _remarks_are_over(place, actor, id_):
    """What is published takes no remark, and none of it is settled."""
    (kept,) = drafting.opened(place, actor, id_).remarks
    for act in (
        lambda: drafting.remark(place, actor, id_, FILE, 1, "Trop tard"),
        lambda: drafting.settle(place, actor, id_, kept.id),
    ):
        with pytest.raises(RefusedError) as refused:
            act()
        assert refused.value.code == "draft_closed"
    assert drafting.opened(place, actor, id_).remarks == (kept,)


def test_what_is_published_is_what_its_approver_read(place, legal):
    ada, basile = legal.people["ada"], legal.people["basile"]
    id_ = drafting.begin(place, ada, TEXT, "Relu")
    text = drafting.opened(place, ada, id_).text(FILE)
    drafting.save(place, ada, id_, FILE, f"{text}# un\n", 0)
    seen = drafting.opened(place, basile, id_).mark
    drafting.save(place, ada, id_, FILE, f"{text}# deux\n", 1)
    publishing.hand_in(place, ada, id_, **NOTES, effect=place.today())
    with pytest.raises(SecondFactorNeededError):
        publishing.publish(place, replace(basile, has_totp=False), id_, drafting.opened(place, basile, id_).mark)
    for shown in (seen, ""):
        with pytest.raises(RefusedError) as refused:
            publishing.publish(place, basile, id_, shown)
        assert refused.value.code == "read_again"
    assert not texts.versions(place, ada)


def test_a_pack_of_our_own_goes_back_before_any_version_counts(place, legal, clock):
    ada, basile, name = legal.people["ada"], legal.people["basile"], "forge-charte"
    files = new_pack.template(name, Text("Charte", "Charter"), TEXT, place.library.law(TEXT).pack.id)
    later = place.today() + timedelta(days=20)
    id_ = drafting.begin_with(place, ada, name, "Charte", files, TEXT)
    publishing.hand_in(place, ada, id_, **NOTES, effect=later)
    first = published(place, basile, id_)
    changed = {path: data + b"# deux\n" for path, data in files.items()}
    id_ = drafting.begin_with(place, ada, name, "Charte", changed, TEXT)
    assert drafting.opened(place, ada, id_).draft.base == first.name, "what was published is not forgotten"
    publishing.hand_in(place, ada, id_, **NOTES, effect=later)
    second = published(place, basile, id_)
    id_ = publishing.begin_back(place, ada, first.id)
    opened = drafting.opened(place, ada, id_)
    assert (opened.draft.base, set(opened.touched)) == (second.name, {p for p in files if p.endswith(".yaml")})
    publishing.hand_in(place, ada, id_, **NOTES, effect=later)
    third = published(place, basile, id_)
    assert (third.number, third.hash, third.back_to) == (3, first.hash, 1)
    with place.database.reading() as connection:
        assert name not in {texts.family(known) for known in texts.offered(connection, place, legal.org)}


def test_each_entry_tells_the_version_that_last_changed_it(place, legal):
    def add(number, draft, base, changed):
        with place.database.writing() as connection:
            values = {"pack": TEXT, "base": base, "state": "published", "id": draft * 32}
            studio.add_draft(connection, legal.org, **{**draft_row(legal.people["ada"], place.clock()), **values})
            values = {"pack": TEXT, "number": number, "hash": f"{number:064d}"[::-1], "id": f"{number:032d}"}
            values |= {"changed": changed, "draft_id": draft * 32}
            studio.add_version(connection, legal.org, **{**version_row(legal.people["ada"], place.clock()), **values})
        return f"{TEXT}@{values['hash'][:12]}"

    first = add(1, "a", TEXT, ["facts/staff", "roles/provider"])
    add(2, "b", TEXT, ["facts/staff", "facts/turnover"])  # to come when the third was made of the first
    third = add(3, "c", first, ["roles/provider"])
    told = {entry: version.number for entry, version in texts.since(place, legal.people["officer"], third).items()}
    assert told == {"facts/staff": 1, "roles/provider": 3}
    assert not texts.since(place, legal.people["officer"], TEXT)


def test_a_version_counts_from_its_day(place, legal, clock):
    ada, basile = legal.people["ada"], legal.people["basile"]
    id_ = drafting.begin(place, ada, TEXT, "Plus tard")
    drafting.save(place, ada, id_, FILE, drafting.opened(place, ada, id_).text(FILE) + "# plus tard\n", 0)
    publishing.hand_in(place, ada, id_, **NOTES, effect=place.today() + timedelta(days=10))
    version = published(place, basile, id_)
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
