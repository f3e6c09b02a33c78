"""Words of the command line, in French and English."""

from __future__ import annotations

from compliance.terminal.keeping_words import KEEPING_WORDS
from compliance.text import Language

WORDS: dict[str, tuple[str, str]] = {
    "description": (
        "Pyramide : auto-évaluation au regard du règlement européen sur l'IA.",
        "Pyramide: self-assessment under the EU AI Act.",
    ),
    "lang": ("langue : fr ou en (sinon celle du système)", "language: fr or en (otherwise the system's)"),
    "rules": ("dossier des règles", "folder of rules"),
    "json": ("résultat en JSON", "result as JSON"),
    "on": ("date de l'évaluation, AAAA-MM-JJ", "date of assessment, YYYY-MM-DD"),
    "serve": ("ouvrir les pages web", "serve the web pages"),
    "remind": ("écrire et envoyer les rappels du jour", "write and send the reminders of the day"),
    "work": (
        "fabriquer les rapports demandés (le site le fait lui-même, sauf si PYRAMIDE_WORKERS=0)",
        "make the reports asked for (the site does so itself unless PYRAMIDE_WORKERS=0)",
    ),
    "site": ("s'arrêter avec ce processus, qui a lancé celui-ci", "end with this process, which started this one"),
    "demo": ("ajouter un groupe industriel d'exemple", "add a made-up industrial group"),
    "demo_added": ("Exemple ajouté : Groupe Mécavia.", "Example added: Groupe Mécavia."),
    "demo_there": ("L'exemple est déjà là.", "The example is already there."),
    "first_link": (
        "Première connexion (ce lien sert une fois, dans la journée) :",
        "First sign-in (this link works once, within a day):",
    ),
    "serving": ("Pyramide répond sur {url} (Ctrl+C pour arrêter).", "Pyramide answers at {url} (Ctrl+C to stop)."),
    "cannot_listen": ("impossible d'ouvrir le port : {why}", "cannot open the port: {why}"),
    "broken_law": (
        "le paquet de règles {pack} a des erreurs ; « compliance check » les nomme",
        'the rule pack {pack} has errors; "compliance check" names them',
    ),
    "migrate": (
        "mettre à jour le schéma de la base, sous le rôle qui la possède (PostgreSQL)",
        "bring the schema of the store up to date, as the role that owns it (PostgreSQL)",
    ),
    "migrated": ("La base est au schéma {schema}.", "The store is at schema {schema}."),
    "store_not_migrated": ("la base n'a pas été mise à jour : {why}", "the store was not brought up to date: {why}"),
    "store_schema_first": (
        "la base est au schéma {schema}, d'un programme antérieur : lancez d'abord « compliance migrate » avec, dans PYRAMIDE_DATABASE_URL, le rôle propriétaire",
        'the store is at schema {schema}, of an earlier programme: first run "compliance migrate" with the role that owns it in PYRAMIDE_DATABASE_URL',
    ),
    "store_schema_later": (
        "la base est au schéma {schema}, d'un programme plus récent : rien n'a été changé",
        "the store is at schema {schema}, of a later programme: nothing was changed",
    ),
    "store_role_superuser": (
        "le rôle {role} est superutilisateur de PostgreSQL, qu'aucune règle ne lie : donnez au site un rôle à lui dans PYRAMIDE_DATABASE_URL (deploy/database.sh le crée)",
        "the role {role} is a superuser of PostgreSQL, whom no policy binds: give the site a role of its own in PYRAMIDE_DATABASE_URL (deploy/database.sh makes it)",
    ),
    "store_role_bypassrls": (
        "le rôle {role} passe outre les règles sur les lignes : ALTER ROLE {role} NOBYPASSRLS, ou retirez-lui le rôle qui le permet",
        "the role {role} bypasses policies on rows: ALTER ROLE {role} NOBYPASSRLS, or take the role away that lets it",
    ),
    "store_role_owner": (
        "le rôle {role} possède les tables (ou leur schéma) et pourrait en ôter les protections : qu'un autre rôle les possède, et lance « compliance migrate » (deploy/database.sh, docs/decisions/0015-postgresql.md)",
        'the role {role} owns the tables (or their schema) and could take away what guards them: have another role own them, and run "compliance migrate" (deploy/database.sh, docs/decisions/0015-postgresql.md)',
    ),
    "store_role_empties": (
        "le rôle {role} peut vider des tables d'un coup, journal compris : REVOKE TRUNCATE ON ALL TABLES IN SCHEMA public FROM {role}",
        "the role {role} may empty tables at one go, the log among them: REVOKE TRUNCATE ON ALL TABLES IN SCHEMA public FROM {role}",
    ),
    "reminded": (
        "{written} rappels écrits, {sent} messages envoyés",
        "{written} reminders written, {sent} messages sent",
    ),
    "check": ("vérifier les packs et jouer leurs scénarios", "check packs and run their scenarios"),
    "assess": ("évaluer un cas", "assess a case"),
    "interview": ("répondre au questionnaire", "answer the questionnaire"),
    "explain": ("expliquer une conclusion", "explain a conclusion"),
    "coverage": ("dire quelles dispositions sont encodées", "say which provisions are encoded"),
    "facts": ("lister les questions", "list the questions"),
    "import": ("lire un cas et l'écrire en YAML", "read a case and write it as YAML"),
    "export": ("écrire un cas en YAML ou JSON", "write a case as YAML or JSON"),
    "verify": (
        "dire ce que prouvent des rapports, sans l'instance qui les a faits",
        "say what reports prove, without the instance that made them",
    ),
    "file": ("rapport en PDF", "report in PDF"),
    "certificate": (
        "certificat de qui a dû signer, en PEM",
        "certificate of who should have signed, in PEM",
    ),
    "log": ("journal de l'organisation, tel qu'exporté", "the organisation's log, as exported"),
    "head": (
        "tête du journal, ou journal entier, conservés au-dehors",
        "head of the log, or a whole log, that was kept outside",
    ),
    "law": (
        "texte conservé avec un rapport, s'il n'est plus dans rules/",
        "text kept with a report, if no longer in rules/",
    ),
    "pages": (
        "refaire aussi les pages à partir des données (quelques secondes)",
        "also make the pages again from the data (some seconds)",
    ),
    "report": ("faire le projet de rapport d'un cas, en PDF", "make the draft report of a case, in PDF"),
    "form": ("full : tout ; summary : deux pages pour la direction", "full: all; summary: two pages for management"),
    "organisation_in_report": ("organisation nommée dans le rapport", "organisation that the report names"),
    "nothing_to_verify": (
        "donnez au moins un rapport, ou un journal avec --log",
        "give at least one report, or a log with --log",
    ),
    "head_needs_log": (
        "--head se compare à un journal : donnez-le avec --log",
        "--head is compared with a log: give it with --log",
    ),
    "cannot_read": ("impossible de lire {path} : {why}", "cannot read {path}: {why}"),
    "not_a_log": (
        "{path}, ligne {line} : ce n'est pas un journal exporté par Pyramide",
        "{path}, line {line}: this is no log exported by Pyramide",
    ),
    "not_a_head": (
        "{path} : ce n'est pas une tête de journal exportée par Pyramide",
        "{path}: this is no head of a log exported by Pyramide",
    ),
    "reports_together": ("Ces rapports ensemble", "These reports together"),
    "difference": (
        "{where} : le rapport dit « {inside} », le calcul donne « {again} »",
        '{where}: the report says "{inside}", the computation gives "{again}"',
    ),
    "in_order": ("→ Tout est en ordre.", "→ All is in order."),
    "in_order_partly": (
        "→ Ce qui a été vérifié est en ordre ; points non vérifiés : {count}.",
        "→ What was checked is in order; points not checked: {count}.",
    ),
    "not_in_order": ("→ Ce fichier n'est pas en ordre.", "→ This file is not in order."),
    "proves_not": (
        "Rien de cela ne prouve que les réponses sont vraies, ni l'heure indiquée : elle est celle de l'instance.",
        "None of this proves that the answers are true, nor the time stated: it is that of the instance.",
    ),
    "cannot_render": ("le PDF n'a pas pu être fait", "the PDF could not be made"),
    "written": ("{path} : projet écrit, non signé", "{path}: draft written, not signed"),
    "case": ("fichier du cas, YAML ou JSON", "case file, YAML or JSON"),
    "id": (
        "identifiant d'un niveau, d'une définition, d'un constat, d'un rôle ou d'une obligation",
        "id of a level, definition, finding, role or obligation",
    ),
    "out": ("fichier à écrire", "file to write"),
    "form_of_result": ("forme du résultat", "form of the result"),
    "statistics": ("compter scénarios et questions", "count scenarios and questions"),
    "without_effect": ("chercher par solveur les règles sans effet", "look by solver for rules without effect"),
    "watch": (
        "vérifier de nouveau dès qu'un fichier change (Ctrl+C pour arrêter)",
        "check again whenever a file changes (Ctrl+C to stop)",
    ),
    "checked_at": ("— {time} —", "— {time} —"),
    "diff": ("dire ce qui change d'un pack à un autre", "say what changes from one pack to another"),
    "prove": ("démontrer ce qu'un pack doit garantir", "prove what a pack must guarantee"),
    "format": ("remettre en page des fichiers de règles", "lay rule files out anew"),
    "new": ("commencer le pack d'une organisation", "begin an organisation's pack"),
    "text_applied": ("texte appliqué (dossier de rules/)", "text applied (folder in rules/)"),
    "pack": ("remettre un pack, ou examiner un pack reçu", "hand a pack over, or look at one received"),
    "given_pack": (
        "nom d'un pack, son dossier, ou le fichier reçu",
        "name of a pack, its folder, or the file received",
    ),
    "meaning": (
        "dire aussi quelles situations sont jugées autrement, avec un exemple de chacune",
        "also say which situations are judged otherwise, with an example of each",
    ),
    "impact": (
        "dire aussi ce que cela change aux cas d'usage d'une base de données (fichier SQLite ou adresse)",
        "also say what it changes for the use cases in a database (SQLite file or address)",
    ),
    "no_store": ("ce n'est pas une base de Pyramide", "it is no database of Pyramide"),
    "impact_count": ("Cas d'usage touchés : {changed} sur {cases}", "Use cases that change: {changed} of {cases}"),
    "impact_duty": (
        "(nouvelle pour {comes}, supprimée pour {goes}, échéance déplacée pour {moves})",
        "(new for {comes}, gone for {goes}, date moved for {moves})",
    ),
    "rule_files": ("fichiers de règles, ou dossiers", "rule files, or folders"),
    "only_check": ("ne rien écrire ; dire quels fichiers changeraient", "write nothing; say which files would change"),
    "kind": ("ce qui commence : pack", "what begins: pack"),
    "pack_called": (
        "nom du pack : lettres minuscules sans accent, chiffres et -",
        "name of the pack: lower-case letters, digits and -",
    ),
    "builds_on": ("texte sur lequel il s'appuie", "text that it builds on"),
    "pack_title": ("titre du pack", "title of the pack"),
    "out_folder": (
        "dossier où l'écrire (sinon celui des règles)",
        "folder to write it in (otherwise that of the rules)",
    ),
    "pack_action": (
        "export : en faire un fichier à remettre ; check : dire s'il peut être reçu ; verify : exiger aussi une signature",
        "export: make it a file to hand over; check: say whether it may be taken; verify: ask for a signature too",
    ),
    "key": ("clé qui signe, en PEM", "key that signs, in PEM"),
    "by": ("qui remet le pack", "who hands the pack over"),
    "at": ("quand, tel qu'à écrire dans le fichier", "when, as to be written in the file"),
    "not_there": ("rien à cet endroit", "nothing there"),
    "laid_out": ("{path} : remis en page", "{path}: laid out anew"),
    "not_laid_out": ("{path} : à remettre en page", "{path}: to be laid out anew"),
    "laid_out_count": ("{files} fichiers lus, {changed} à changer", "{files} files read, {changed} to change"),
    "pack_begun": (
        "Pack commencé dans {path}. Modifiez ses fichiers, puis « compliance check {path} ».",
        'Pack begun in {path}. Change its files, then "compliance check {path}".',
    ),
    "out_missing": ("donnez le fichier à écrire, avec --out", "give the file to write, with --out"),
    "no_own_pack": (
        "« {id} » est un texte de loi fourni avec le produit ; on ne remet que le pack d'une organisation",
        '"{id}" is a text of law supplied with the product; only an organisation\'s pack is handed over',
    ),
    "pack_written": ("{path} : pack à remettre", "{path}: pack to hand over"),
    "pack_good": ("Pack « {id} » : {files} fichiers, en ordre.", 'Pack "{id}": {files} files, in order.'),
    "pack_signed": (
        "Signé par « {name} », selon le certificat joint ; comparez son empreinte : {fingerprint}",
        'Signed by "{name}", says the certificate enclosed; compare its fingerprint: {fingerprint}',
    ),
    "pack_unsigned": ("Sans signature.", "Without signature."),
    "signed_as_known": ("C'est bien le certificat attendu.", "It is the certificate expected."),
    "signed_by_other": ("Ce n'est pas le certificat attendu.", "It is not the certificate expected."),
    "same_entries": ("Aucune entrée ne diffère.", "No entry differs."),
    "meaning_count": (
        "Changements de sens démontrés : {count}",
        "Changes of meaning proved: {count}",
    ),
    "for_example": ("par exemple, si l'on répond", "for example, if one answers"),
    "undecided": ("Non décidés dans le temps imparti : {count}", "Not decided in the time given: {count}"),
    "unconfirmed": (
        "Le calcul d'une évaluation ne confirme pas : {ids}",
        "The computation of an assessment does not confirm: {ids}",
    ),
    "proved": ("démontré", "proved"),
    "broken": ("faux", "broken"),
    "open": ("non décidé", "undecided"),
    "level": ("Niveau", "Level"),
    "possible_levels": ("Niveaux encore possibles", "Levels still possible"),
    "why": ("Pourquoi", "Why"),
    "why_not": ("Pourquoi pas plus haut", "Why not higher"),
    "roles": ("Rôles", "Roles"),
    "findings": ("Constats", "Findings"),
    "obligations": ("Obligations", "Obligations"),
    "possible_obligations": (
        "Obligations possibles selon les réponses",
        "Obligations possible depending on answers",
    ),
    "open_questions": ("Questions ouvertes", "Open questions"),
    "turning_points": ("Ce qui changerait le niveau", "What would change the level"),
    "doubts": ("Points à confirmer", "Points to confirm"),
    "text": ("Texte", "Text"),
    "date": ("Date", "Date"),
    "in_application": ("applicable depuis le {date}", "applies since {date}"),
    "to_come": ("applicable le {date}, dans {days} jours", "applies on {date}, in {days} days"),
    "open_date": ("date selon les réponses : {dates}", "date depending on answers: {dates}"),
    "evidence": ("Preuve", "Evidence"),
    "owner": ("Fonction", "Function"),
    "fine": ("Amende", "Fine"),
    "duty": ("obligation", "duty"),
    "event": ("si l'événement survient", "when the event occurs"),
    "option": ("faculté", "option"),
    "voluntary": ("recommandé", "recommended"),
    "more": ("… et {count} autres (--json les donne toutes)", "… and {count} more (--json gives all)"),
    "checked": (
        "{packs} packs, {errors} erreurs, {warnings} avertissements ; {passed} scénarios réussis sur {total}",
        "{packs} packs, {errors} errors, {warnings} warnings; {passed} of {total} scenarios passed",
    ),
    "median": (
        "Questions posées jusqu'au niveau : médiane {median}, au plus {most} ({count} scénarios décidés)",
        "Questions asked to a level: median {median}, at most {most} ({count} decided scenarios)",
    ),
    "dead_false": ("{kind} {id} : jamais vrai", "{kind} {id}: never true"),
    "dead_true": ("{kind} {id} : toujours vrai", "{kind} {id}: always true"),
    "no_dead": ("Aucune règle sans effet.", "No rule without effect."),
    "unknown_id": (
        "« {id} » n'est ni un niveau, ni une définition, ni un constat, ni un rôle, ni une obligation.",
        '"{id}" is not a level, definition, finding, role or obligation.',
    ),
    "true": ("vrai", "true"),
    "false": ("faux", "false"),
    "unknown": ("inconnu", "unknown"),
    "encoded": ("Dispositions encodées", "Provisions encoded"),
    "binds_others": ("Visent d'autres que les entreprises", "Bind others than companies"),
    "not_encoded": ("Non encodées", "Not encoded"),
    "unexplained": ("non expliquée", "not explained"),
    "help_interview": (
        "Répondez par le numéro (plusieurs séparés par des virgules), ? pour « je ne sais pas », aide pour l'aide, q pour arrêter.",
        'Answer with the number (several separated by commas), ? for "I don\'t know", help for help, q to stop.',
    ),
    "not_understood": ("Réponse non comprise.", "Answer not understood."),
    "yes_no": ("1 oui, 2 non", "1 yes, 2 no"),
    "none_option": ("0 aucun de ces cas", "0 none of these"),
    "saved": ("Réponses enregistrées dans {path}.", "Answers saved in {path}."),
    "done": ("Plus aucune question.", "No more questions."),
    "cannot_write": ("impossible d'écrire {path} : {why}", "cannot write {path}: {why}"),
    "exists": ("{path} existe déjà ; choisissez un autre nom", "{path} already exists; choose another name"),
    "bad_on": ("« {value} » n'est pas une date AAAA-MM-JJ", '"{value}" is not a YYYY-MM-DD date'),
    **KEEPING_WORDS,
}


def colon(language: Language) -> str:
    """Return the colon with the space that French puts before it."""
    return " :" if language == "fr" else ":"


def say(key: str, language: Language, **values: object) -> str:
    """Return the words of ``key`` in the language, filled."""
    french, english = WORDS[key]
    return (french if language == "fr" else english).format(**values)
