"""Pages of supplier questionnaires, on both sides of the link."""

import io
import re
from uuid import UUID

import pytest

from compliance.operations import dossiers, supplied, supplying
from compliance.operations.supplying import Asking
from tests.web.test_audit import NASTY
from tests.web.visitor import Visitor

PDF = b"%PDF-1.7 notice"
SECRET = "Projet Aurore"


@pytest.fixture
def case_id(office):
    return office.finished(SECRET)


def _ask(visitor, case_id, **changes):
    """Make a questionnaire on the pages; return the path of its link."""
    visitor.get(f"/use-cases/{UUID(case_id)}/supplier/ask")
    sent = {
        "supplier": "Visiomex",
        "language": "fr",
        "days": "21",
        "shown_name": "Tri de candidatures",
        "note": "Merci",
        "facts": ["technique", "safety_function", "product_law", "first_placed_on"],
        "supplies": ["supplied_instructions", "supplied_logs"],
        **changes,
    }
    page = visitor.post(f"/use-cases/{UUID(case_id)}/supplier/ask", 200, **sent).page
    return re.search(r'value="http://localhost(/supplier/[^"]+)"', page.html)[1]


@pytest.fixture
def link(visit, case_id):
    return _ask(visit("officer"), case_id)


def _request(place, office, case_id):
    return supplying.of_case(place, office.people["officer"], case_id).sent[0].request


def _fill(visitor, link):
    visitor.get(link)
    visitor.post(
        link,
        **{
            "technique-value": "machine_learning",
            "technique-version": "0",
            "safety_function-value": "false",
            "safety_function-version": "0",
            "safety_function-comment": "Le tri ne protège personne.",
            "product_law-unsure": "y",
            "product_law-version": "0",
            "next": "1",
        },
    )
    visitor.post(
        f"{link}/documents",
        files={"supplied_instructions-file": (io.BytesIO(PDF), "Notice.pdf")},
        **{
            "supplied_instructions-version": "0",
            "supplied_instructions-text": "Édition 3",
            "supplied_logs-version": "0",
            "supplied_logs-none": "y",
        },
    )


def test_the_page_says_what_is_missing_and_leads_to_the_questionnaire(visit, case_id, place, office):
    here = f"/use-cases/{UUID(case_id)}/supplier"
    review = visit("officer").get(f"/use-cases/{UUID(case_id)}/review").page
    assert here in review.html, "a link, for there is no tab without a supplier"
    assert "Fournisseur" not in re.findall(r"<nav class=\"tabs\".*?</nav>", review.html, re.DOTALL)[0]
    page = visit("officer").get(here).page
    for words in ("Notice d'utilisation", "manquant", "Interroger le fournisseur"):
        assert words in page.text, words
    assert "Interroger le fournisseur" not in visit("auditor").get(here).page.text
    _ask(visit("officer"), case_id)
    page = visit("officer").get(here).page
    assert "chez le fournisseur" in page.text
    assert "Visiomex" in page.text
    assert 'aria-current="page">Fournisseur' in page.html


def test_one_document_alone_can_be_asked_for(visit, case_id):
    page = visit("officer").get(f"/use-cases/{UUID(case_id)}/supplier/ask?supply=supplied_logs").page
    ticked = {found["value"] for tag, found in page.tags if tag == "input" and "checked" in found}
    assert ticked == {"supplied_logs"}


def test_the_supplier_sees_the_questions_and_nothing_of_the_company(app, visit, case_id, link, office):
    supplier = Visitor(app)
    pages = [supplier.get(address).page for address in (link, f"{link}/documents", f"{link}/send")]
    for page in pages:
        assert "Tri de candidatures" in page.text
        assert office.name in page.text
        for secret in (
            SECRET,
            "IA-001",
            "Tableau de bord",
            "présumé",
            'class="level',
        ):
            assert secret not in page.html, secret
    assert "Je ne sais pas" in pages[0].text
    assert not [found for tag, found in pages[0].tags if tag == "input" and "checked" in found]
    for address in ("/", "/use-cases", f"/use-cases/{UUID(case_id)}", f"/use-cases/{UUID(case_id)}/supplier"):
        assert supplier.client.get(address).status_code == 302, "and is not signed in anywhere"


