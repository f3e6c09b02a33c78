"""An organisation with a row of everything, and its free texts set to what a test plants in them."""

import io

import docx
from PIL import Image
from sqlalchemy import JSON, String, update

from compliance.operations import (
    actions,
    answers,
    drafting,
    evidence,
    handing_over,
    imports,
    making,
    observations,
    paper,
    people,
    reports,
    reviews,
    samples,
    supplied,
    supplying,
    tokens,
)
from compliance.operations.answers import Given
from compliance.operations.evidence import Piece
from compliance.operations.rights import Role
from compliance.operations.supplied import Supplied
from compliance.operations.supplying import Asking
from compliance.operations.tokens import Scope
from compliance.storage.schema import SCHEMA

ID_SIGNS = 32


def png():
    """Return a small picture."""
    written = io.BytesIO()
    Image.new("RGB", (300, 100), (20, 37, 61)).save(written, "PNG")
    return written.getvalue()


FREE = {  # every column that holds what somebody typed; house rule: the others hold words of ours, ids and hashes
    "organisation": ("name",),
    "person": ("name",),
    "site": ("name",),
    "supplier": ("name",),
    "use_case": ("name", "description"),
    "answer": ("comment",),
    "answer_event": ("comment",),
    "evidence": ("title",),
    "hand_over": ("note",),
    "assessment": ("note", "opinion"),
    "action": ("comment",),
    "mail": ("subject", "body"),
    "import_draft": ("name", "table"),
    "report": ("title",),
    "sample": ("name",),
    "sample_item": ("looked_at",),
    "observation": ("text", "closing"),
    "observation_reply": ("text",),
    "pack_version": ("title_fr", "title_en", "note_fr", "note_en"),
    "pack_draft": ("title", "note_fr", "note_en", "opinion"),
    "pack_draft_file": ("text",),
    "pack_remark": ("quoted", "text"),
    "supplier_request": ("supplier", "shown_name", "note", "respondent"),
    "supplier_item": ("comment",),
    "supplier_file": ("name",),
    "api_token": ("name",),
    "webhook_endpoint": ("description",),
}
OURS = {  # columns of text that hold no word of a person's
    "organisation": ("language", "pack"),
    "person": ("email", "language", "password_hash", "totp_secret", "openid_subject"),
    "membership": ("roles",),
    "link": ("token_hash", "purpose", "email", "roles"),
    "session": ("id_hash", "values"),
    "throttle": ("key",),
    "use_case": (
        "function",
        "sector",
        "catalogue_entry",
        "pack",
        "state",
        "levels",
        "deciding_fact",
        "duties",
        "known",
    ),
    "answer": ("fact", "value", "source"),
    "answer_event": ("fact", "value", "source"),
    "evidence": ("fact", "supply", "url", "media_type", "sha256"),
    "hand_over": ("facts",),
    "assessment": ("state", "pack", "pack_version", "pack_hash", "answers", "levels", "obligations"),
    "action": ("obligation", "state"),
    "mail": ("address", "kind", "failure"),
    "import_draft": ("columns",),
    "law_text": ("hash", "folder", "version"),
    "stationery": ("kind", "sha256"),
    "report": (
        *("kind", "form", "language", "asked", "number", "levels", "pack_version", "pack_hash", "log_root", "sha256"),
        *("state", "failure", "taken_by"),
    ),
    "sample": ("criteria",),
    "observation": ("kind", "state"),
    "audit_entry": ("what", "subject", "detail"),
    "pack_version": ("pack", "hash", "changed"),
    "pack_draft": ("pack", "base", "base_hash", "state"),
    "pack_draft_file": ("path",),
    "pack_remark": ("path",),
    "supplier_request": ("token_hash", "address", "language", "facts", "supplies", "state"),
    "supplier_item": ("kind", "item", "value", "decision"),
    "supplier_file": ("supply", "media_type", "sha256"),
    "api_token": ("token_hash", "scopes"),
    "webhook_endpoint": ("url", "events", "state", "secret_sealed", "old_secret_sealed"),
    "webhook_delivery": ("event", "body", "state", "failure"),
    "api_request": ("key", "asked", "answer"),
}


def texts_of_tables():
    """Return every column of text of every table but ids."""
    return {
        (table.name, column.name)
        for table in SCHEMA.sorted_tables
        for column in table.columns
        if isinstance(column.type, (String, JSON)) and column.type.__dict__.get("length") != ID_SIGNS
    }


def sheet(*lines):
    document = docx.Document()
    for line in lines:
        document.add_paragraph(line)
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


