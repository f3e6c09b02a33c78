"""Asking for reports: of one use case, of many; records that the Act asks for; files to edit."""

from __future__ import annotations

from uuid import UUID

from flask import render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from compliance.operations import cases, dossiers, handing_out, reports
from compliance.operations.vocabulary import CASE_STATES, FUNCTIONS, SECTORS
from compliance.operations.workplace import RefusedError
from compliance.reports.forms import FORMS
from compliance.storage.cases import Filter
from compliance.text import Language, Text
from compliance.web.forms import listed
from compliance.web.here import actor, back, place, tongue
from compliance.web.inventory.forms import level_choices, options
from compliance.web.inventory.views import wanted
from compliance.web.reports.forms import LANGUAGES, AskForm, PortfolioForm
from compliance.web.reports.views import attachment, form_or_404, pages
from compliance.web.templating import spoken


def _asked_language() -> Language:
    """Return the language that an address asks a file in: the page's own unless said otherwise."""
    asked = request.args.get("language")
    return "en" if (asked or tongue()) == "en" else "fr"


def _form(records: list[dict[str, object]]) -> AskForm:
    form = AskForm()
    if request.method == "GET":
        form.language.data = tongue()
    choices = [("full", _("Whole report")), ("summary", _("Summary for management, two pages"))]
    for record in records:
        title = record["title"]
        assert isinstance(title, dict)
        choices.append((str(record["id"]), title[tongue()]))
    form.form.choices = listed(choices)
    return form


@pages.get("/use-cases/<uuid:case_id>/reports")
def of_case(case_id: UUID) -> str:
    """Show the reports of a use case, the records that the Act asks for, and the files to edit."""
    return _case_page(case_id, None)


def _case_page(case_id: UUID, form: AskForm | None) -> str:
    dossier = dossiers.view(place(), actor(), case_id.hex)
    records = reports.case_records(place(), actor(), case_id.hex)
    return render_template(
        "register/of_case.html",
        dossier=dossier,
        pack=dossier.law.pack,
        lines=reports.of_case(place(), actor(), case_id.hex),
        records=records,
        form=form or _form(records),
        forms=[made for made in FORMS.values() if "use_case" in made.kinds and made.id != "json"],
        languages=LANGUAGES,
    )


@pages.post("/use-cases/<uuid:case_id>/reports")
def ask(case_id: UUID) -> Response | tuple[str, int]:
    """Ask for a report, as a draft or to be issued."""
    form = _form(reports.case_records(place(), actor(), case_id.hex))
    if form.validate():
        language: Language = "en" if form.language.data == "en" else "fr"
        issue = request.form.get("how") == "issue"
        try:
            id_ = reports.ask(
                place(), actor(), case_id.hex, form=form.form.data, language=language, issue=issue, key=form.own_key
            )
        except RefusedError as error:
            form.refuse(error)
        else:
            return back(url_for("reports.show", id_=id_))
    return _case_page(case_id, form), 422


@pages.get("/use-cases/<uuid:case_id>/as/<form>")
def today(case_id: UUID, form: str) -> Response:
    """Give a use case as it stands today in a form to edit, as a draft."""
    made = FORMS[form_or_404(form)]
    name, content = handing_out.today(place(), actor(), case_id.hex, form, _asked_language())
    return attachment(content, made.media_type, name)


@pages.get("/use-cases/<uuid:case_id>/records/<record_id>.docx")
def record_word(case_id: UUID, record_id: str) -> Response:
    """Give a record that the Act asks for, as far as it is known, as a file for Word."""
    name, content = handing_out.act_record(place(), actor(), case_id.hex, record_id, _asked_language())
    return attachment(content, FORMS["docx"].media_type, name)


# Many use cases


