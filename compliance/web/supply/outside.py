"""The supplier's side, opened by a link alone, in the language that it was asked in: questions, documents, sending."""

from __future__ import annotations

from collections.abc import Callable

from flask import g, make_response, render_template, request, session, url_for
from flask_babel import force_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from compliance.law.problems import sentence
from compliance.operations import supplied
from compliance.operations.answers import Given
from compliance.operations.supplied import Questionnaire, Supplied
from compliance.operations.workplace import RefusedError
from compliance.storage.answers import Answer
from compliance.storage.supplying import Item
from compliance.text import LANGUAGES
from compliance.web.forms import sent_file
from compliance.web.here import back, place, row_id, tongue
from compliance.web.questionnaire.forms import AnswerForm, answer_form, showing, touched
from compliance.web.supply.forms import SendForm, SupplyForm
from compliance.web.supply.views import pages
from compliance.web.words import refusal

_TOKEN_MOST = 100  # no token is so long
Step = Callable[[str, Questionnaire], Response | tuple[str, int]]


def _page(token: str, step: Step) -> Response:
    """Return a page of the questionnaire that a token opens; the same page for every token that opens none."""
    found = supplied.opened(place(), token) if len(token) < _TOKEN_MOST else None
    if found is None:
        return make_response(render_template("supply/closed.html"), 404)
    chosen = session.get("language")
    language = tongue() if g.actor else chosen if chosen in LANGUAGES else found.request.language
    with force_locale(language):
        if found.request.state == "sent":
            response = make_response(render_template("supply/sent.html", found=found))
        else:
            response = make_response(step(token, found))
    response.headers["Content-Language"] = language
    return response


def steps(token: str, found: Questionnaire) -> list[tuple[str, str, str]]:
    """Return the pages of a questionnaire in their order: id, name, address."""
    every = [
        ("questions", _("Questions"), url_for("supply.answer", token=token), bool(found.facts)),
        ("documents", _("Documents"), url_for("supply.documents", token=token), bool(found.supplies)),
        ("send", _("Check and send"), url_for("supply.send", token=token), True),
    ]
    return [(id_, name, url) for id_, name, url, there in every if there]


def _after(token: str, found: Questionnaire, step: str) -> str:
    """Return the address of the page after one."""
    all_ = steps(token, found)
    place_of = [id_ for id_, _name, _url in all_].index(step)
    return all_[place_of + 1][2]


@pages.route("/supplier/<token>", methods=["GET", "POST"])
def answer(token: str) -> Response:
    """Ask a supplier its questions, and save its answers."""
    return _page(token, _questions)


def _questions(token: str, found: Questionnaire) -> Response | tuple[str, int]:
    if not found.facts:
        return _documents(token, found)
    forms: dict[str, AnswerForm] = {}
    conflicts: dict[str, Answer] = {}
    standing = _standing(found)
    if request.method == "POST":
        forms, conflicts = _save(token, found, standing)
        if not forms:
            here = url_for("supply.answer", token=token)
            return back(_after(token, found, "questions") if "next" in request.form else here, _("Saved."))
        if conflicts:
            standing = _standing(supplied.opened(place(), token) or found)
    for fact in found.facts:
        if fact.id not in forms:
            forms[fact.id] = showing(fact, standing.get(fact.id), prefix=fact.id)
    wrong = [fact for fact in found.facts if forms[fact.id].errors or fact.id in conflicts]
    page = render_template(
        "supply/questions.html",
        found=found,
        pack=found.pack,
        steps=steps(token, found),
        forms=forms,
        standing=standing,
        conflicts=conflicts,
        wrong=wrong,
        names={"": found.request.supplier},
    )
    return page, 409 if conflicts else 422 if wrong else 200


def _standing(found: Questionnaire) -> dict[str, Answer]:
    return {fact: _as_answer(item) for (kind, fact), item in found.items.items() if kind == "fact"}


def _as_answer(item: Item) -> Answer:
    """Return what a supplier said as the forms of questions take it; nobody here said it."""
    return Answer(item.request_id, item.item, item.value, item.unknown, False, item.comment, "", item.at, item.version)


