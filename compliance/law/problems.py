"""What is wrong with a rule file or a case, and the words to say it in French and English."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Literal

from compliance.law.terms import Position
from compliance.text import Language, Text

Severity = Literal["error", "warning"]

_WORDS: dict[str, tuple[str, str]] = {
    # reading
    "unreadable": ("le fichier ne peut pas être lu : {why}", "the file cannot be read: {why}"),
    "too_big": (
        "le fichier dépasse {limit} ; partagez-le en plusieurs",
        "the file is larger than {limit}; split it into several",
    ),
    "not_utf8": (
        "le fichier n'est pas en UTF-8 ; enregistrez-le dans ce codage",
        "the file is not UTF-8; save it in that encoding",
    ),
    "control_character": (
        "caractère de contrôle {character} interdit ; supprimez-le",
        "control character {character} is not allowed; remove it",
    ),
    "syntax": ("écriture YAML incorrecte : {why}", "YAML syntax error: {why}"),
    "empty": ("le fichier est vide", "the file is empty"),
    "several_documents": (
        "plusieurs documents dans un fichier ; n'en gardez qu'un",
        "several documents in one file; keep one",
    ),
    "tag": (
        "étiquette YAML « {tag} » interdite ; supprimez-la",
        'YAML tag "{tag}" is not allowed; remove it',
    ),
    "alias": (
        "ancre ou alias « {name} » interdit ; écrivez le contenu en toutes lettres",
        'anchor or alias "{name}" is not allowed; write the content out',
    ),
    "merge_key": (
        "clé de fusion « << » interdite ; écrivez le contenu en toutes lettres",
        'merge key "<<" is not allowed; write the content out',
    ),
    "too_deep": (
        "trop de niveaux imbriqués (au plus {limit})",
        "nested too deeply (at most {limit} levels)",
    ),
    "too_long": (
        "trop d'éléments dans le fichier (au plus {limit})",
        "too many items in the file (at most {limit})",
    ),
    "key_not_text": ("une clé doit être un mot simple", "a key must be a plain word"),
    "duplicate_key": (
        "clé « {key} » déjà écrite ligne {line} ; gardez-en une",
        'key "{key}" already written on line {line}; keep one',
    ),
    "outside_folder": (
        "le fichier mène hors du dossier du pack ; remplacez le lien par le fichier",
        "the file leads outside the pack's folder; replace the link by the file",
    ),
    # building
    "expected_mapping": ("des clés et valeurs sont attendues ici", "keys and values are expected here"),
    "expected_list": ("une liste est attendue ici", "a list is expected here"),
    "expected_text": ("une valeur simple est attendue ici", "a single value is expected here"),
    "unknown_key": ("clé inconnue « {key} »{hint}", 'unknown key "{key}"{hint}'),
    "missing_key": ("il manque « {key} » à « {entry} »", '"{key}" is missing from "{entry}"'),
    "missing_translation": (
        "il manque le texte « {key} » ; chaque texte s'écrit en fr et en en",
        'the text "{key}" is missing; every text is written in fr and in en',
    ),
    "empty_text": ("le texte est vide", "the text is empty"),
    "bad_id": (
        "« {id} » n'est pas un identifiant ; lettres minuscules sans accent, chiffres et _ (une lettre d'abord)",
        '"{id}" is not an identifier; use lower-case letters, digits and _ (a letter first)',
    ),
    "bad_value": (
        "« {value} » n'est pas permis ici ; choisissez parmi : {allowed}{hint}",
        '"{value}" is not allowed here; choose among: {allowed}{hint}',
    ),
    "bad_date": (
        "« {value} » n'est pas une date ; écrivez-la AAAA-MM-JJ",
        '"{value}" is not a date; write it YYYY-MM-DD',
    ),
    "bad_number": ("« {value} » n'est pas un nombre", '"{value}" is not a number'),
    "bad_boolean": (
        "« {value} » n'est ni vrai ni faux ; écrivez true ou false",
        '"{value}" is neither true nor false; write true or false',
    ),
    "duplicate_entry": (
        "« {id} » existe déjà ({where}) ; donnez un autre nom",
        '"{id}" already exists ({where}); give it another name',
    ),
    "condition_keys": (
        "une condition n'a qu'une clé ; réunissez-les par all ou any",
        "a condition has one key only; join them with all or any",
    ),
    "empty_group": (
        "ce groupe est vide ; mettez-y au moins une condition",
        "this group is empty; put at least one condition in it",
    ),
    "count_range": ("le nombre doit aller de 1 à {limit}", "the count must be from 1 to {limit}"),
    "uneven_examples": (
        "autant d'exemples en fr qu'en en sont attendus",
        "as many examples in fr as in en are expected",
    ),
    "pack_missing": ("il n'y a pas de pack.yaml dans ce dossier", "there is no pack.yaml in this folder"),
    "pack_unknown": ("pack inconnu « {id} »{hint}", 'unknown pack "{id}"{hint}'),
    "pack_version": (
        "« {id} » est à la version {found}, et non {wanted}",
        '"{id}" is at version {found}, not {wanted}',
    ),
    "pack_cycle": (
        "le pack « {id} » finit par dépendre de lui-même",
        'pack "{id}" ends up depending on itself',
    ),
    "pack_kind": (
        "un pack s'appelle (pack:) ou modifie (amends:), pas les deux",
        "a pack has a name (pack:) or amends (amends:), not both",
    ),
    "amend_operation": (
        "ici, seuls insert, replace et repeal sont permis{hint}",
        "only insert, replace and repeal are allowed here{hint}",
    ),
    "amend_exists": (
        "« {id} » existe déjà dans le texte modifié ; employez replace",
        '"{id}" already exists in the amended text; use replace',
    ),
    "amend_missing": (
        "« {id} » n'existe pas dans le texte modifié{hint}",
        '"{id}" does not exist in the amended text{hint}',
    ),
    "derives_itself": (
        "« {id} » suivrait de sa propre réponse ; retirez-la de la condition ou de ce qui suit",
        '"{id}" would follow from its own answer; take it out of the condition or of what is given',
    ),
    "cannot_derive": (
        "« {id} » est de type {type} : seules les réponses oui ou non et les choix peuvent suivre d'une autre",
        '"{id}" is of type {type}: only yes or no and choices can follow from another answer',
    ),
    "part_missing": (
        "le dossier « {id} », annoncé comme partie de ce texte, n'a pas de part.yaml",
        'the folder "{id}", named as a part of this text, has no part.yaml',
    ),
    "only_adds": (
        "un pack qui s'appuie sur un autre ne peut qu'ajouter, ou relever un niveau par levels: raise",
        "a pack that builds on another may only add, or raise a level by levels: raise",
    ),
    # checking
    "unknown_name": (
        "ni fait ni définition : « {id} »{hint}",
        'neither a fact nor a definition: "{id}"{hint}',
    ),
    "unknown_reference": ("{kind} « {id} » inconnu{hint}", 'unknown {kind} "{id}"{hint}'),
    "not_boolean": (
        "« {id} » n'est pas un fait vrai ou faux ; écrivez le test, par exemple {id}: {{any_of: […]}}",
        '"{id}" is not a true-or-false fact; write the test, for instance {id}: {{any_of: […]}}',
    ),
    "wrong_test": (
        "le test « {test} » ne convient pas à « {id} », de type {type}",
        'the test "{test}" does not suit "{id}", of type {type}',
    ),
    "unknown_option": (
        "« {option} » n'est pas une option de « {id} »{hint}",
        '"{option}" is not an option of "{id}"{hint}',
    ),
    "all_of_choice": (
        "« {id} » n'a qu'une réponse : all_of n'y est jamais vrai ; employez any_of",
        '"{id}" has one answer only: all_of is never true; use any_of',
    ),
    "text_in_condition": (
        "« {id} » est un texte libre : il ne peut servir de condition",
        '"{id}" is free text: it cannot be used in a condition',
    ),
    "cycle": ("définitions en cercle : {path}", "definitions in a circle: {path}"),
    "no_options": ("un fait de type {type} a besoin d'options", "a fact of type {type} needs options"),
    "needless_options": ("un fait de type {type} n'a pas d'options", "a fact of type {type} has no options"),
    "unknown_group": ("groupe inconnu « {id} »{hint}", 'unknown group "{id}"{hint}'),
    "level_rank": ("le rang {rank} est déjà pris par « {id} »", 'rank {rank} is already taken by "{id}"'),
    "level_last": (
        "le dernier niveau, et lui seul, s'écrit sans when",
        "the last level, and it alone, is written without when",
    ),
    "no_levels": ("le pack n'a aucun niveau", "the pack has no levels"),
    "case_after_otherwise": (
        "cette ligne n'est jamais atteinte : la précédente n'a pas de condition",
        "this line is never reached: the one before has no condition",
    ),
    "no_otherwise": (
        "la dernière ligne devrait être sans when, pour les autres cas",
        "the last line should be without when, for all other cases",
    ),
    "date_or_never": (
        "donnez applies_from ou never, l'un des deux",
        "give applies_from or never, one of the two",
    ),
    "bad_citation": (
        "« {citation} » n'est pas une citation ; par exemple art. 6(1)(a), annex III.4(a), recital 53",
        '"{citation}" is not a citation; for instance art. 6(1)(a), annex III.4(a), recital 53',
    ),
    "unknown_provision": (
        "« {citation} » n'existe pas dans l'index des dispositions{hint}",
        '"{citation}" does not exist in the index of provisions{hint}',
    ),
    "deleted_provision": (
        "« {citation} » a été supprimée de ce texte",
        '"{citation}" has been deleted from this text',
    ),
    "no_index": (
        "le pack n'a pas d'index des dispositions (provisions.json)",
        "the pack has no index of provisions (provisions.json)",
    ),
    "record_source": (
        "« {source} » n'est pas une source ; écrivez {kinds}, puis deux-points et un nom{hint}",
        '"{source}" is not a source; write {kinds}, then a colon and a name{hint}',
    ),
    "record_sufficient": (
        "sufficient n'a de sens qu'avec from : sans source, la ligne reste à remplir à la main",
        "sufficient only makes sense with from: without a source the line is left to be filled in by hand",
    ),
    "unused": ("« {id} » ne sert nulle part", '"{id}" is used nowhere'),
    # packs received as files
    "archive_broken": (
        "l'archive ZIP est abîmée, ou contient autre chose que ses seuls fichiers ; refaites-la",
        "the ZIP archive is damaged, or holds something besides its files; make it again",
    ),
    "archive_big": ("trop volumineux (au plus {limit})", "too large (at most {limit})"),
    "archive_many": ("trop de fichiers (au plus {limit})", "too many files (at most {limit})"),
    "archive_name": (
        "nom de fichier refusé ; lettres minuscules sans accent, chiffres, - et _ seulement, dossiers séparés par /",
        "file name refused; use lower-case letters without accents, digits, - and _ only, folders separated by /",
    ),
    "archive_outside": (
        "ce nom mène hors de l'archive ; les fichiers d'un pack restent dans son dossier",
        "this name leads out of the archive; the files of a pack stay in its folder",
    ),
    "archive_special": (
        "lien ou fichier spécial refusé ; mettez le fichier lui-même dans l'archive",
        "link or special file refused; put the file itself in the archive",
    ),
    "archive_twice": (
        "deux fichiers portent ce nom, aux majuscules près, ou un fichier porte le nom d'un dossier",
        "two files bear this name, but for capitals, or a file bears the name of a folder",
    ),
    "archive_encrypted": (
        "fichier chiffré ; refaites l'archive sans mot de passe",
        "encrypted file; make the archive again without a password",
    ),
    "archive_method": (
        "compression inconnue ; refaites l'archive en ZIP ordinaire",
        "unknown compression; make the archive again as an ordinary ZIP",
    ),
    "archive_kind": (
        "un pack ne contient que des fichiers .yaml et provisions.json ; retirez ce fichier",
        "a pack holds only .yaml files and provisions.json; take this file out",
    ),
    "manifest_wrong": (
        "le manifeste ne suit pas le format pyramide-pack/1 : {why}",
        "the manifest does not follow the format pyramide-pack/1: {why}",
    ),
    "manifest_differs": (
        "ce fichier n'est pas celui que le manifeste annonce ; demandez de nouveau le pack à qui l'a remis",
        "this file is not the one that the manifest states; ask for the pack again from whoever handed it over",
    ),
    "signature_wrong": (
        "la signature n'est pas celle du manifeste ; demandez de nouveau le pack à qui l'a remis",
        "the signature is not that of the manifest; ask for the pack again from whoever handed it over",
    ),
    "strange_character": (
        "caractère invisible ou trompeur {character} ; supprimez-le",
        "invisible or misleading character {character}; remove it",
    ),
    "no_pack": (
        "aucun pack ici : il faut un fichier pack.yaml, à la racine ou dans un seul dossier",
        "no pack here: a file pack.yaml is needed, at the top or in one folder",
    ),
    "single_file": (
        "dans un fichier seul, chaque section commence au début d'une ligne",
        "in a single file, each section begins at the start of a line",
    ),
    "pack_name": (
        "« {id} » ne peut pas nommer un pack ; lettres minuscules sans accent, chiffres et -, au plus 40 signes",
        '"{id}" cannot name a pack; use lower-case letters without accents, digits and -, at most 40 signs',
    ),
    "pack_taken": (
        "« {id} » est le nom d'un texte déjà fourni ; donnez un autre nom au pack",
        '"{id}" is the name of a text supplied already; give the pack another name',
    ),
    "pack_other_name": (
        "le pack se nomme « {found} » ici et « {wanted} » dans pack.yaml",
        'the pack is called "{found}" here and "{wanted}" in pack.yaml',
    ),
    "pack_law_key": (
        "« {key} » est réservé aux textes de loi fournis ; un pack reçu s'appuie sur un texte (builds_on)",
        '"{key}" is kept for the texts of law supplied; a pack received builds on a text (builds_on)',
    ),
    "pack_base": (
        "un pack reçu s'appuie sur un texte, et un seul : builds_on: [ai-act-2026]",
        "a pack received builds on one text, and one only: builds_on: [ai-act-2026]",
    ),
    "shadows": (
        "« {id} » est déjà le nom d'une entrée de la loi ; donnez un autre nom pour qu'on ne les confonde pas",
        '"{id}" is already the name of an entry of the law; choose another so that nobody takes one for the other',
    ),
    "too_many": (
        "trop de contenu pour un pack ({what} : au plus {limit})",
        "too much for one pack ({what}: at most {limit})",
    ),
    "text_long": ("texte trop long (au plus {limit} signes)", "text too long (at most {limit} signs)"),
    "chain_long": (
        "« {id} » repose sur une trop longue suite de définitions (au plus {limit})",
        '"{id}" rests on too long a chain of definitions (at most {limit})',
    ),
    "provisions_wrong": (
        "index des dispositions incorrect : {why}",
        "the index of provisions is wrong: {why}",
    ),
    # facts given in a case
    "fact_unknown": ("fait inconnu « {id} »{hint}", 'unknown fact "{id}"{hint}'),
    "fact_type": ("« {id} » attend {expected}, pas « {value} »", '"{id}" expects {expected}, not "{value}"'),
    "fact_range": (
        "« {id} » : {value} est hors des limites ({limits})",
        '"{id}": {value} is out of bounds ({limits})',
    ),
    "fact_overlap": (
        "« {id} » : « {option} » est à la fois choisi et inconnu",
        '"{id}": "{option}" is both selected and unknown',
    ),
    # scenarios
    "scenario_level": (
        "scénario « {name} » : niveau attendu {expected}, obtenu {found}",
        'scenario "{name}": expected level {expected}, found {found}',
    ),
    "scenario_missing": (
        "scénario « {name} » : il manque {kind} {id}",
        'scenario "{name}": {kind} {id} is missing',
    ),
    "scenario_extra": (
        "scénario « {name} » : {kind} {id} ne devrait pas y être",
        'scenario "{name}": {kind} {id} should not be there',
    ),
    "scenario_due": (
        "scénario « {name} » : date de {id}, attendu {expected}, obtenu {found}",
        'scenario "{name}": date of {id}, expected {expected}, found {found}',
    ),
    "scenario_facts": ("scénario « {name} » : {why}", 'scenario "{name}": {why}'),
}

_SHOWN_MOST = 1000
_SPACES = "\u00a0\u202f"  # French typography
_SEVERITY = {
    "fr": {"error": "erreur", "warning": "avertissement"},
    "en": {"error": "error", "warning": "warning"},
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend: a code from the table of words, where it is, and the values to show.

    ``known`` are the names among which one like ``wanted`` is looked for when somebody reads the problem, and not
    before: it takes long, and a file may hold thousands of wrong names.
    """

    code: str
    position: Position | None
    values: Mapping[str, str | Text] = field(default_factory=lambda: MappingProxyType({}))
    severity: Severity = "error"
    wanted: str = ""
    known: Collection[str] = field(default=(), compare=False, repr=False)