def _selection(filter_: Filter) -> Text:
    """Return in both languages which use cases a filter finds."""
    offered = cases.choices(place(), actor())
    pack = place().library.law(place().library.default).pack
    levels = {level.id: level.title for level in pack.levels} | {"open": Text("niveau non décidé", "level undecided")}

    def named(title: str) -> Text:
        return Text(title, title)

    parts: list[tuple[Text, Text | None]] = [
        (Text("recherche", "search"), named(f"« {filter_.text} »") if filter_.text else None),
        (Text("niveau", "level"), levels.get(filter_.level or "")),
        (Text("fonction", "function"), FUNCTIONS.get(filter_.function or "")),
        (Text("secteur", "sector"), SECTORS.get(filter_.sector or "")),
        (Text("état", "state"), CASE_STATES.get(filter_.state or "")),
        (Text("site", "site"), next((named(s.name) for s in offered.sites if s.id == filter_.site), None)),
        (
            Text("fournisseur", "supplier"),
            next((named(s.name) for s in offered.suppliers if s.id == filter_.supplier), None),
        ),
        (
            Text("responsable", "owner"),
            next((named(m.name) for m in offered.people if m.person_id == filter_.owner), None),
        ),
    ]
    if filter_.due_before:
        day = filter_.due_before.isoformat()
        parts.append((Text("échéance avant le", "deadline before"), named(day)))
    found = [(label, value) for label, value in parts if value]
    archived = Text("cas d'usage archivés", "archived use cases")
    every = Text("tous les cas d'usage en cours", "all current use cases")
    start = archived if filter_.archived else every
    if not found:
        return start
    return Text(
        f"{start.fr} ; " + " ; ".join(f"{label.fr} : {value.fr}" for label, value in found),
        f"{start.en}; " + "; ".join(f"{label.en}: {value.en}" for label, value in found),
    )


def _checked(filter_: Filter) -> Filter:
    """Return a filter without sites, suppliers and people that are not the organisation's."""
    offered = cases.choices(place(), actor())
    kept = {
        "site": {item.id for item in offered.sites},
        "supplier": {item.id for item in offered.suppliers},
        "owner": {item.person_id for item in offered.people},
    }
    values = {name: getattr(filter_, name) for name in filter_.__slots__}
    return Filter(**{**values, **{name: values[name] if values[name] in ids else None for name, ids in kept.items()}})


@pages.route("/reports/portfolio", methods=["GET"])
def portfolio() -> str:
    """Choose the use cases of a portfolio report."""
    form = PortfolioForm()
    form.language.data = tongue()
    form.title.data = _("Uses of AI: where we stand")
    return _portfolio_page(form)


def _portfolio_page(form: PortfolioForm) -> str:
    filter_ = _checked(wanted())
    found, total = cases.search(place(), actor(), filter_, sort="reference", descending=False, page=1)
    pack = place().library.law(place().library.default).pack
    return render_template(
        "register/portfolio.html",
        form=form,
        filter=filter_,
        selection=_selection(filter_),
        found=found[:10],
        total=total,
        most=reports.PORTFOLIO_MOST,
        pack=pack,
        levels=level_choices([(level.id, spoken(level.title)) for level in pack.levels]),
        functions=options(FUNCTIONS),
        sectors=options(SECTORS),
        states=options(CASE_STATES),
        offered=cases.choices(place(), actor()),
        arguments=dict(request.args.items()),
    )


@pages.post("/reports/portfolio")
def ask_portfolio() -> Response | tuple[str, int]:
    """Ask for the report of many use cases; the selection is in the address."""
    form = PortfolioForm()
    filter_ = _checked(wanted())
    if form.validate():
        language: Language = "en" if form.language.data == "en" else "fr"
        said = _selection(filter_)
        try:
            id_ = reports.ask_portfolio(
                place(),
                actor(),
                filter_,
                title=form.title.data or "",
                selection=(said.fr, said.en),
                language=language,
                issue=request.form.get("how") == "issue",
                key=form.own_key,
            )
        except RefusedError as error:
            form.refuse(error)
        else:
            return back(url_for("reports.show", id_=id_))
    return _portfolio_page(form), 422