def furnish(office, case_id):
    """Put a row of every kind around a use case; return the tokens of two questionnaires, one sent back."""
    place, by = office.place, office.people
    officer, auditor = by["officer"], by["auditor"]
    answers.record_organisation(place, officer, "staff", Given(2400, comment="Effectif du groupe"), 0)
    answers.record_organisation(place, officer, "policy_adopted", Given("nothing", comment="En cours"), 0)
    answers.record(place, officer, case_id, "controls_logs", Given("true", comment="Un commentaire"), 0)
    evidence.add(place, officer, case_id, Piece("Notice", url="https://example.com/notice"), fact="technique")
    evidence.add(place, officer, case_id, Piece("Contrat", content=b"%PDF-1.7 contrat"), fact="technique")
    wanted = ["used_at_workplace", "decides_about_persons"]
    handing_over.hand_over(place, officer, case_id, wanted, by["contributor"].person_id, "Merci de répondre")
    for found in actions.of_case(place, officer, case_id)[:1]:
        said = {"state": "in_progress", "comment": "Commencé", "owner_id": by["contributor"].person_id, "due": None}
        actions.change(place, officer, found.id, found.version, **said)
        evidence.add(place, officer, case_id, Piece("Preuve", content=png()), action_id=found.id)
    sent = [_ask_supplier(place, officer, case_id) for _ in range(2)]
    supplied.send(place, sent[1], "Service technique")
    imports.start(place, officer, "liste.xlsx", [["Nom", "Description"], ["Tri de CV", "Tri"], ["Chariots", "Robots"]])
    paper.change(place, officer, "logo", png())
    sample_id = samples.draw(place, auditor, "Premier", samples.Criteria(), size=2, order=samples.RANDOM, key=None)
    drawn = samples.sample(place, auditor, sample_id).items[0].item
    samples.look(place, auditor, drawn.id, drawn.version, "Regardé")
    for kind in ("finding", "remark"):
        found = observations.record(place, auditor, drawn.case_id, kind=kind, text="Constat", sample_id=sample_id)
    observations.close(place, auditor, found, observations.version(place, auditor, found), "Vu")
    found = observations.record(place, auditor, drawn.case_id, kind="finding", text="Constat", sample_id=sample_id)
    observations.reply(place, officer, found, "Réponse")
    _draft(office)
    administrator = by["administrator"]
    tokens.make(place, officer, "Chaîne", frozenset((Scope.READ,)), 30)
    if not officer.example and administrator.has_totp:
        roles = frozenset((Role.CONTRIBUTOR,))
        people.invite(place, administrator, email="nouveau@example.com", roles=roles, language="fr")
    return sent


def _ask_supplier(place, officer, case_id):
    facts, supplies = ("technique", "continues_learning"), ("supplied_purpose", "supplied_instructions")
    asking = Asking("Recrutia", None, "fr", supplying.DAYS, "Tri", "Merci", facts, supplies)
    token = supplying.ask(place, officer, case_id, asking).link.rpartition("/")[2]
    supplied.save(place, token, {"continues_learning": (Given("false", comment="Modèle figé"), 0)})
    said = {"supplied_purpose": Supplied("Trier", False, 0, "notice.pdf", b"%PDF-1.7 notice")}
    supplied.supply(place, token, said)
    return token


def _draft(office):
    place, editor = office.place, office.people["legal_editor"]
    id_ = drafting.begin(place, editor, place.library.default, "Retouche")
    opened = drafting.opened(place, editor, id_)
    path = next(path for path in opened.own if path.endswith("practices.yaml"))
    drafting.save(place, editor, id_, path, f"{opened.text(path)}\n# retouche\n", 0)
    drafting.remark(place, editor, id_, path, 1, "À revoir")


def reviewed(office, case_id):
    """Submit a use case, return it, submit it anew and approve it."""
    place, officer, reviewer = office.place, office.people["officer"], office.people["reviewer"]
    reviews.submit(place, officer, case_id, "Pour avis")
    reviews.decide(place, reviewer, case_id, approve=False, opinion="À compléter")
    reviews.submit(place, officer, case_id, "Pour avis")
    reviews.decide(place, reviewer, case_id, approve=True, opinion="Favorable")


def issued(office, case_id, forms=("full",), language="fr"):
    """Issue reports and make them; return their ids."""
    place, made = office.place, []
    for form in forms:
        id_ = reports.ask(place, office.people["officer"], case_id, form=form, language=language, issue=True)
        assert making.make(place, "test", office.org, id_)
        made.append(id_)
    return made


def plant(place, org, text):
    """Set every free text of an organisation to ``text(place where it stands, what it was)``."""
    with place.database.writing() as connection:
        for name, columns in FREE.items():
            table = SCHEMA.tables[name]
            keys = list(table.primary_key.columns)
            for row in connection.execute(_rows_of(name, org)).mappings().all():
                values = {column: _planted(text, f"{name}.{column}", row[column]) for column in columns}
                where = [key == row[key.name] for key in keys]
                connection.execute(update(table).where(*where).values(values))


def _planted(text, where, was):
    if where == "import_draft.table":
        return [was[0], *([text(where, cell) for cell in line] for line in was[1:])]
    return text(where, was) if isinstance(was, str) else was


def _rows_of(name, org):
    """Return what selects an organisation's rows of a table, itself and its people included."""
    table = SCHEMA.tables[name]
    if name == "organisation":
        return table.select().where(table.c.id == org)
    if name == "person":
        members = SCHEMA.tables["membership"]
        of_it = members.select().with_only_columns(members.c.person_id).where(members.c.org_id == org)
        return table.select().where(table.c.id.in_(of_it))
    return table.select().where(table.c.org_id == org)


def rows(place, org):
    """Return all rows of an organisation, by table."""
    whole = [table.name for table in SCHEMA.sorted_tables if "org_id" in table.c]
    with place.database.reading() as connection:
        return {
            name: [tuple(row) for row in connection.execute(_rows_of(name, org))]
            for name in ("organisation", "person", *whole)
        }
