"""A made-up French industrial group, to look around in: an organisation of its own, gone with one click."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection

from compliance.assessment.state import reading_order
from compliance.operations import (
    actions,
    answers,
    cases,
    handing_over,
    observations,
    organisation,
    reports,
    reviews,
    samples,
    supplied,
    supplying,
)
from compliance.operations.answers import Given
from compliance.operations.cases import Description
from compliance.operations.dossiers import Dossier, view
from compliance.operations.rights import Right, Role, as_text
from compliance.operations.supplied import Supplied
from compliance.operations.supplying import Asking
from compliance.operations.workplace import Actor, Unit, Workplace
from compliance.storage import organisations, people
from compliance.storage.cases import Filter
from compliance.storage.rows import new_id

NAME = "Groupe Mécavia (exemple)"
_SITES = ("Saint-Nazaire – emboutissage", "Figeac – usinage", "Valenciennes – assemblage")
_SUPPLIERS = ("Visiomex", "Datamaint", "Recrutia", "Éditeur ERP Solvance", "Développement interne")
_PEOPLE = (
    ("Claire Delmas", Role.OFFICER),
    ("Julien Roche", Role.OFFICER),
    ("Nadia Benali", Role.CONTRIBUTOR),
    ("Marc Lefèvre", Role.CONTRIBUTOR),
    ("Sophie Garnier", Role.AUDITOR),
    ("Antoine Weber", Role.LEGAL_EDITOR),
)
_ORGANISATION: dict[str, object] = {
    "established_in_union": True,
    "organisation_kind": "private",
    "financial_institution": False,
    "staff": 2400,
    "turnover_eur": 610_000_000,
    "balance_sheet_eur": 480_000_000,
}


_MATURITY = {  # of concerns beyond the Act, as the group answers for itself; the rest it has not answered yet
    "measured": ("policy_adopted",),
    "applied": (
        *("policy_rules_of_use", "policy_incident_door", "generative_approved_tool", "generative_contract_terms"),
        *("generative_people_ranking_forbidden", "work_council_in_schedule", "literacy_makers"),
        "sovereignty_export_control_applied",
    ),
    "defined": (
        *("policy_register_complete", "policy_decision_rights", "generative_forbidden_data", "literacy_managers_base"),
        *("literacy_safety_line", "work_notice_to_workers", "ethics_red_lines", "sovereignty_foreign_access_decided"),
    ),
    "informal": (
        *("policy_purchase_gate", "generative_tools_known", "generative_code_checked", "literacy_matrix"),
        *("work_know_how_kept", "ethics_body", "frugality_supplier_figures"),
    ),
    "nothing": ("generative_leak_barriers", "literacy_effect_measured", "frugality_hardware_and_data"),
}
_ASSISTANT = "company_wide_generative_assistant"
_MATURITY_OF_ASSISTANT = {
    "generative_output_checked": "informal",
    "frugality_need_checked": "applied",
    "frugality_use_sized": "nothing",
    "sovereignty_exit_possible": "informal",
    "sovereignty_dependencies_known": "defined",
}


@dataclass(frozen=True, slots=True)
class _Use:
    """One use case of the example: from the catalogue, at a site, and how far it has come."""

    entry: str
    site: int
    supplier: int
    owner: int
    how: str  # "approved", "submitted", "answered", "presumed", "half", "unsure"


_USES = (
    _Use("predictive_maintenance_of_a_production_line", 0, 1, 3, "approved"),
    _Use("predictive_maintenance_of_a_press_with_safety_stop", 0, 1, 3, "answered"),
    _Use("maintenance_assistant_generating_work_orders_and_diagnoses", 1, 4, 3, "answered"),
    _Use("spare_parts_stock_optimisation", 0, 3, 3, "approved"),
    _Use("real_time_visual_quality_control", 0, 0, 2, "approved"),
    _Use("assisted_dimensional_and_non_destructive_testing", 1, 0, 2, "unsure"),
    _Use("root_cause_analysis_of_defects_and_recalls", 2, 4, 2, "presumed"),
    _Use("production_scheduling", 2, 3, 3, "answered"),
    _Use("vision_that_stops_a_machine_when_a_hand_approaches", 0, 0, 3, "submitted"),
    _Use("collaborative_robot_with_learned_speed_adaptation", 2, 0, 3, "half"),
    _Use("autonomous_mobile_robot_or_driverless_truck", 2, 0, 3, "unsure"),
    _Use("ppe_wearing_detection_by_camera", 0, 0, 2, "half"),
    _Use("predictive_analysis_of_accidents_and_near_misses", 1, 4, 2, "presumed"),
    _Use("screening_and_ranking_of_applications", 0, 2, 0, "approved"),
    _Use("targeted_job_advertising", 0, 2, 0, "answered"),
    _Use("emotion_analysis_in_video_interviews", 0, 2, 0, "submitted"),
    _Use("performance_monitoring_and_evaluation", 2, 3, 0, "half"),
    _Use("shift_planning_by_objective_constraints", 2, 3, 0, "unsure"),
    _Use("generative_part_design", 1, 4, 2, "presumed"),
    _Use("coding_assistant", 1, 3, 2, "approved"),
    _Use("customer_chatbot", 2, 3, 1, "approved"),
    _Use("b2b_prospect_targeting", 2, 3, 1, "half"),
    _Use("company_wide_generative_assistant", 0, 3, 1, "answered"),
    _Use("image_and_video_generation_for_communication", 0, 3, 1, "submitted"),
    _Use("supplier_scoring", 0, 3, 1, "presumed"),
    _Use("emergency_braking_and_lane_keeping", 1, 4, 2, "half"),
)
_REPORTS, _SAMPLE = 3, 3
_UNSURE = ("product_link", "annex_iii_use", "practices", "direct_interaction")
_LOOKED_AT = "Contrat et notice relus ; réponses confirmées par le responsable du site le jour de la visite."
_FINDING = "La preuve de l'information des salariés concernés manque au dossier."
_ANSWER = "L'information a été donnée au CSE ; le procès-verbal sera joint cette semaine."
_REMARK = "Prévoir une relecture avant le changement de version annoncé par le fournisseur."
_ASKED, _WAITING = "predictive_maintenance_of_a_press_with_safety_stop", "ppe_wearing_detection_by_camera"
_NOTE = "Merci de répondre pour la version installée chez nous ; « je ne sais pas » est une réponse."
_ASKED_FACTS = ("technique", "safety_function", "failure_consequence", "continues_learning", "first_placed_on")
_ASKED_SUPPLIES = ("supplied_purpose", "supplied_instructions", "supplied_performance")
_SAID = {
    "technique": Given("machine_learning"),
    "safety_function": Given("true", comment="Le module « arrêt » commande l'arrêt du coulisseau ; il est en option."),
    "continues_learning": Given("false", comment="Le modèle est figé à la livraison de chaque version."),
    "failure_consequence": Given(None, unknown=True, comment="Cela dépend des protections de la presse."),
}
_PURPOSE = (
    "Prévoir l'usure de presses mécaniques et arrêter le coulisseau avant une rupture. Exclu : les presses à vis."
)
_OPINIONS = "Réponses vérifiées avec le site ; les preuves sont jointes. Avis favorable."


def add(place: Workplace) -> bool:
    """Add the example, open to every administrator; False where it is there already."""
    with place.database.writing() as connection:
        if any(found.example for found in organisations.organisations(connection)):
            return False
        actors = _found(place, connection)
    officer, reviewer = actors[0], actors[1]
    for fact, value in _ORGANISATION.items():
        answers.record_organisation(place, officer, fact, Given(value), 0)
    for maturity, controls in _MATURITY.items():
        for control in controls:
            answers.record_organisation(place, officer, control, Given(maturity), 0)
    sites = [organisation.add_named(place, officer, "site", name) for name in _SITES]
    suppliers = [organisation.add_named(place, officer, "supplier", name) for name in _SUPPLIERS]
    catalogue = place.library.law(place.library.default).pack.catalogue
    for use in _USES:
        entry = catalogue[use.entry]
        described = Description(
            entry.title.fr,
            entry.description.fr,
            entry.function,
            entry.sector or "automotive",
            sites[use.site],
            suppliers[use.supplier],
            actors[use.owner].person_id,
        )
        facts = dict(entry.facts)
        if use.how == "half":
            order = sorted(facts, key=lambda fact: reading_order(place.library.law(place.library.default).pack, fact))
            facts = {fact: facts[fact] for fact in order[: len(order) // 2]}
        case_id = cases.begin(place, officer, described, presumed=facts, catalogue_entry=entry.id)
        _carry_on(place, use, case_id, officer, reviewer, actors)
        if use.entry in (_ASKED, _WAITING):
            _ask_supplier(place, officer, case_id, described.name, _SUPPLIERS[use.supplier], back=use.entry == _ASKED)
    _report_and_audit(place, officer, actors)
    return True


def _ask_supplier(place: Workplace, officer: Actor, case_id: str, name: str, supplier: str, *, back: bool) -> None:
    """Question a supplier, which leaves it at that, or sends back a part of what it was asked."""
    asking = Asking(supplier, None, "fr", supplying.DAYS, name, _NOTE, _ASKED_FACTS, _ASKED_SUPPLIES)
    handed = supplying.ask(place, officer, case_id, asking)
    if back:
        token = handed.link.rpartition("/")[2]
        supplied.save(place, token, {fact: (given, 0) for fact, given in _SAID.items()})
        said = {"supplied_purpose": Supplied(_PURPOSE, False, 0), "supplied_performance": Supplied("", True, 0)}
        supplied.supply(place, token, said)
        supplied.send(place, token, "Hélène Marchand, support technique")


def _report_and_audit(place: Workplace, officer: Actor, actors: list[Actor]) -> None:
    """Issue the reports of what is approved, which a worker makes, and have the auditor look at some."""
    auditor = next(actor for actor in actors if Role.AUDITOR in actor.roles)
    approved, _ = cases.search(place, officer, Filter(state="approved"), sort="reference", descending=False, page=1)
    for listed in approved[:_REPORTS]:
        reports.ask(place, officer, listed.case.id, form="full", language="fr", issue=True)
    criteria = samples.Criteria(state="approved")
    name = "Audit interne, premier semestre"
    sample_id = samples.draw(place, auditor, name, criteria, size=_SAMPLE, order=samples.RANDOM, key=None)
    drawn = samples.sample(place, auditor, sample_id).items
    samples.look(place, auditor, drawn[0].item.id, drawn[0].item.version, _LOOKED_AT)
    for listed_item, kind, text in zip(drawn, ("finding", "remark"), (_FINDING, _REMARK), strict=False):
        case_id = listed_item.item.case_id
        found = observations.record(place, auditor, case_id, kind=kind, text=text, sample_id=sample_id)
        if kind == "finding":
            observations.reply(place, officer, found, _ANSWER)


def add_as(place: Workplace, actor: Actor) -> bool:
    """Add the example at an administrator's wish; False where it is there already."""
    actor.require(Right.ADMINISTER)
    return add(place)