def _save(
    token: str, found: Questionnaire, standing: dict[str, Answer]
) -> tuple[dict[str, AnswerForm], dict[str, Answer]]:
    """Save the answers that were touched; return the forms that were not, and what colleagues said meanwhile."""
    wrong: dict[str, AnswerForm] = {}
    good: dict[str, AnswerForm] = {}
    given: dict[str, tuple[Given, int]] = {}
    for fact in found.facts:
        form = answer_form(fact, prefix=fact.id)
        if not touched(form, standing.get(fact.id)):
            continue
        said = form.given() if form.validate() else None
        if said is None:
            wrong[fact.id] = form
        else:
            good[fact.id], given[fact.id] = form, (said, form.read_version)
    saved = supplied.save(place(), token, given) if given else supplied.Saved()
    for id_, problem in saved.refused.items():
        wrong[id_] = good[id_]
        field = wrong[id_]._fields["value"]
        field.errors = [*field.errors, sentence(problem, tongue())]
    for id_, theirs in saved.theirs.items():
        wrong[id_] = good[id_]
        wrong[id_].version.data = str(theirs.version)
    return wrong, {id_: _as_answer(item) for id_, item in saved.theirs.items()}


@pages.route("/supplier/<token>/documents", methods=["GET", "POST"])
def documents(token: str) -> Response:
    """Take a supplier's documents, and its words about them."""
    return _page(token, _documents)


def _documents(token: str, found: Questionnaire) -> Response | tuple[str, int]:
    if not found.supplies:
        return _send(token, found)
    forms = {supply.id: SupplyForm(prefix=f"{supply.id}-") for supply in found.supplies}
    here = url_for("supply.documents", token=token)
    if request.method == "POST":
        valid = [form.validate() for form in forms.values()]
        if all(valid):
            try:
                _supply(token, found, forms)
            except RefusedError as error:
                if error.field not in forms:
                    raise
                field = forms[error.field].file
                field.errors = [*field.errors, refusal(error)]
            else:
                return back(_after(token, found, "documents") if "next" in request.form else here, _("Saved."))
    else:
        for supply in found.supplies:
            _show(forms[supply.id], found.items.get(("supply", supply.id)))
    wrong = [supply for supply in found.supplies if forms[supply.id].errors]
    page = render_template(
        "supply/documents.html",
        found=found,
        pack=found.pack,
        steps=steps(token, found),
        forms=forms,
        wrong=wrong,
        here=here,
    )
    return page, 422 if wrong else 200


def _show(form: SupplyForm, item: Item | None) -> None:
    form.version.data = str(item.version if item else 0)
    if item:
        form.text.data, form.none.data = item.comment, item.unknown


def _supply(token: str, found: Questionnaire, forms: dict[str, SupplyForm]) -> None:
    """Keep what changed, then take away the files that are ticked."""
    given: dict[str, Supplied] = {}
    for id_, form in forms.items():
        item, sent = found.items.get(("supply", id_)), sent_file(form.file)
        text, none = form.text.data or "", bool(form.none.data)
        if sent or (text, none) != ((item.comment, item.unknown) if item else ("", False)):
            content = sent.read() if sent else None
            name = (sent.filename or "") if sent else ""
            given[id_] = Supplied(text, none, form.read_version, name, content)
    if given:
        supplied.supply(place(), token, given)
    for sent_id in request.form.getlist("remove"):
        if file_id := row_id(sent_id):
            supplied.take_away(place(), token, file_id)


@pages.route("/supplier/<token>/send", methods=["GET", "POST"])
def send(token: str) -> Response:
    """Show what is about to be sent, and send it."""
    return _page(token, _send)


def _send(token: str, found: Questionnaire) -> Response | tuple[str, int]:
    form = SendForm(formdata=request.form if request.method == "POST" else None, respondent=found.request.respondent)
    if request.method == "POST" and form.validate():
        try:
            supplied.send(place(), token, form.respondent.data or "")
        except RefusedError as error:
            form.refuse(error)
        else:
            return back(url_for("supply.answer", token=token))
    page = render_template(
        "supply/send.html",
        found=found,
        pack=found.pack,
        steps=steps(token, found),
        form=form,
        standing=_standing(found),
    )
    return page, 422 if form.errors else 200