def test_the_questionnaire_speaks_the_language_it_was_asked_in_and_can_be_changed(app, visit, case_id):
    link = _ask(visit("officer"), case_id, language="en")
    supplier = Visitor(app, "fr")
    supplier.language = "en"
    response = supplier.get(link)
    assert response.headers["Content-Language"] == "en"
    assert "Instructions for use" in supplier.get(f"{link}/documents").page.text
    supplier.language = "fr"
    assert "Notice d'utilisation" in supplier.post("/language", language="fr", back=f"{link}/documents").page.text


def test_what_is_saved_can_be_taken_up_again_and_is_seen_only_once_sent(app, visit, place, office, case_id, link):
    supplier = Visitor(app)
    _fill(supplier, link)
    later = Visitor(app)
    page = later.get(link).page
    assert "Réponses : 3 sur 4" in page.text
    assert "Le tri ne protège personne." in page.html
    assert "Notice.pdf" in later.get(f"{link}/documents").page.text
    shown = f"/supplier-requests/{UUID(_request(place, office, case_id).id)}"
    officer = visit("officer")
    before = officer.get(shown).page
    assert "Notice.pdf" not in before.text
    assert "ne protège" not in before.text
    later.post(f"{link}/send", 422, respondent="")
    assert "Merci" in later.post(f"{link}/send", respondent="Jeanne Roy").page.text
    assert "Merci" in later.get(f"{link}/documents").page.text, "nothing more can be typed"
    page = officer.get(shown).page
    for words in ("Notice.pdf", "Édition 3", "ne protège", "Jeanne Roy", "Le fournisseur ne l'a pas", "Je ne sais pas"):
        assert words in page.text, words


def test_accepted_answers_show_their_source_everywhere(app, visit, place, office, case_id, link):
    supplier = Visitor(app)
    _fill(supplier, link)
    supplier.post(f"{link}/send", respondent="Jeanne Roy")
    request = _request(place, office, case_id)
    officer, shown = visit("officer"), f"/supplier-requests/{UUID(request.id)}"
    fields = officer.get(shown).page.fields()
    sent = {name: value for name, value in fields.items() if name.startswith("v-") or name == "version"}
    page = officer.post(f"{shown}/decide", decision="all", **sent).page
    assert "Accepté" in page.text
    source = "d'après Visiomex (Jeanne Roy), 24 novembre 2026"
    base = f"/use-cases/{UUID(case_id)}"
    for address in (f"{base}/review", f"{base}/questions/safety_function", f"{base}/history", base):
        page = officer.get(address).page
        if address == base and "safety_function" not in page.html and source not in page.text:
            continue
        assert source in page.text, address
    page = officer.get(f"{base}/supplier").page
    assert "reçu" in page.text
    piece = re.search(r'href="(/evidence/[^"]+)"', page.html)[1]
    response = officer.get(piece)
    assert response.get_data() == PDF
    assert response.headers["Content-Disposition"].startswith("attachment")


def test_one_answer_alone_can_be_accepted_and_the_page_must_be_fresh(app, visit, place, office, case_id, link):
    supplier = Visitor(app)
    _fill(supplier, link)
    supplier.post(f"{link}/send", respondent="Jeanne Roy")
    officer, shown = visit("officer"), f"/supplier-requests/{UUID(_request(place, office, case_id).id)}"
    sent = officer.get(shown).page.fields()
    officer.post(f"{shown}/decide", 422, decision="accept", version="1", item="fact:safety_function")
    versions = {name: value for name, value in sent.items() if name.startswith("v-") or name == "version"}
    officer.post(f"{shown}/decide", decision="accept", item="fact:safety_function", **versions)
    dossier = dossiers.view(place, office.people["officer"], case_id)
    assert dossier.answers["safety_function"].source["supplier"] == "Visiomex"
    assert dossier.answers["technique"].source is None
    officer.post(f"{shown}/decide", 400, decision="nonsense", **versions)
    officer.post(f"{shown}/decide", 422, decision="accept", **versions)
    assert (
        "laissé de côté"
        in officer.post(f"{shown}/decide", decision="set_aside", item="fact:technique", **versions).page.text
    )


