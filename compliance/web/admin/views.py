"""The organisation: people, sites, suppliers, its own answers, the log, the outbox."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from flask import Blueprint, abort, render_template, request, url_for
from flask import Response as FlaskResponse
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from compliance.operations import answers, cases, demo, organisation, people, post, sign_in
from compliance.operations.log_words import KINDS
from compliance.operations.rights import Right, roles_of
from compliance.operations.workplace import RefusedError, SecondFactorNeededError
from compliance.reports.sheets import Cell, to_csv
from compliance.storage.audit import Wanted
from compliance.web.admin.forms import InviteForm, MemberForm, NamedForm, SettingsForm
from compliance.web.admin.log_lines import lines
from compliance.web.forms import listed
from compliance.web.here import actor, address, back, browser, place, row_id, tongue
from compliance.web.inventory.imports import CSV, send
from compliance.web.inventory.views import page_number
from compliance.web.questionnaire.forms import answer_form, kept
from compliance.web.results.forms import family_choices
from compliance.web.templating import colon, semicolon
from compliance.web.words import refusal

pages = Blueprint("admin", __name__)
_REFERENCE_MOST = 9  # signs of a number
_KINDS = ("site", "supplier")


# The organisation itself


def organisation_page() -> str:
    """Show the organisation."""
    return _organisation()


pages.add_url_rule("/organisation", "organisation", organisation_page)


def _organisation(named_form: NamedForm | None = None, kind: str = "") -> str:
    found = answers.organisation_answers(place(), actor())
    pack = place().library.law(place().library.default).pack
    asked = (fact for fact in answers.organisation_questions(place()).values() if fact.id not in pack.controls)
    questions = sorted(asked, key=lambda fact: (pack.sections[fact.section].order, fact.order))
    return render_template(
        "admin/organisation.html",
        org=organisation.organisation(place(), actor()),
        pack=pack,
        questions=questions,
        answers=found,
        names=people.names(place(), actor()),
        sites=organisation.named(place(), actor(), "site"),
        suppliers=organisation.named(place(), actor(), "supplier"),
        form=named_form or NamedForm(formdata=None),
        form_kind=kind,
    )


@pages.route("/organisation/questions/<fact>", methods=["GET", "POST"])
def answer(fact: str) -> Response | tuple[str, int]:
    """Ask one question about the organisation."""
    questions = answers.organisation_questions(place())
    if fact not in questions:
        abort(404)
    form = answer_form(questions[fact])
    standing = answers.organisation_answers(place(), actor()).get(fact)
    theirs, status = None, 200
    if request.method == "POST":
        _none, theirs, status = kept(
            form, lambda given, version: answers.record_organisation(place(), actor(), fact, given, version)
        )
        if status == 200:  # noqa: PLR2004
            return back(url_for("admin.organisation"), _("Saved: it counts in every use case."))
    else:
        form.shows(standing)
    page = render_template(
        "admin/answer.html",
        fact=questions[fact],
        form=form,
        standing=standing,
        theirs=theirs,
        names=people.names(place(), actor()),
        pack=place().library.law(place().library.default).pack,
    )
    return page, status


@pages.route("/organisation/settings", methods=["GET", "POST"])
def settings() -> Response | tuple[str, int]:
    """Change name, language and text of the law."""
    found = organisation.organisation(place(), actor())
    if not actor().has_totp:
        raise SecondFactorNeededError
    form = SettingsForm(name=found.name, language=found.language, pack=found.pack)
    form.pack.choices = listed(family_choices(place(), actor()))
    if form.validate_on_submit():
        try:
            organisation.change(
                place(),
                actor(),
                found,
                name=form.name.data or found.name,
                language=form.language.data,
                pack=form.pack.data,
            )
        except RefusedError as error:
            form.refuse(error)
        else:
            return back(url_for("admin.organisation"), _("Saved."))
    return render_template("admin/settings.html", form=form), 422 if form.errors else 200


@pages.post("/organisation/<kind>")
def named(kind: str) -> Response | tuple[str, int]:
    """Add a site or a supplier."""
    if kind not in _KINDS:
        abort(404)
    form = NamedForm()
    if form.validate():
        try:
            organisation.add_named(place(), actor(), kind, form.name.data or "")
        except RefusedError as error:
            form.refuse(error)
        else:
            return back(url_for("admin.organisation") + f"#{kind}", _("Added."))
    return _organisation(form, kind), 422


@pages.post("/organisation/<kind>/<uuid:id_>")
def named_change(kind: str, id_: UUID) -> Response | tuple[str, int]:
    """Rename or remove a site or a supplier."""
    if kind not in _KINDS:
        abort(404)
    if "remove" in request.form:
        organisation.remove_named(place(), actor(), kind, id_.hex)
        return back(url_for("admin.organisation") + f"#{kind}", _("Removed."))
    form = NamedForm()
    if form.validate():
        try:
            organisation.rename_named(place(), actor(), kind, id_.hex, form.name.data or "")
        except RefusedError as error:
            form.refuse(error)
        else:
            return back(url_for("admin.organisation") + f"#{kind}", _("Saved."))
    return _organisation(form, kind), 422


@pages.post("/organisation/add-example")
def add_example() -> Response:
    """Add the example, and lead to it."""
    demo.add_as(place(), actor())
    opened = sign_in.open_session(place(), browser().id_hash)
    example = next((id_ for id_, _name, example in opened.organisations if example), None) if opened else None
    if example:
        browser().move(example)
    return back(url_for("dashboard.show"), _("This is the example: look around, and remove it when you like."))


@pages.post("/organisation/remove-example")
def remove_example() -> Response:
    """Remove the example with all its data."""
    organisation.remove_example(place(), actor())
    browser().become(actor().person_id)
    return back(url_for("dashboard.show"), _("The example is gone."))


# People


def people_page() -> str:
    """Show everybody."""
    may = actor().may(Right.ADMINISTER)
    sites = cases.choices(place(), actor()).sites
    return render_template(
        "admin/people.html",
        members=people.members(place(), actor()),
        invitations=people.invitations(place(), actor()) if may else [],
        roles_of=roles_of,
        sites={site.id: site.name for site in sites},
        today=place().today(),
    )


pages.add_url_rule("/people", "people", people_page)


@pages.route("/people/invite", methods=["GET", "POST"])
def invite() -> Response | tuple[str, int]:
    """Invite somebody; show the link to give on."""
    if not actor().has_totp:
        raise SecondFactorNeededError
    form = InviteForm(language=tongue())
    form.offer(cases.choices(place(), actor()).sites)
    if form.validate_on_submit():
        try:
            link = people.invite(
                place(),
                actor(),
                email=form.email.data or "",
                roles=form.held(),
                language=form.language.data,
                bounds=form.bounds(),
            )
        except RefusedError as error:
            form.refuse(error)
        else:
            sent = place().settings.mailing is not None
            return render_template("admin/invited.html", link=link, email=form.email.data, sent=sent), 200
    return render_template("admin/invite.html", form=form), 422 if form.errors else 200


@pages.post("/people/withdraw")
def withdraw() -> Response:
    """Take an invitation back."""
    people.withdraw(place(), actor(), request.form.get("email", "")[:254])
    return back(url_for("admin.people"), _("Invitation withdrawn."))


@pages.route("/people/<uuid:person_id>", methods=["GET", "POST"])
def member(person_id: UUID) -> Response | tuple[str, int]:
    """Change somebody's roles, bounds or access."""
    found = people.member(place(), actor(), person_id.hex)
    if not actor().has_totp:
        raise SecondFactorNeededError
    form = MemberForm(
        roles=[role.value for role in roles_of(found.roles)],
        active=found.active,
        site_id=found.site_id or "",
        from_day=found.from_day,
        until_day=found.until_day,
    )
    form.offer(cases.choices(place(), actor()).sites)
    if form.validate_on_submit():
        try:
            sign_in.confirm(place(), actor(), form.current_password.data or "", address())
            people.change_member(
                place(),
                actor(),
                person_id.hex,
                roles=form.held(),
                active=form.active.data,
                bounds=form.bounds(),
            )
        except RefusedError as error:
            form.refuse(error)
        else:
            return back(url_for("admin.people"), _("Saved."))
    return render_template("admin/member.html", form=form, member=found), 422 if form.errors else 200


