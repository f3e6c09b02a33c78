"""Reading the law: the texts at hand, their entries section by section, each entry in full, and the map of articles."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, url_for

from compliance.law.completing import KINDS_OF_ENTRY
from compliance.law.entries import SECTIONS, Key
from compliance.law.model import Coverage, Pack
from compliance.law.phrasing import heading
from compliance.law.terms import Citation
from compliance.law.uses import ancestors, citations_of, encoded, place_of, root
from compliance.operations import texts
from compliance.operations.library import Law
from compliance.operations.workplace import NotFoundError
from compliance.web.here import actor, place, tongue
from compliance.web.inventory.views import text_asked
from compliance.web.law import scenes
from compliance.web.law.drawing import draw
from compliance.web.law.lines import lines, tags
from compliance.web.law.pages import (
    MOST,
    Study,
    by_section,
    citation_of,
    covered,
    official_texts,
    opened,
    origin,
    parts,
    provision_title,
    rests_on,
    search,
    section_titles,
    study,
    version_day,
)

pages = Blueprint("law", __name__, url_prefix="/law")
_DRAWN = ("definitions", "levels", "roles")  # the others name a concept, which has its own
_FIGURES = ("facts", "definitions", "obligations")


@pages.get("")
def texts_at_hand() -> str:
    """Show the texts of the law."""
    found = [
        (law, version, {section: len(getattr(law.pack, section)) for section in _FIGURES})
        for law, version in texts.laws(place(), actor())
    ]
    return render_template(
        "law/texts.html", texts=found, titles=section_titles(), official_texts=official_texts, version_day=version_day
    )


@pages.get("/<name>")
def contents(name: str) -> str:
    """Show what a text holds, and what is found in it."""
    law = opened(name)
    asked = text_asked() or ""
    counts = {section: len(getattr(law.pack, section)) for section in section_titles()}
    found = search(law, asked) if asked else None
    return _page("law/contents.html", law, asked=asked, found=found, most=MOST, counts=counts)


@pages.get("/<name>/<part>")
def section(name: str, part: str) -> str:
    """Show all entries of a section."""
    law = opened(name)
    if part not in SECTIONS:
        raise NotFoundError
    return _page(
        "law/section.html",
        law,
        section=part,
        parts=parts(law.pack, part),
        lines=lines,
        tags=tags,
        since=texts.since(place(), actor(), law.name),
    )


@pages.get("/<name>/<part>/<entry>")
def entry(name: str, part: str, entry: str) -> str:
    """Show one entry in full, in both languages, with what uses it, builds it and covers it."""
    law = opened(name)
    known = study(law)
    key: Key = part, entry
    if key not in known.entries:
        raise NotFoundError
    found = known.entries[key]
    picture = None
    if part in _DRAWN:
        picture = draw(law.pack, heading(found), found.when, getattr(found, "unless", None), tongue())
    return _page(
        "law/entry.html",
        law,
        section=part,
        key=key,
        entry=found,
        kind=KINDS_OF_ENTRY.get(part),
        lines=lines(law.pack, found),
        tags=tags(found),
        citations=_cited(found),
        changed_in=texts.since(place(), actor(), law.name).get("/".join(key)),
        origin=origin(law, found.source) if getattr(found, "source", "") else None,
        builds_on=by_section(known.uses.builds_on[key]),
        rests_on=rests_on(known.uses, key),
        used_by=by_section(known.uses.used_by[key]),
        picture=picture,
        scenes=scenes.of(law.pack, covered(law), key),
    )


def _cited(found: Any) -> list[Citation]:
    """Return the provisions that an entry cites anywhere, each once."""
    return list({c.provision: c for c in citations_of(found) if c.provision}.values())


@pages.get("/<name>/articles")
def articles(name: str) -> str:
    """Show which article is encoded where, which binds others, and which is left out and why."""
    law = opened(name)
    known = study(law)
    rows: dict[str, list[dict[str, Any]]] = {"art": [], "annex": [], "rct": []}
    roots = [id_ for id_, provision in law.pack.provisions.items() if provision.parent is None]
    for id_ in sorted(roots, key=place_of):
        shown = encoded(law.pack, known.uses, id_)
        keys = by_section([*shown.itself, *(key for keys in shown.parts.values() for key in keys)])
        aside = _aside(law.pack, known, id_)
        kind = id_.split("-")[0]
        if keys or aside or kind != "rct":
            counts = {part: len(found) for part, found in keys.items() if part != "coverage"}
            rows[kind].append({"id": id_, "counts": counts, "aside": aside, "provision": law.pack.provisions[id_]})
    return _page("law/articles.html", law, rows=rows)


def _aside(pack: Pack, known: Study, id_: str) -> list[dict[str, Any]]:
    """Return what of an article binds others or is not encoded: a line for each reason, with its provisions."""
    reasons: dict[str, dict[str, Any]] = {}
    for provision in (id_, *known.uses.below[id_]):
        for statement in _statements(pack, known, provision):
            name = statement.id if statement else ""
            reason = reasons.setdefault(name, {"statement": statement, "provisions": []})
            reason["provisions"].append(citation_of(pack, provision))
    return list(reasons.values())


def _statements(pack: Pack, known: Study, provision: str) -> list[Coverage | None]:
    """Return why a provision is not encoded, as far as it is not; None stands for no reason given."""
    made = [pack.coverage[id_] for section, id_ in known.uses.cited.get(provision, ()) if section == "coverage"]
    if made:
        return [*made]
    if provision in known.cover.binds_others:
        return [known.cover.binds_others[provision]]
    return [known.cover.not_encoded[provision]] if provision in known.cover.not_encoded else []


@pages.get("/<name>/articles/<provision>")
def article(name: str, provision: str) -> str:
    """Show all that encodes one provision."""
    law = opened(name)
    known = study(law)
    if provision not in law.pack.provisions:
        raise NotFoundError
    shown = encoded(law.pack, known.uses, provision)
    return _page(
        "law/article.html",
        law,
        provision=law.pack.provisions[provision],
        citation=citation_of(law.pack, provision),
        above=[(id_, citation_of(law.pack, id_)) for id_ in reversed(ancestors(law.pack, provision))],
        below=[(id_, citation_of(law.pack, id_)) for id_ in known.uses.below[provision]],
        itself=by_section([key for key in shown.itself if key[0] != "coverage"]),
        in_parts=[(id_, citation_of(law.pack, id_), by_section(keys)) for id_, keys in shown.parts.items()],
        in_whole=[(id_, citation_of(law.pack, id_), by_section(keys)) for id_, keys in shown.above.items()],
        aside=_aside(law.pack, known, provision),
        article=provision_title(law.pack, root(law.pack, provision)),
    )


def _page(template: str, law: Law, **values: Any) -> str:
    """Render a page of one text."""
    return render_template(
        template,
        law=law,
        pack=law.pack,
        name=law.name,
        known=study(law),
        titles=section_titles(),
        heading=heading,
        provision_title=provision_title,
        version_day=version_day,
        base=url_for("law.contents", name=law.name),
        **values,
    )