def _found(place: Workplace, connection: Connection) -> list[Actor]:
    """Make the organisation and its made-up people, who cannot sign in."""
    org, now = new_id(), place.clock()
    organisations.add_organisation(
        connection,
        id=org,
        name=NAME,
        language="fr",
        pack=place.settings.default_pack,
        example=True,
        created_at=now,
    )
    actors = []
    for name, role in _PEOPLE:
        person_id = new_id()
        email = f"{name.split()[0].lower().replace('è', 'e')}.{person_id[:6]}@mecavia.example"
        people.add_person(
            connection,
            id=person_id,
            name=name,
            email=email,
            totp_last_step=0,
            active=True,
            one_at_a_time=True,
            created_at=now,
        )
        people.join(connection, org, person_id, as_text(frozenset((role,))))
        roles = frozenset((role,))
        actors.append(Actor(person_id, name, email, org, NAME, True, roles, None, "fr", False, True))
    for administrator in people.administrators(connection):
        people.join(connection, org, administrator, as_text(frozenset((Role.ADMINISTRATOR, Role.OFFICER))))
    Unit(connection, org, actors[0].person_id, now).log("organisation.created", org, example=True)
    return actors


def _carry_on(place: Workplace, use: _Use, case_id: str, officer: Actor, reviewer: Actor, actors: list[Actor]) -> None:
    """Bring a use case as far as the example shows it."""
    if use.how == "presumed":
        return
    dossier = view(place, officer, case_id)
    answers.confirm_presumed(place, officer, case_id, list(dossier.presumed))
    if use.entry == _ASSISTANT:
        for control, maturity in _MATURITY_OF_ASSISTANT.items():
            answers.record(place, officer, case_id, control, Given(maturity), 0)
    if use.how in ("half", "unsure"):
        _leave_open(place, use, case_id, officer, actors)
        return
    if use.how in ("approved", "submitted"):
        reviews.submit(place, officer, case_id, "À relire avant le comité de direction.")
    if use.how == "approved":
        reviews.decide(place, reviewer, case_id, approve=True, opinion=_OPINIONS)
        _work(place, case_id, officer, actors)