def problem(code: str, position: Position | None, severity: Severity = "error", **values: object) -> Problem:
    """Return a problem; ``values`` fill the words of its code, a text in the language of whoever reads them."""
    kept = {key: value if isinstance(value, Text) else str(value) for key, value in values.items()}
    return Problem(code, position, MappingProxyType(kept), severity)


def nearest(wanted: str, known: Iterable[str]) -> str:
    """Return the known name most like ``wanted``, or nothing."""
    close = difflib.get_close_matches(wanted, list(known), n=1, cutoff=0.6)
    return close[0] if close else ""


def hinted(code: str, position: Position | None, name: str, known: Collection[str], **values: object) -> Problem:
    """Return an error whose words end with "did you mean" when a known name is near."""
    return replace(problem(code, position, "error", **values), wanted=name, known=known)


def _shown(value: str) -> str:
    """Return a value so that it cannot be taken for anything else where it is printed, and is not endless."""
    short = value if len(value) <= _SHOWN_MOST else f"{value[:_SHOWN_MOST]}…"
    return "".join(sign if sign.isprintable() or sign in _SPACES else f"\\u{ord(sign):04x}" for sign in short)


def sentence(found: Problem, language: Language) -> str:
    """Return what is wrong and how to mend it, without place or severity."""
    values = {
        key: _shown(value.to(language) if isinstance(value, Text) else value)
        for key, value in found.values.items()
        if key != "near"
    }
    near = nearest(found.wanted, found.known) if len(found.wanted) <= _SHOWN_MOST else ""
    hint = ""
    if near:
        hint = f" ; vouliez-vous dire « {near} » ?" if language == "fr" else f'; did you mean "{near}"?'
    french, english = _WORDS[found.code]
    return (french if language == "fr" else english).format(hint=hint, **values)


def word(found: Problem, language: Language) -> str:
    """Return ``file:line:column: error: what; how to mend`` in the language."""
    place = f"{found.position}: " if found.position else ""
    colon = " :" if language == "fr" else ":"
    return f"{place}{_SEVERITY[language][found.severity]}{colon} {sentence(found, language)}"


def as_github(found: Problem, language: Language) -> str:
    """Return the problem as a GitHub workflow command, shown on the line of a pull request."""
    text = sentence(found, language).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    if not found.position:
        return f"::{found.severity}::{text}"
    at = found.position
    return f"::{found.severity} file={at.file},line={at.line},col={at.column}::{text}"
