"""Words of the commands that keep what an instance holds: backup, restore, verify-store."""

from __future__ import annotations

KEEPING_WORDS: dict[str, tuple[str, str]] = {
    "backup": (
        "écrire tout ce que l'instance contient dans un fichier, sans arrêter le site",
        "write all that the instance holds into a file, while the site runs",
    ),
    "backup_out": (
        "fichier à écrire, ou dossier : le nom est alors fait de la date",
        "file to write, or a folder: the name is then made of the date",
    ),
    "restore": ("remettre une sauvegarde dans une instance", "put a backup back into an instance"),
    "backup_file": ("la sauvegarde", "the backup"),
    "into": (
        "dossier de l'instance (absent ou vide, sauf avec --replace)",
        "folder of the instance (absent or empty, unless with --replace)",
    ),
    "replace": (
        "remplacer la base qui s'y trouve : elle est mise de côté, jamais supprimée",
        "replace the store that is there: it is moved aside, never removed",
    ),
    "despite_faults": (
        "remettre même une base qui n'était pas entière quand elle a été sauvegardée",
        "put back even a store that was not whole when it was backed up",
    ),
    "verify-store": ("vérifier que la base de l'instance est entière", "check that the instance's store is whole"),
    "backup_written": ("{path} : sauvegarde écrite, {size}.", "{path}: backup written, {size}."),
    "backup_sealed": ("Chiffrée ; ne s'ouvre qu'avec la clé.", "Encrypted; it opens with the key alone."),
    "backup_open": (
        "Non chiffrée (PYRAMIDE_BACKUP_KEY n'est pas donnée) : gardez-la comme la base elle-même.",
        "Not encrypted (PYRAMIDE_BACKUP_KEY is not given): keep it as you keep the store itself.",
    ),
    "backup_left_out": (
        "Secrets laissés hors du fichier, à conserver ailleurs : {names}",
        "Secrets left out of the file, to be kept elsewhere: {names}",
    ),
    "backup_not_sound": (
        "Attention : la base sauvegardée n'est pas entière ; « compliance verify-store » dit ce qui manque.",
        'Beware: the store that was backed up is not whole; "compliance verify-store" says what is wrong.',
    ),
    "restored": ("{store} : base remise, telle qu'au {at}.", "{store}: store put back, as of {at}."),
    "restored_aside": ("Ce qui s'y trouvait est dans {path}", "What was there is in {path}"),
    "restored_elsewhere": (
        "Attention : PYRAMIDE_DATABASE_URL désigne une autre base ; le site lira celle-là.",
        "Beware: PYRAMIDE_DATABASE_URL names another store; the site will read that one.",
    ),
    "not_put_back": (
        "Rien n'a été remis : ce que contient la sauvegarde n'est pas entier (--despite-faults pour passer outre).",
        "Nothing was put back: what the backup holds is not whole (--despite-faults to go on all the same).",
    ),
    "store_sound": ("→ La base est entière.", "→ The store is whole."),
    "store_not_sound": ("→ La base n'est pas entière.", "→ The store is not whole."),
    "store_head": (
        "journal « {organisation} » : {size} entrées, tête {root}",
        'log "{organisation}": {size} entries, head {root}',
    ),
    "and_more": ("… et {count} autres", "… and {count} more"),
    "organisation": (
        "remettre à une organisation toutes ses données, ou les effacer",
        "hand an organisation all its data, or erase them",
    ),
    "organisation_action": (
        "export : tout écrire dans un ZIP ; erase : tout effacer, et n'écrire que les empreintes du journal",
        "export: write all into a ZIP; erase: erase all, and write only the hashes of the log",
    ),
    "organisation_named": ("nom de l'organisation, ou son identifiant", "name of the organisation, or its id"),
    "confirm": (
        "avec erase : le nom de l'organisation, en entier",
        "with erase: the name of the organisation, in full",
    ),
    "organisation_export": (
        "{path} : toutes les données de « {name} », journal de {size} entrées compris.",
        '{path}: all data of "{name}", its log of {size} entries included.',
    ),
    "organisation_erase": (
        "« {name} » est effacée. Empreintes des {size} entrées de son journal, à conserver : {path}",
        '"{name}" is erased. Hashes of the {size} entries of its log, to be kept: {path}',
    ),
    "erase_backups": (
        "Ses données restent dans les sauvegardes faites jusqu'ici : supprimez-les à leur échéance.",
        "Its data are still in the backups made so far: remove those when they are due.",
    ),
    # what is checked
    "check_pages": ("Pages du fichier", "Pages of the file"),
    "check_keys": ("Liens entre les lignes", "Keys between rows"),
    "check_schema": ("Version du schéma", "Version of the schema"),
    "check_guards": ("Tables, index, déclencheurs et règles", "Tables, indexes, triggers and policies"),
    "check_role": ("Rôle sous lequel le site travaille", "Role that the site works under"),
    "check_values": ("Dates et données lisibles", "Dates and data that can be read"),
    "check_logs": ("Entrées des journaux, recalculées", "Entries of the logs, computed again"),
    "check_answers": ("Réponses et leur cas d'usage", "Answers and their use case"),
    "check_evidence": ("Preuves et leur empreinte", "Evidence and its hash"),
    "check_files": ("Autres fichiers et leur empreinte", "Other files and their hash"),
    "check_reports": (
        "Rapports émis : fichier, données, place au journal",
        "Issued reports: file, data, place on the log",
    ),
    "check_law": ("Textes de loi conservés", "Texts of the law that are kept"),
    "check_heads": ("Têtes de journal conservées au-dehors", "Heads of logs kept outside"),
    "check_by_server": ("le serveur de base de données en répond", "the database server answers for it"),
    # what is wrong
    "fault_breaks_off": ("la lecture s'interrompt : {why}", "reading breaks off: {why}"),
    "fault_page": ("{why}", "{why}"),
    "fault_key": (
        "table {table}, ligne {row} : ce qu'elle désigne dans {other} n'existe pas",
        "table {table}, row {row}: what it names in {other} is not there",
    ),
    "fault_schema_older": (
        "version {schema}, antérieure à celle de ce programme : le site la mettra à jour en démarrant",
        "version {schema}, earlier than this programme's: the site brings it up when it starts",
    ),
    "fault_schema_unknown": (
        "version {schema}, inconnue de ce programme : elle vient d'un programme plus récent",
        "version {schema}, unknown to this programme: it comes from a later one",
    ),
    "fault_made_otherwise": ("{name} : n'est pas fait comme il doit l'être", "{name}: is not made as it must be"),
    "fault_role_superuser": (
        "{role} est superutilisateur : aucune règle ne le lie",
        "{role} is a superuser: no policy binds it",
    ),
    "fault_role_bypassrls": (
        "{role} passe outre les règles sur les lignes",
        "{role} bypasses policies on rows",
    ),
    "fault_role_owner": (
        "{role} possède les tables ou leur schéma : il pourrait en ôter les protections",
        "{role} owns the tables or their schema: it could take away what guards them",
    ),
    "fault_role_empties": (
        "{role} peut vider des tables d'un coup (TRUNCATE)",
        "{role} may empty tables at one go (TRUNCATE)",
    ),
    "fault_value": (
        "table {table}, ligne {row} : la valeur de {column} est illisible",
        "table {table}, row {row}: the value of {column} cannot be read",
    ),
    "fault_log_empty": ("« {organisation} » : le journal est vide", '"{organisation}": the log is empty'),
    "fault_log_entry": (
        "« {organisation} » : la première entrée qui n'est pas telle qu'écrite, ou pas à sa place, est la n° {seq}",
        '"{organisation}": the first entry that is not as it was written, or not in its place, is no. {seq}',
    ),
    "fault_answer_orphan": (
        "la réponse à {fact} porte sur {subject}, qui n'existe pas",
        "the answer to {fact} is about {subject}, which is not there",
    ),
    "fault_evidence_orphan": (
        "« {organisation} » : « {title} » n'est pas au journal",
        '"{organisation}": "{title}" is not on the log',
    ),
    "fault_evidence_missing": ("« {organisation} » : « {title} » manque", '"{organisation}": "{title}" is missing'),
    "fault_evidence_changed": (
        "« {organisation} » : « {title} » n'est pas le fichier qui a été ajouté",
        '"{organisation}": "{title}" is not the file that was added',
    ),
    "fault_file_changed": (
        "table {table} : « {title} » n'a pas l'empreinte notée",
        'table {table}: "{title}" does not have the hash noted',
    ),
    "fault_report_orphan": (
        "« {organisation} » : l'émission du rapport {number} n'est pas au journal",
        '"{organisation}": that report {number} was issued is not on the log',
    ),
    "fault_report_gone": (
        "« {organisation} » : le rapport {number}, que le journal nomme, manque",
        '"{organisation}": report {number}, which the log names, is missing',
    ),
    "fault_report_log": (
        "« {organisation} » : le journal n'est plus celui que nomme le rapport {number}",
        '"{organisation}": the log is not any more the one that report {number} names',
    ),
    "fault_report_record": (
        "« {organisation} » : les données du rapport {number} sont illisibles",
        '"{organisation}": the data of report {number} cannot be read',
    ),
    "fault_report_missing": (
        "« {organisation} » : le fichier du rapport {number} manque",
        '"{organisation}": the file of report {number} is missing',
    ),
    "fault_report_changed": (
        "« {organisation} » : le fichier du rapport {number} n'est pas celui que le journal nomme",
        '"{organisation}": the file of report {number} is not the one that the log names',
    ),
    "fault_law_changed": (
        "{pack} : ce qui est conservé n'est pas le texte d'empreinte {hash}",
        "{pack}: what is kept is not the text with the hash {hash}",
    ),
    "fault_head_differs": (
        "« {organisation} » : le journal n'est plus celui dont les {size} premières entrées ont cette tête",
        '"{organisation}": the log is not any more the one whose first {size} entries have that head',
    ),
    # what cannot be done
    "wrong_exists": ("{path} existe déjà ; choisissez un autre nom", "{path} already exists; choose another name"),
    "wrong_disk_full": (
        "{path} : il n'y a plus assez de place sur le disque",
        "{path}: there is not enough room on the disk",
    ),
    "wrong_cannot_read": ("impossible de lire {path} : {why}", "cannot read {path}: {why}"),
    "wrong_cannot_write": ("impossible d'écrire {path} : {why}", "cannot write {path}: {why}"),
    "wrong_no_store_there": ("{path} : il n'y a pas de base à cet endroit", "{path}: there is no store"),
    "wrong_not_store": ("{path} : ce n'est pas une base de Pyramide", "{path}: this is no store of Pyramide"),
    "wrong_store_unreadable": ("la base ne peut pas être lue : {why}", "the store cannot be read: {why}"),
    "wrong_tool_missing": (
        "les outils de PostgreSQL ne sont pas installés ({why})",
        "PostgreSQL's tools are not installed ({why})",
    ),
    "wrong_tool_failed": ("les outils de PostgreSQL ont échoué : {why}", "PostgreSQL's tools failed: {why}"),
    "wrong_newer_schema": (
        "la base a le schéma {schema}, que ce programme ne connaît pas : prenez le programme qui l'a faite",
        "the store has schema {schema}, which this programme does not know: take the programme that made it",
    ),
    "wrong_newer_format": (
        "forme de sauvegarde inconnue ({found}) : elle vient d'un programme plus récent",
        "unknown form of backup ({found}): it comes from a later programme",
    ),
    "wrong_sealed_otherwise": (
        "{path} : chiffrée d'une façon inconnue de ce programme",
        "{path}: encrypted in a way that this programme does not know",
    ),
    "wrong_key_missing": (
        "{path} est chiffrée : donnez le fichier de la clé dans PYRAMIDE_BACKUP_KEY",
        "{path} is encrypted: give the file of the key in PYRAMIDE_BACKUP_KEY",
    ),
    "wrong_key_wrong": ("{path} : chiffrée avec une autre clé", "{path}: encrypted with another key"),
    "wrong_key_unreadable": (
        "{path} : le fichier de la clé ne peut pas être lu",
        "{path}: the file of the key cannot be read",
    ),
    "wrong_key_no_key": (
        "{path} : ce n'est pas une clé ; il faut 64 chiffres hexadécimaux",
        "{path}: this is no key; 64 hexadecimal digits are needed",
    ),
    "wrong_damaged": (
        "{path} : le fichier a été coupé ou modifié ; rien n'a été remis",
        "{path}: the file was cut or changed; nothing was put back",
    ),
    "wrong_not_backup": (
        "{path} : ce n'est pas une sauvegarde de Pyramide, ou elle est coupée ; rien n'a été remis",
        "{path}: this is no backup of Pyramide, or it is cut; nothing was put back",
    ),
    "wrong_stranger": (
        "{path} : contient « {name} », qui n'est d'aucune sauvegarde ; rien n'a été remis",
        '{path}: holds "{name}", which no backup does; nothing was put back',
    ),
    "wrong_member_differs": (
        "{path} : « {name} » n'est pas ce que le manifeste annonce ; rien n'a été remis",
        '{path}: "{name}" is not what the manifest says; nothing was put back',
    ),
    "wrong_holds_store": (
        "{path} contient déjà une base ; --replace la met de côté",
        "{path} holds a store already; --replace moves it aside",
    ),
    "wrong_store_in_use": (
        "{path} est ouverte par un programme : arrêtez d'abord le site",
        "{path} is open in some programme: stop the site first",
    ),
    "wrong_needs_postgresql": (
        "la sauvegarde est d'une base PostgreSQL : désignez une base vide dans PYRAMIDE_DATABASE_URL",
        "the backup is of a PostgreSQL store: name an empty database in PYRAMIDE_DATABASE_URL",
    ),
    "wrong_organisation_unknown": ("aucune organisation ne s'appelle « {name} »", 'no organisation is called "{name}"'),
    "wrong_organisation_twice": (
        "plusieurs organisations s'appellent « {name} » : donnez l'identifiant",
        'several organisations are called "{name}": give the id',
    ),
    "wrong_not_confirmed": (
        "rien n'est effacé : confirmez par --confirm « {name} »",
        'nothing is erased: confirm by --confirm "{name}"',
    ),
    "wrong_signing_key": ("la clé de signature ne peut pas être lue", "the signing key cannot be read"),
    "wrong_database_not_empty": (
        "la base PostgreSQL n'est pas vide : donnez-en une vide dans PYRAMIDE_DATABASE_URL",
        "the PostgreSQL database is not empty: name an empty one in PYRAMIDE_DATABASE_URL",
    ),
}