def test_every_dead_link_is_the_same_page(app, visit, place, office, case_id, link, clock):
    supplier = Visitor(app)
    supplier.get(link)
    officer = visit("officer")
    shown = f"/supplier-requests/{UUID(_request(place, office, case_id).id)}"
    fresh = re.search(r"http://localhost(/supplier/[^\"]+)", officer.post(f"{shown}/renew", 200, days="2").page.html)[1]
    clock.forward(days=3)
    expired = supplier.get(fresh, 404).page.html
    clock.forward(days=-3)
    officer = Visitor(app)
    officer.sign_in(office.people["officer"], office.PASSWORD)
    officer.get(shown)
    officer.post(f"{shown}/withdraw")
    tokens = (fresh, link, "/supplier/" + "x" * 43, "/supplier/x", "/supplier/" + "x" * 500, "/supplier/%00")
    bodies = set()
    for dead in tokens:
        for path in (dead, f"{dead}/documents", f"{dead}/send"):
            bodies.add(re.sub(r'value="[^"]*"', "", supplier.get(path, 404).page.html))
            supplier.post(path, 404, respondent="x", follow=False)
    assert len(bodies) == 1
    assert re.sub(r'value="[^"]*"', "", expired) in bodies


def test_wrong_input_is_said_and_nothing_typed_is_lost(app, visit, case_id, link):
    supplier = Visitor(app)
    supplier.get(link)
    page = supplier.post(
        link,
        422,
        **{
            "first_placed_on-value": "hier",
            "first_placed_on-comment": "à vérifier",
            "first_placed_on-version": "0",
            "safety_function-value": "true",
            "safety_function-version": "0",
        },
    ).page
    assert "Ce n'est pas une date" in page.text
    assert "à vérifier" in page.html
    assert "Réponses : 1 sur 4" in supplier.get(link).page.text
    supplier.get(f"{link}/documents")
    page = supplier.post(
        f"{link}/documents",
        422,
        files={"supplied_logs-file": (io.BytesIO(b"MZ\x90\x00\xff"), "virus.exe")},
        **{"supplied_logs-version": "0", "supplied_logs-text": "Journal d'événements"},
    ).page
    assert "PDF, PNG, JPEG" in page.text
    assert "Rien" not in page.text
    assert "Journal d'événements" in page.html.replace("&#39;", "'")


def test_a_colleague_of_the_supplier_is_not_overwritten(app, visit, case_id, link):
    one, other = Visitor(app), Visitor(app)
    one.get(link)
    other.get(link)
    one.post(link, **{"safety_function-value": "true", "safety_function-version": "0"})
    page = other.post(link, 409, **{"safety_function-value": "false", "safety_function-version": "0"}).page
    assert "entre-temps" in page.text
    other.post(link, **{"safety_function-value": "false", "safety_function-version": "1"})


def test_a_file_can_be_taken_away_before_it_is_sent(app, visit, case_id, link):
    supplier = Visitor(app)
    _fill(supplier, link)
    page = supplier.get(f"{link}/documents").page
    [id_] = [found["value"] for tag, found in page.tags if tag == "input" and found.get("name") == "remove"]
    hidden = {name: value for name, value in page.fields().items() if name.endswith("-version")}
    sent = {"supplied_instructions-text": "Édition 3", "supplied_logs-none": "y"}
    page = supplier.post(f"{link}/documents", remove=id_, **hidden, **sent).page
    assert "Notice.pdf" not in page.text
    supplier.post(f"{link}/documents", 404, remove=id_, **hidden, **sent, follow=False)
    supplier.post(f"{link}/documents", remove="../../etc/passwd", **hidden, **sent)


