"""What a verification found, in words: one place for the command line and the pages."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from compliance.reports.recomputing import Difference
from compliance.reports.verifying import Point, Standing
from compliance.text import Language, Text

_MOST = 200  # characters of a value that are shown

CHECKS = {
    "file": Text("Fichier", "File"),
    "signature": Text("Signature", "Signature"),
    "signer": Text("Signataire", "Signer"),
    "record": Text("Données du rapport", "Data of the report"),
    "outcome": Text("Résultat recalculé", "Outcome computed again"),
    "pages": Text("Pages", "Pages"),
    "log": Text("Journal", "Log"),
}
STANDINGS = {
    Standing.GOOD: Text("en ordre", "in order"),
    Standing.BAD: Text("pas en ordre", "not in order"),
    Standing.OPEN: Text("non vérifié", "not checked"),
}

SENTENCES = {
    "empty": Text("Le fichier est vide.", "The file is empty."),
    "large": Text("Le fichier dépasse 50 Mo : il n'a pas été lu.", "The file is larger than 50 MB: it was not read."),
    "not_pdf": Text("Ce n'est pas un fichier PDF.", "This is not a PDF file."),
    "unreadable": Text(
        "Le fichier est illisible : abîmé, ou fait pour bloquer qui le lit.",
        "The file cannot be read: damaged, or made to choke its reader.",
    ),
    "draft": Text(
        "C'est un projet, non signé : rien ne prouve d'où il vient ni qu'il n'a pas été modifié.",
        "This is a draft, not signed: nothing proves where it comes from or that it was not changed.",
    ),
    "signature_whole": Text(
        "La signature est intacte et couvre tout le fichier : pas un octet n'a changé depuis qu'il a été signé.",
        "The signature is whole and covers all of the file: not one byte has changed since it was signed.",
    ),
    "signature_respelled": Text(
        "Le contenu signé est intact, mais la signature n'est pas écrite comme Pyramide l'écrit : "
        "des octets ont changé à sa place, ou un autre logiciel a signé.",
        "The signed content is whole, but the signature is not written as Pyramide writes it: "
        "bytes have changed in its place, or other software has signed.",
    ),
    "signature_broken": Text(
        "La signature est rompue : le fichier a été modifié après avoir été signé.",
        "The signature is broken: the file was changed after it was signed.",
    ),
    "signature_missing": Text(
        "Le fichier n'est pas signé. Un rapport émis l'est toujours : rien ne prouve d'où vient celui-ci.",
        "The file is not signed. An issued report always is: nothing proves where this one comes from.",
    ),
    "signature_unreadable": Text(
        "La signature est illisible : le fichier est abîmé ou a été modifié.",
        "The signature cannot be read: the file is damaged or was changed.",
    ),
    "signer_expected": Text(
        "Signé par {name}, comme attendu (empreinte du certificat : {fingerprint}).",
        "Signed by {name}, as expected (fingerprint of the certificate: {fingerprint}).",
    ),
    "signer_other": Text(
        "Signé par une autre clé que celle attendue : {name} (empreinte {fingerprint}), au lieu de {expected} "
        "(empreinte {expected_fingerprint}). Le rapport a pu être signé de nouveau par quelqu'un d'autre.",
        "Signed by another key than expected: {name} (fingerprint {fingerprint}), instead of {expected} "
        "(fingerprint {expected_fingerprint}). Somebody else may have signed the report anew.",
    ),
    "signer_unknown": Text(
        "Le fichier dit être signé par {name}. Ce nom est ce que le fichier dit de lui-même : comparez l'empreinte du "
        "certificat, {fingerprint}, à celle que l'organisation publie.",
        "The file says that it is signed by {name}. The name is what the file says of itself: compare the fingerprint "
        "of the certificate, {fingerprint}, with the one that the organisation publishes.",
    ),
    "signer_dates": Text(
        "Le certificat vaut du {start} au {end} ; le rapport se dit du {day}.",
        "The certificate is valid from {start} to {end}; the report says that it is of {day}.",
    ),
    "no_record": Text(
        "Le fichier ne contient pas les données d'un rapport de Pyramide : il n'y a rien à recalculer.",
        "The file holds no data of a Pyramide report: there is nothing to compute again.",
    ),
    "other_format": Text(
        "Les données du rapport sont d'un format que cette version ne connaît pas ({format}).",
        "The data of the report are in a format that this version does not know ({format}).",
    ),
    "other_kind": Text(
        "Cette version ne sait pas vérifier ce genre de rapport ({kind}).",
        "This version cannot check this kind of report ({kind}).",
    ),
    "malformed": Text(
        "Les données du rapport ne sont pas faites comme Pyramide les fait.",
        "The data of the report are not made as Pyramide makes them.",
    ),
    "contradicts": Text("Les données du rapport se contredisent :", "The data of the report contradict themselves:"),
    "record_sound": Text(
        "Rapport {number} de {organisation}, émis le {day} par {by} ; les données ne se contredisent pas.",
        "Report {number} of {organisation}, issued on {day} by {by}; the data do not contradict themselves.",
    ),
    "draft_sound": Text(
        "Projet de {organisation}, fait le {day} par {by} ; les données ne se contredisent pas.",
        "Draft of {organisation}, made on {day} by {by}; the data do not contradict themselves.",
    ),
    "pages_not_made": Text(
        "Les pages n'ont pas été refaites à partir des données : seule la signature en répond.",
        "The pages were not made again from the data: only the signature vouches for them.",
    ),
    "pages_agree": Text(
        "Les pages refaites à partir des données sont les mêmes, octet pour octet.",
        "The pages made again from the data are the same, byte for byte.",
    ),
    "pages_differ": Text(
        "Les pages refaites à partir des données (programme {now}, alors {then}) ne sont pas les mêmes octets. "
        "D'autres versions du programme, de la mise en pages ou des polices peuvent l'expliquer : comparez à l'œil.",
        "The pages made again from the data (program {now}, then {then}) are not the same bytes. Other versions of the "
        "program, the typesetter or the fonts are enough to explain it: compare them by eye.",
    ),
    "pages_failed": Text(
        "Les pages n'ont pas pu être refaites à partir des données.",
        "The pages could not be made again from the data.",
    ),
    "no_law": Text(
        "Le résultat n'a pas été recalculé : aucun texte de loi n'a été donné.",
        "The outcome was not computed again: no text of the law was given.",
    ),
    "many_cases": Text(
        "Le résultat n'a pas été recalculé : plus de {most} cas d'usage.",
        "The outcome was not computed again: more than {most} use cases.",
    ),
    "unknown_law": Text(
        "Le résultat n'a pas été recalculé : cette installation n'a pas la version {hash} du texte.",
        "The outcome was not computed again: this installation does not have the version {hash} of the text.",
    ),
    "unknown_law_differs": Text(
        "Cette installation n'a pas la version {hash} du texte ; ce qui se recalcule sans elle diffère :",
        "This installation does not have the version {hash} of the text; what can be computed without it differs:",
    ),
    "agrees": Text(
        "Les mêmes réponses sous le même texte (version {hash}) donnent le même résultat.",
        "The same answers under the same text (version {hash}) give the same outcome.",
    ),
    "differs": Text(
        "Les réponses sous le même texte (version {hash}) ne donnent pas ce que dit le rapport :",
        "The answers under the same text (version {hash}) do not give what the report says:",
    ),
    "differs_other_program": Text(
        "Les réponses sous le même texte (version {hash}) ne donnent pas ce que dit le rapport. Il a été fait par la "
        "version {then} du programme, recalculé par la version {now} ; cela peut suffire à l'expliquer :",
        "The answers under the same text (version {hash}) do not give what the report says. It was made by version "
        "{then} of the program and computed again by version {now}; that may be why:",
    ),
    "facts_refused": Text(
        "Les réponses ne sont pas de celles que le texte admet : {why}",
        "The answers are none that the text allows: {why}",
    ),
    "typed_parts": Text(
        "Ce que des personnes ont écrit dans ce document ne se recalcule pas.",
        "What people typed into this document cannot be computed again.",
    ),
    "draft_no_head": Text(
        "Un projet ne porte pas la tête du journal.",
        "A draft does not carry the head of the log.",
    ),
    "no_log": Text(
        "Le journal n'a pas été donné. Le rapport témoigne qu'il avait {size} entrées et la racine {root}.",
        "The log was not given. The report is a witness that it had {size} entries and the root {root}.",
    ),
    "log_agrees": Text(
        "Le journal commence par les {size} entrées qu'il avait alors : aucune n'a été changée, retirée ni déplacée.",
        "The log begins with the {size} entries that it had then: none was changed, removed or moved.",
    ),
    "log_cut": Text(
        "Le journal a été coupé : il avait alors {size} entrées, il n'en a plus que {found}.",
        "The log was cut: it had {size} entries then, and has only {found} now.",
    ),
    "log_altered_before": Text(
        "Le journal n'est plus celui d'alors : l'entrée {entry} est la première modifiée, retirée ou déplacée.",
        "The log is not the one of then: entry {entry} is the first that was changed, removed or moved.",
    ),
    "log_rebuilt": Text(
        "Le journal n'est plus celui d'alors : ses {size} premières entrées ont été réécrites, ou c'est un autre.",
        "The log is not the one of then: its first {size} entries were written anew, or it is another log.",
    ),
    "log_rebuilt_after": Text(
        "Le journal n'est plus celui d'alors : la première entrée réécrite est entre la {first} et la {size}.",
        "The log is not the one of then: the first entry that was written anew is from {first} to {size}.",
    ),
    "log_differs_at": Text(
        "Le journal n'est plus celui qui a été conservé : l'entrée {entry} est la première qui diffère.",
        "The log is not the one that was kept: entry {entry} is the first that differs.",
    ),
    "listed": Text(
        "L'entrée {entry} du journal nomme ce fichier, octet pour octet.",
        "Entry {entry} of the log names this file, byte for byte.",
    ),
    "not_listed": Text(
        "Aucune entrée du journal ne nomme ce fichier, octet pour octet.",
        "No entry of the log names this file, byte for byte.",
    ),
    "log_sound": Text(
        "Journal de {organisation} : {size} entrées, numérotées sans trou, chacune comme elle a été écrite.",
        "Log of {organisation}: {size} entries, numbered without a gap, each as it was written.",
    ),
    "log_altered": Text(
        "Journal de {organisation} : l'entrée {entry} est la première qui a été modifiée, retirée ou déplacée.",
        "Log of {organisation}: entry {entry} is the first that was changed, removed or moved.",
    ),
    "log_not_its_head": Text(
        "Les {size} entrées du fichier ne donnent pas la tête qu'il annonce ({stated} entrées).",
        "The {size} entries in the file do not give the head that it states ({stated} entries).",
    ),
    "head_unsigned": Text(
        "La tête du journal ({size} entrées, {at}) n'est pas signée.",
        "The head of the log ({size} entries, {at}) is not signed.",
    ),
    "head_forged": Text(
        "La signature de la tête du journal ({size} entrées, {at}) est rompue.",
        "The signature on the head of the log ({size} entries, {at}) is broken.",
    ),
    "head_signed": Text(
        "La tête du journal ({size} entrées, {at}) est signée par {name}, comme attendu.",
        "The head of the log ({size} entries, {at}) is signed by {name}, as expected.",
    ),
    "head_signer_other": Text(
        "La tête du journal ({size} entrées, {at}) est signée par une autre clé que celle attendue : {name} "
        "(empreinte {fingerprint}).",
        "The head of the log ({size} entries, {at}) is signed by another key than expected: {name} "
        "(fingerprint {fingerprint}).",
    ),
    "head_signer_unknown": Text(
        "La tête du journal ({size} entrées, {at}) dit être signée par {name} ; comparez l'empreinte du certificat, "
        "{fingerprint}, à celle que l'organisation publie.",
        "The head of the log ({size} entries, {at}) says that it is signed by {name}; compare the fingerprint of the "
        "certificate, {fingerprint}, with the one that the organisation publishes.",
    ),
    "head_of_other": Text(
        "La tête conservée est celle d'un autre journal : {organisation}.",
        "The head that was kept is of another log: {organisation}.",
    ),
    "heads_contradict": Text(
        "{numbers} : ces rapports portent, pour le même nombre d'entrées ({size}), des têtes de journal différentes. "
        "Le journal a été réécrit entre eux.",
        "{numbers}: for the same number of entries ({size}), these reports carry different heads of the log. "
        "The log was written anew between them.",
    ),
}

_PLACES = {
    "outcome": Text("résultat", "outcome"),
    "level": Text("niveau", "level"),
    "levels": Text("niveaux", "levels"),
    "value": Text("valeur", "value"),
    "decided": Text("décidé", "decided"),
    "possible": Text("niveaux possibles", "possible levels"),
    "because": Text("motif", "reason"),
    "reasons": Text("raisons", "reasons"),
    "not_reached": Text("niveaux non atteints", "levels not reached"),
    "roles": Text("rôles", "roles"),
    "findings": Text("constats", "findings"),
    "possible_findings": Text("constats possibles", "possible findings"),
    "obligations": Text("obligations", "duties"),
    "possible_obligations": Text("obligations possibles", "possible duties"),
    "duties": Text("obligations", "duties"),
    "possible_duties": Text("nombre d'obligations possibles", "number of possible duties"),
    "applies_from": Text("applicable à partir du", "applies from"),
    "possible_dates": Text("dates possibles", "possible dates"),
    "next_due": Text("prochaine échéance", "next date"),
    "days_left": Text("jours restants", "days left"),
    "in_application": Text("en application", "in application"),
    "state": Text("état", "state"),
    "penalty": Text("sanction", "penalty"),
    "ceiling": Text("plafond", "ceiling"),
    "citations": Text("dispositions", "provisions"),
    "open_questions": Text("questions ouvertes", "open questions"),
    "turning_points": Text("ce qui changerait le niveau", "what would change the level"),
    "doubts": Text("points à confirmer", "points to confirm"),
    "answers": Text("réponses", "answers"),
    "answer": Text("réponse", "answer"),
    "unknown": Text("« je ne sais pas »", '"I don\'t know"'),
    "question": Text("question", "question"),
    "facts": Text("réponses", "answers"),
    "pack": Text("texte", "text"),
    "on": Text("date", "date"),
    "cases": Text("cas d'usage", "use cases"),
    "totals": Text("totaux", "totals"),
    "sections": Text("sections", "sections"),
    "title": Text("titre", "title"),
    "text": Text("texte", "text"),
    "action": Text("action", "action"),
    "evidence": Text("preuve", "evidence"),
    "order": Text("ordre", "order"),
    "log": Text("journal", "log"),
    "organisation": Text("organisation", "organisation"),
    "logo": Text("logo", "logo"),
}
_TRUE, _FALSE, _NOTHING = Text("oui", "yes"), Text("non", "no"), Text("rien", "nothing")


def sentence(point: Point) -> Text:
    """Return what a point says."""
    found = SENTENCES[point.code]
    return Text(_filled(found, point.values, "fr"), _filled(found, point.values, "en"))


def _filled(said: Text, values: Mapping[str, str | Text], language: Language) -> str:
    plain = {key: value if isinstance(value, str) else value.to(language) for key, value in values.items()}
    return said.to(language).format(**plain)


def place(difference: Difference) -> Text:
    """Return where two values differ: outcome, duties, ai_literacy, applies from."""
    steps = [_PLACES.get(step, Text(step, step)) for step in difference.path]
    return Text(" › ".join(step.fr for step in steps), " › ".join(step.en for step in steps))


def shown(value: Any) -> Text:
    """Return a value of a record as it can be read, cut where it is long."""
    if value is None or value in ([], {}, ""):
        return _NOTHING
    if isinstance(value, bool):
        return _TRUE if value else _FALSE
    if isinstance(value, dict) and value.keys() == {"fr", "en"}:
        return Text(_cut(str(value["fr"])), _cut(str(value["en"])))
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return Text(_cut(", ".join(value)), _cut(", ".join(value)))
    if isinstance(value, dict | list):
        value = json.dumps(value, ensure_ascii=False)
    return Text(_cut(str(value)), _cut(str(value)))


def _cut(value: str) -> str:
    return value if len(value) <= _MOST else value[: _MOST - 1] + "…"


def clean(value: str) -> str:
    """Return a text from a file with nothing in it that could steer a terminal."""
    return "".join(letter if letter.isprintable() or letter == "\n" else "�" for letter in value)
