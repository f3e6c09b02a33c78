"""What an editor of rule files offers while somebody types: names of the pack, provisions, and what each key is for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from compliance.law.model import Fact, Pack, Provision
from compliance.law.phrasing import heading
from compliance.law.records import CASE_SOURCES, KINDS, OUTCOME_SOURCES
from compliance.law.schema import pack_schema
from compliance.law.terms import FactType
from compliance.text import Text

KINDS_OF_ENTRY = {
    "sections": Text("section du questionnaire", "section of the questionnaire"),
    "facts": Text("question", "question"),
    "definitions": Text("notion", "concept"),
    "levels": Text("niveau", "level"),
    "roles": Text("rôle", "role"),
    "findings": Text("constat", "finding"),
    "owners": Text("fonction de l'entreprise", "function of the company"),
    "deadlines": Text("échéance", "deadline"),
    "penalties": Text("plafond d'amende", "ceiling of fines"),
    "obligations": Text("obligation", "obligation"),
    "glossary": Text("terme du glossaire", "glossary term"),
    "catalogue": Text("usage type", "typical use"),
    "records": Text("document", "record"),
    "record_items": Text("ligne d'un document", "line of a record"),
    "derivations": Text("déduction", "derivation"),
    "modules": Text("préoccupation", "concern"),
    "controls": Text("contrôle", "control"),
    "training": Text("formation", "training"),
    "supplies": Text("document à obtenir", "document to obtain"),
    "regimes": Text("autre texte", "other law"),
    "regime_duties": Text("exigence d'un autre texte", "duty of another law"),
}
TOP_KEYS = {  # where a file begins
    "pack": Text("Nom de ce paquet de règles.", "Name of this rule pack."),
    "amends": Text(
        "Paquet que celui-ci modifie, avec sa version : ai-act@2024-07-12.",
        "Pack that this one amends, with its version: ai-act@2024-07-12.",
    ),
    "builds_on": Text(
        "Paquets sur lesquels celui de l'organisation s'appuie.", "Packs that the organisation's own pack builds on."
    ),
    "part": Text("Nom de cette partie d'un texte.", "Name of this part of a text."),
    "parts": Text(
        "Dossiers voisins qui font partie de ce texte.", "Folders beside this one that are parts of this text."
    ),
    "version": Text("Date de la version du texte.", "Date of this version of the text."),
    "title": Text("Nom affiché du paquet.", "Name of the pack, as shown."),
    "text": Text(
        "Texte officiel que le paquet met en règles : CELEX, ELI et titre.",
        "Official text that the pack puts into rules: CELEX, ELI and title.",
    ),
    "consolidated": Text("Version consolidée officielle, par son CELEX.", "Official consolidation, by its CELEX."),
    "sections": Text("Les chapitres du questionnaire.", "The chapters of the questionnaire."),
    "facts": Text("Les questions posées sur un usage de l'IA.", "The questions asked about a use of AI."),
    "definitions": Text(
        "Les notions juridiques, chacune définie par une condition.", "The legal concepts, each defined by a condition."
    ),
    "levels": Text(
        "Les niveaux de risque : le premier dont la condition est remplie l'emporte.",
        "The levels of risk: the first whose condition holds is the one.",
    ),
    "roles": Text("Les rôles que la loi donne à l'organisation.", "The roles that the law gives to the organisation."),
    "findings": Text("Les points de droit constatés à côté du niveau.", "The points of law found beside the level."),
    "owners": Text(
        "Les fonctions de l'entreprise à qui confier une obligation.",
        "The functions of the company that an obligation can be given to.",
    ),
    "deadlines": Text("Les échéances : la date selon le cas.", "The deadlines: which date holds in which case."),
    "penalties": Text("Les plafonds d'amende.", "The ceilings of fines."),
    "obligations": Text(
        "Les obligations : qui fait quoi, quand, et avec quelle preuve.",
        "The obligations: who does what, when, and with what evidence.",
    ),
    "glossary": Text("Les termes de la loi, expliqués.", "The terms of the law, explained."),
    "coverage": Text("Les dispositions laissées de côté, et pourquoi.", "The provisions that are left out, and why."),
    "catalogue": Text(
        "Les usages types, avec leurs réponses présumées.", "The typical uses, with their presumed answers."
    ),
    "records": Text("Les documents que la loi demande.", "The documents that the law asks for."),
    "record_items": Text("Les lignes de ces documents.", "The lines of these documents."),
    "derivations": Text(
        "Les réponses qui suivent en droit d'autres réponses.", "The answers that follow in law from other answers."
    ),
    "modules": Text("Les préoccupations au-delà du règlement.", "The concerns beyond the Act."),
    "controls": Text(
        "Les contrôles : une question sur une échelle de maturité, et l'action s'il manque quelque chose.",
        "The controls: a question on a maturity scale, and the action where something is missing.",
    ),
    "training": Text("Le plan de formation, par public.", "The training plan, by audience."),
    "supplies": Text(
        "Ce qu'il faut obtenir d'un fournisseur : documents et informations.",
        "What to obtain from a supplier: documents and information.",
    ),
    "regimes": Text("Les autres textes, et quand ils s'appliquent.", "The other laws, and when they apply."),
    "regime_duties": Text(
        "Ce que les autres textes demandent, et les obligations du règlement que la même preuve sert.",
        "What the other laws ask, and the duties of the Act that the same evidence serves.",
    ),
    "profiles": Text("Les réponses communes à plusieurs scénarios.", "Answers that several scenarios share."),
    "scenarios": Text(
        "Les situations qui mettent les règles à l'épreuve.", "The situations that put the rules to the test."
    ),
}
KEYS_OF_ENTRY = {  # inside an entry
    "insert": Text("Ajoute des entrées au texte modifié.", "Adds entries to the amended text."),
    "replace": Text("Réécrit en entier des entrées existantes.", "Rewrites existing entries as a whole."),
    "repeal": Text("Abroge des entrées, avec la disposition qui le fait.", "Repeals entries, and cites what does so."),
    "raise": Text("Relève un niveau dans d'autres situations.", "Raises a level in further situations."),
    "title": Text("Nom affiché, dans les deux langues.", "Name as shown, in both languages."),
    "order": Text("Place parmi les autres, par ordre croissant.", "Place among the others, in rising order."),
    "fr": Text("Le texte français.", "The French text."),
    "en": Text("Le texte anglais.", "The English text."),
    "cite": Text(
        "Disposition qui fonde l'entrée : art. 6(1)(a), annex III.4(a), recital 53.",
        "Provision that the entry rests on: art. 6(1)(a), annex III.4(a), recital 53.",
    ),
    "status": Text("Degré de certitude du droit.", "How settled the law is."),
    "to_confirm": Text("Ce qui reste à confirmer, et par qui.", "What remains to be confirmed, and by whom."),
    "checked": Text("Date de la dernière relecture, et par qui.", "Date of the last review, and by whom."),
    "note": Text("Précision affichée à côté.", "Remark shown beside it."),
    "type": Text("Sorte de réponse attendue.", "Kind of answer that is expected."),
    "section": Text("Section du questionnaire où elle est posée.", "Section of the questionnaire that asks it."),
    "question": Text("La question, telle qu'elle est posée.", "The question, as it is asked."),
    "of": Text(
        "Ce dont on parle : l'usage ou l'organisation ; ou la liste des conditions comptées.",
        "What it is about, the use or the organisation; or the list of conditions counted.",
    ),
    "help": Text("Explication en mots simples.", "Explanation in plain words."),
    "examples": Text(
        "Exemples de l'industrie, autant en français qu'en anglais.",
        "Examples from industry, as many in English as in French.",
    ),
    "options": Text("Les réponses proposées.", "The answers that are offered."),
    "groups": Text("Titres sous lesquels les réponses sont rangées.", "Headings that the answers are grouped under."),
    "group": Text("Titre sous lequel la réponse est rangée.", "Heading that the answer is grouped under."),
    "label": Text("La réponse, telle qu'elle est proposée.", "The answer, as it is offered."),
    "unit": Text("Unité du nombre.", "Unit of the number."),
    "minimum": Text("Plus petit nombre admis.", "Smallest number allowed."),
    "maximum": Text("Plus grand nombre admis.", "Largest number allowed."),
    "when": Text(
        "Condition : la situation dans laquelle l'entrée joue.", "Condition: the situation in which it applies."
    ),
    "unless": Text("La dérogation : ce qui écarte la condition.", "The derogation: what sets the condition aside."),
    "because": Text("Le motif, imprimé dans le rapport.", "The reason, as printed in the report."),
    "rank": Text("Rang du niveau, le plus sévère en premier.", "Rank of the level, the strictest first."),
    "description": Text("Explication affichée.", "Explanation, as shown."),
    "deadline": Text("Échéance dont elle dépend.", "Deadline that it depends on."),
    "cases": Text(
        "Les cas, dans l'ordre : le premier rempli donne la date.",
        "The cases in order: the first that holds gives the date.",
    ),
    "applies_from": Text("Date à partir de laquelle la règle s'applique.", "Date from which the rule applies."),
    "never": Text(
        "Au lieu d'une date : pourquoi la règle ne s'applique pas.", "In place of a date: why the rule does not apply."
    ),
    "amount": Text("Montant maximal, en euros.", "Highest amount, in euros."),
    "percent": Text("Part maximale du chiffre d'affaires mondial, en %.", "Highest share of worldwide turnover, in %."),
    "percent_when": Text("À qui la part du chiffre d'affaires s'applique.", "Whom the share of turnover applies to."),
    "lower_when": Text("Qui ne doit que le plus faible des deux montants.", "Who owes only the lower of the two."),
    "who": Text("Rôle à qui elle incombe.", "Role that it falls to."),
    "action": Text("Ce qu'il faut faire, à l'infinitif.", "What has to be done, as an instruction."),
    "evidence": Text("La preuve qu'un auditeur attend.", "The evidence that an auditor expects."),
    "owner": Text("Fonction de l'entreprise qui s'en charge.", "Function of the company that sees to it."),
    "nature": Text("Sorte d'obligation.", "Kind of obligation."),
    "penalty": Text("Plafond d'amende en cas de manquement.", "Ceiling of the fine for a breach."),
    "text": Text("L'explication du terme.", "The explanation of the term."),
    "kind": Text("Pourquoi la disposition est laissée de côté.", "Why the provision is left out."),
    "function": Text("Fonction de l'entreprise qui s'en sert.", "Function of the company that uses it."),
    "sector": Text("Secteur auquel l'usage est propre.", "Sector that the use belongs to."),
    "flip": Text("Ce qui ferait changer le niveau.", "What would change the level."),
    "facts": Text("Les réponses, question par question.", "The answers, question by question."),
    "purpose": Text("À quoi sert le document, et pour qui.", "What the record is for, and for whom."),
    "parts": Text("Chapitres du document, dans l'ordre.", "Chapters of the record, in order."),
    "part": Text("Chapitre du document où se trouve la ligne.", "Chapter of the record that holds the line."),
    "record": Text("Document auquel appartient la ligne.", "Record that the line belongs to."),
    "guide": Text("Ce qu'il faut écrire, en mots simples.", "What to write, in plain words."),
    "from": Text("Ce qui remplit la ligne d'avance.", "What fills in the line beforehand."),
    "sufficient": Text(
        "Si ces sources suffisent à remplir la ligne.", "Whether these sources are enough for the line."
    ),
    "gives": Text("Les réponses qui suivent, question par question.", "The answers that follow, question by question."),
    "beyond": Text("Si la section est à côté du règlement.", "Whether the section is beside the Act."),
    "module": Text("Préoccupation à laquelle le contrôle appartient.", "Concern that the control belongs to."),
    "why": Text("La raison du contrôle.", "The reason for the control."),
    "target": Text("Le niveau de maturité visé.", "The maturity aimed at."),
    "months": Text("En combien de mois l'écart peut être comblé.", "Within how many months a gap can be closed."),
    "audience": Text("Qui doit être formé.", "Who has to be trained."),
    "content": Text("Ce qu'ils doivent savoir faire.", "What they must be able to do."),
    "format": Text("Comment ils l'apprennent.", "How they learn it."),
    "act": Text("Le nom de l'acte.", "The name of the act."),
    "regime": Text("Texte auquel l'exigence appartient.", "Law that the duty belongs to."),
    "serves": Text("Obligations que la même preuve sert.", "Duties that the same evidence serves."),
    "all": Text("Toutes ces conditions.", "All of these conditions."),
    "any": Text("Au moins une de ces conditions.", "At least one of these conditions."),
    "none": Text("Aucune de ces conditions.", "None of these conditions."),
    "not": Text("Le contraire de cette condition.", "The opposite of this condition."),
    "at_least": Text(
        "Un minimum : de conditions remplies, ou pour un nombre.",
        "A minimum: of conditions that hold, or for a number.",
    ),
    "count": Text("Combien de conditions doivent être remplies.", "How many conditions must hold."),
    "any_of": Text("L'une au moins de ces réponses.", "At least one of these answers."),
    "all_of": Text("Toutes ces réponses.", "All of these answers."),
    "none_of": Text("Aucune de ces réponses.", "None of these answers."),
    "before": Text("Avant cette date.", "Before this date."),
    "on_or_after": Text("À cette date ou après.", "On this date or after."),
    "less_than": Text("Moins que ce nombre.", "Less than this number."),
    "at_most": Text("Ce nombre au plus.", "This number at most."),
    "more_than": Text("Plus que ce nombre.", "More than this number."),
    "name": Text("La situation, en une ligne.", "The situation, in one line."),
    "date": Text("Date à laquelle la situation est évaluée.", "Date at which the situation is assessed."),
    "profile": Text("Réponses communes dont part le scénario.", "Shared answers that the scenario begins from."),
    "expect": Text("Ce que l'évaluation doit donner.", "What the assessment must give."),
    "level": Text("Niveau attendu, ou éventail exact.", "Level expected, or the exact range."),
    "findings": Text("Constats attendus.", "Findings expected."),
    "obligations": Text("Obligations attendues.", "Obligations expected."),
    "roles": Text("Rôles attendus.", "Roles expected."),
    "open": Text("Questions encore ouvertes.", "Questions still open."),
    "cites": Text("Dispositions citées.", "Provisions cited."),
    "records": Text("Documents demandés.", "Records asked for."),
    "regimes": Text("Autres textes applicables.", "Other laws that apply."),
    "regime_duties": Text("Exigences d'autres textes.", "Duties of other laws."),
    "supplies": Text("Documents à obtenir d'un fournisseur.", "Documents to obtain from a supplier."),
    "due": Text("Date attendue pour une obligation.", "Date expected for an obligation."),
    "include": Text("Ce qui doit s'y trouver.", "What must be there."),
    "exclude": Text("Ce qui ne doit pas s'y trouver.", "What must not be there."),
    "celex": Text("Numéro CELEX du texte.", "CELEX number of the text."),
    "eli": Text("Identifiant européen de la législation (ELI).", "European legislation identifier (ELI)."),
}
VALUES = {  # of the keys that take one of a few words
    "nothing": Text("rien", "nothing"),
    "informal": Text("informel", "informal"),
    "defined": Text("défini et documenté", "defined and documented"),
    "applied": Text("appliqué et prouvé", "applied, with evidence"),
    "measured": Text("mesuré et amélioré", "measured and improved"),
    "boolean": Text("oui ou non", "yes or no"),
    "choice": Text("une seule réponse", "one answer only"),
    "choices": Text("plusieurs réponses possibles", "several answers possible"),
    "date": Text("une date", "a date"),
    "number": Text("un nombre", "a number"),
    "text": Text("un texte libre, hors de toute condition", "free text, never part of a condition"),
    "use_case": Text("l'usage de l'IA", "the use of AI"),
    "organisation": Text("l'organisation entière", "the whole organisation"),
    "binding": Text("droit contraignant", "binding law"),
    "guidance": Text("lignes directrices", "guidance"),
    "draft_guidance": Text("projet de lignes directrices", "draft guidance"),
    "contested": Text("interprétation discutée", "disputed reading"),
    "duty": Text("à remplir dès sa date", "to be met from its date on"),
    "event": Text("à remplir si un événement survient", "to be met when something happens"),
    "option": Text("allègement que l'on peut utiliser", "a relief that may be used"),
    "voluntary": Text("encouragée, non obligatoire", "encouraged, not owed"),
    "binds_others": Text("oblige d'autres que les entreprises", "binds others than companies"),
    "not_encoded": Text("n'est pas mise en règles", "is not put into rules"),
    "true": Text("oui", "yes"),
    "false": Text("non", "no"),
}
TESTS: dict[FactType, tuple[str, ...]] = {
    FactType.BOOLEAN: (),
    FactType.CHOICE: ("any_of", "none_of"),
    FactType.CHOICES: ("any_of", "all_of", "none_of"),
    FactType.DATE: ("before", "on_or_after"),
    FactType.NUMBER: ("less_than", "at_most", "at_least", "more_than"),
    FactType.TEXT: (),
}
REFERS = {  # key: section whose entries it names
    "section": "sections",
    "owner": "owners",
    "deadline": "deadlines",
    "penalty": "penalties",
    "record": "records",
    "who": "roles",
    "level": "levels",
    "raise": "levels",
    "findings": "findings",
    "obligations": "obligations",
    "due": "obligations",
    "roles": "roles",
    "open": "facts",
    "facts": "facts",
    "records": "records",
}


def words(pack: Pack) -> dict[str, Any]:
    """Return, ready for JSON, all that an editor needs to complete and explain a file of ``pack``.

    ``schema`` says what may stand where; ``keys``, ``top`` and ``values`` what its words mean; ``entries`` the ids of
    each section as a file of this pack writes them; ``refers`` which key names entries of which section; ``tests``
    which tests each type of question takes; ``provisions`` what may be cited, each with its
    heading or the one that it stands ``under``; ``sources`` what may fill in a record.
    """
    base = _base(pack)

    def written(id_: str) -> str:
        """Return the id as a file of this pack writes it: its own plainly, the law's with the law's name."""
        own = f"{pack.id}:"
        if base == pack.id:
            return id_
        return id_.removeprefix(own) if id_.startswith(own) else id_ if ":" in id_ else f"{base}:{id_}"

    entries = {
        section: {written(id_): told for id_, told in found.items()} for section, found in _entries(pack).items()
    }
    return {
        "schema": pack_schema(),
        "top": _texts(TOP_KEYS),
        "keys": _texts(KEYS_OF_ENTRY),
        "values": _texts(VALUES),
        "kinds": _texts(KINDS_OF_ENTRY),
        "refers": REFERS,
        "tests": {kind.value: list(tests) for kind, tests in TESTS.items()},
        "entries": entries,
        "provisions": [_provision(pack, provision) for provision in pack.provisions.values() if not provision.deleted],
        "sources": _sources(entries),
    }


def _text(text: Text | None) -> dict[str, str] | None:
    return {"fr": text.fr, "en": text.en} if text else None


def _texts(texts: Mapping[str, Text]) -> dict[str, dict[str, str] | None]:
    return {key: _text(text) for key, text in texts.items()}


def _base(pack: Pack) -> str:
    """Return the name that ids without prefix go by: the pack's own, or that of the text that it builds on."""
    sources = Counter(fact.source for id_, fact in pack.facts.items() if ":" not in id_)
    if pack.id in sources or not sources:
        return pack.id
    return sources.most_common(1)[0][0]  # an amendment rewrites the lesser part of a text