def _leave_open(place: Workplace, use: _Use, case_id: str, officer: Actor, actors: list[Actor]) -> None:
    if use.how == "unsure":
        dossier = view(place, officer, case_id)
        for fact in _UNSURE[:2]:
            standing = dossier.answers.get(fact)
            given = Given(None, unknown=True, comment="À voir avec le bureau d'études.")
            answers.record(place, officer, case_id, fact, given, standing.version if standing else 0)
    dossier = view(place, officer, case_id)
    open_ = _open_questions(place, dossier)
    if open_:
        note = "Tu connais cette installation : peux-tu répondre avant vendredi ?"
        to = actors[use.owner] if Role.CONTRIBUTOR in actors[use.owner].roles else actors[2]
        handing_over.hand_over(place, officer, case_id, open_[:3], to.person_id, note)


def _open_questions(place: Workplace, dossier: Dossier) -> list[str]:
    reading = place.library.reading(dossier.law, dossier.facts)
    return list(reading.for_level) or list(reading.for_rest)


def _work(place: Workplace, case_id: str, officer: Actor, actors: list[Actor]) -> None:
    """Give some actions an owner, a state, a date."""
    today = place.today()
    plan: tuple[tuple[str, int, date | None, str], ...] = (
        ("done", 2, None, "Formation suivie le mois dernier, feuille d'émargement jointe."),
        ("in_progress", 3, today + timedelta(days=6), ""),
        ("to_do", 0, today - timedelta(days=9), "En attente du fournisseur."),
    )
    for action, (state, owner, due, comment) in zip(actions.of_case(place, officer, case_id), plan, strict=False):
        values: dict[str, Any] = {"state": state, "comment": comment, "owner_id": actors[owner].person_id}
        actions.change(place, officer, action.id, action.version, due=due or action.due, **values)