def test_hostile_input_from_outside_yields_words(app, visit, case_id, link):
    supplier = Visitor(app)
    for nasty in NASTY:
        text = nasty.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
        for path in (link, f"{link}/documents"):
            supplier.get(path)
            sent = {
                f"{fact}-value": text for fact in ("technique", "safety_function", "product_law", "first_placed_on")
            }
            sent |= {"technique-comment": text, "technique-version": text, "supplied_logs-text": text, "remove": text}
            sent |= {"supplied_logs-version": text}
            response = supplier.client.post(path, data={**sent, "csrf_token": supplier.token})
            assert response.status_code < 500, (path, nasty)
            assert b"<script>alert" not in response.data


def test_a_document_that_is_there_already_counts_as_received(visit, case_id):
    officer, here = visit("officer"), f"/use-cases/{UUID(case_id)}/supplier"
    officer.get(here)
    page = officer.post(f"{here}/supplied_logs", 422, title="Journaux", url="ftp://x").page
    assert "https://" in page.text
    page = officer.post(
        f"{here}/supplied_logs", files={"file": (io.BytesIO(PDF), "x.pdf")}, title="Journaux", url=""
    ).page
    assert "reçu" in page.text
    assert "Journaux" in page.text
    officer.post(f"{here}/nothing", 404, title="x", url="https://x.example", follow=False)
    officer.post(f"{here}/nothing", 404, title="", url="", follow=False)


def test_a_questionnaire_that_lacks_something_is_not_made(visit, case_id, office, place):
    officer, here = visit("officer"), f"/use-cases/{UUID(case_id)}/supplier/ask"
    officer.get(here)
    sent = {"supplier": "V", "language": "fr", "days": "21", "shown_name": "x"}
    for changes in (
        {"supplier": ""},
        {"days": "0"},
        {"days": "9" * 5_000},
        {"days": "x"},
        {"email": "personne"},
        {"language": "de"},
        {"shown_name": ""},
        {},
    ):
        page = officer.post(here, 422, **{**sent, **changes}).page
        assert "Pas encore enregistré" in page.text
    assert not supplying.of_case(place, office.people["officer"], case_id).sent


def test_only_documents_or_only_questions_make_a_shorter_way(app, visit, case_id):
    supplier = Visitor(app)
    link = _ask(visit("officer"), case_id, facts=[])
    page = supplier.get(link).page
    assert "Notice d'utilisation" in page.text
    assert "Questions" not in re.findall(r"<nav class=\"tabs\".*?</nav>", page.html, re.DOTALL)[0]
    link = _ask(visit("officer"), case_id, supplies=[])
    page = supplier.get(f"{link}/documents").page
    assert "Vérifier et envoyer" in page.text


def test_a_file_of_a_supplier_is_handed_to_nobody_else(app, visit, place, office, case_id):
    asking = Asking("V", None, "fr", 21, "x", "", (), ("supplied_logs",))
    handed = supplying.ask(place, office.people["officer"], case_id, asking)
    token = handed.link.rpartition("/")[2]
    supplied.supply(place, token, {"supplied_logs": supplied.Supplied("", False, 0, "a.pdf", PDF)})
    [sent] = supplied.opened(place, token).files["supplied_logs"]
    visit("officer").get(f"/supplier-files/{UUID(sent.id)}", 404)
    supplied.send(place, token, "J")
    response = visit("auditor").get(f"/supplier-files/{UUID(sent.id)}")
    assert response.headers["Content-Disposition"].startswith("attachment")
    visit("contributor").get(f"/supplier-files/{UUID(sent.id)}", 403)
    assert Visitor(app).client.get(f"/supplier-files/{UUID(sent.id)}").status_code == 302


def test_pages_are_whole_in_english_too(app, visit, case_id, place, office):
    officer = visit("officer")
    officer.get("/account")
    officer.language = "en"
    officer.post("/language", language="en", back="/use-cases")
    link = _ask(officer, case_id, language="en")
    supplier = Visitor(app, "en")
    _fill(supplier, link)
    assert "Check and send" in supplier.get(f"{link}/send").page.text
    assert "Thank you" in supplier.post(f"{link}/send", respondent="Jane Roy").page.text
    page = officer.get(f"/supplier-requests/{UUID(_request(place, office, case_id).id)}").page
    for words in ("The supplier says", "What stands", "Accept what is ticked", "Withdraw the questionnaire"):
        assert words in page.text, words