_BESIDE = ("derivations", "modules", "controls", "training", "supplies", "regimes", "regime_duties")


def _entries(pack: Pack) -> dict[str, dict[str, dict[str, Any]]]:
    titled: dict[str, Mapping[str, Any]] = {
        "sections": pack.sections,
        "definitions": pack.definitions,
        "levels": {level.id: level for level in pack.levels},
        "roles": pack.roles,
        "findings": pack.findings,
        "owners": pack.owners,
        "deadlines": pack.deadlines,
        "penalties": pack.penalties,
        "glossary": pack.glossary,
        "catalogue": pack.catalogue,
        "records": pack.records,
        "record_items": pack.record_items,
        **{section: getattr(pack, section) for section in _BESIDE},
    }
    found = {
        section: {id_: {"title": _text(heading(entry))} for id_, entry in sorted(all_.items())}
        for section, all_ in titled.items()
    }
    found["facts"] = {id_: _fact(fact) for id_, fact in sorted(pack.facts.items())}
    found["obligations"] = {id_: {"title": _text(entry.action)} for id_, entry in sorted(pack.obligations.items())}
    return found


def _fact(fact: Fact) -> dict[str, Any]:
    told: dict[str, Any] = {"title": _text(fact.question), "type": fact.type.value}
    if fact.options:
        told["options"] = {option.id: _text(option.label) for option in fact.options}
    return told


def _provision(pack: Pack, provision: Provision) -> dict[str, Any]:
    """Return how the provision is cited, with its heading, or the nearest above that has one."""
    above: Provision | None = provision
    while above and above.heading is None:
        above = pack.provisions.get(above.parent or "")
    if above is None:
        return {"label": provision.label}
    if above is provision:
        return {"label": provision.label, "heading": _text(provision.heading)}
    return {"label": provision.label, "under": above.label}


def _sources(entries: Mapping[str, Mapping[str, Any]]) -> list[str]:
    names = {
        "fact": entries["facts"],
        "obligation": entries["obligations"],
        "finding": entries["findings"],
        "case": CASE_SOURCES,
        "organisation": ("name", *entries["roles"]),
        "outcome": OUTCOME_SOURCES,
    }
    return [f"{kind}:{name}" for kind in KINDS for name in names[kind]]