@pages.post("/people/<uuid:person_id>/password-link")
def password_link(person_id: UUID) -> str | Response:
    """Make a link where somebody sets a new password."""
    found = people.member(place(), actor(), person_id.hex)
    try:
        link = people.password_link(place(), actor(), person_id.hex)
    except RefusedError as error:
        return back(url_for("admin.people"), refusal(error))
    return render_template("admin/invited.html", link=link, email=found.email, sent=False, password=True)


# The record


def _day_asked(name: str) -> date | None:
    """Return a day that an address names; what is none is left out."""
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None


def _log_wanted() -> tuple[Wanted, str]:
    """Return what of the log an address asks for, and the number of a use case that is none."""
    reference = request.args.get("case", "").strip().upper().removeprefix("IA-")
    case_id = None
    if reference.isascii() and reference.isdecimal() and len(reference) < _REFERENCE_MOST:
        case_id = organisation.log_case(place(), actor(), int(reference))
    kind = request.args.get("kind")
    wanted = Wanted(
        who=row_id(request.args.get("who")),
        kind=kind if kind in KINDS else None,
        subject=case_id or ("none" if reference else None),
        from_day=_day_asked("from"),
        until_day=_day_asked("until"),
    )
    return wanted, request.args.get("case", "")[:20] if reference and not case_id else ""


@pages.get("/log")
def log() -> str:
    """Show the organisation's log and, when asked, whether it is whole."""
    wanted, unknown = _log_wanted()
    found, total = organisation.log(place(), actor(), wanted, page=page_number())
    checked = organisation.check_log(place(), actor()) if request.args.get("check") == "1" else None
    return render_template(
        "admin/log.html",
        found=lines(found, organisation.log_names(place(), actor(), found), short=True),
        total=total,
        checked=checked,
        members=people.members(place(), actor()),
        kinds={kind: KINDS[kind] for kind in organisation.log_kinds(place(), actor())},
        wanted=wanted,
        filtered=wanted != Wanted(),
        unknown=unknown,
        page=page_number(),
        per_page=organisation.LOG_PER_PAGE,
        arguments={key: value for key, value in request.args.items() if key not in ("page", "check")},
    )


@pages.get("/log.csv")
def log_export() -> FlaskResponse:
    """Give the lines of a filter as a table."""
    found, _total = organisation.log(place(), actor(), _log_wanted()[0], page=None)
    head = [_("No."), _("When"), _("Who"), _("What"), _("Code"), _("About"), _("Detail")]
    rows: list[list[Cell]] = [
        [
            line.seq,
            line.at,
            line.who,
            line.what,
            line.code,
            line.subject,
            semicolon().join(f"{name}{colon()} {value}" for name, value in line.details),
        ]
        for line in lines(found, organisation.log_names(place(), actor(), found), short=False)
    ]
    return send(to_csv(head, rows), _("log") + ".csv", CSV)


@pages.get("/outbox")
def outbox() -> str:
    """Show the messages, sent and waiting."""
    return render_template(
        "admin/outbox.html", mails=post.outbox(place(), actor()), mailing=place().settings.mailing is not None
    )
