"""The closed lists of the inventory, with their words: functions, sectors, states."""

from __future__ import annotations

from compliance.text import Text

FUNCTIONS: dict[str, Text] = {
    "it_rnd": Text("Informatique et R&D", "IT and R&D"),
    "sales_marketing": Text("Ventes et marketing", "Sales and marketing"),
    "quality": Text("Qualité", "Quality"),
    "process_methods": Text("Procédés et méthodes", "Process and methods"),
    "maintenance_safety": Text("Maintenance et sécurité", "Maintenance and safety"),
    "production": Text("Production", "Production"),
    "human_resources": Text("Ressources humaines", "Human resources"),
    "supply_chain": Text("Chaîne d'approvisionnement", "Supply chain"),
    "hse": Text("Hygiène, sécurité, environnement", "Health, safety, environment"),
    "finance_legal": Text("Finance et juridique", "Finance and legal"),
}

SECTORS: dict[str, Text] = {
    "automotive": Text("Automobile", "Automotive"),
    "aeronautics": Text("Aéronautique et espace", "Aeronautics and space"),
    "rail": Text("Ferroviaire", "Rail"),
    "marine": Text("Équipements marins", "Marine equipment"),
    "medical": Text("Dispositifs médicaux", "Medical devices"),
    "machinery": Text("Machines et métallurgie", "Machinery and metalworking"),
    "electrical": Text("Équipements électriques et électroniques", "Electrical and electronic equipment"),
    "energy": Text("Électricité et gaz", "Electricity and gas"),
    "chemicals": Text("Chimie", "Chemicals"),
    "pharma": Text("Pharmacie", "Pharma"),
    "other": Text("Autre", "Other"),
}

CASE_STATES: dict[str, Text] = {
    "draft": Text("Brouillon", "Draft"),
    "submitted": Text("Soumis pour avis", "Submitted for review"),
    "returned": Text("Renvoyé à l'auteur", "Returned to the author"),
    "approved": Text("Validé", "Approved"),
}

ASSESSMENT_STATES: dict[str, Text] = {
    "submitted": Text("En attente d'avis", "Awaiting review"),
    "returned": Text("Renvoyée", "Returned"),
    "approved": Text("Validée", "Approved"),
    "superseded": Text("Remplacée", "Superseded"),
}

ACTION_STATES: dict[str, Text] = {
    "to_do": Text("À faire", "To do"),
    "in_progress": Text("En cours", "In progress"),
    "done": Text("Fait", "Done"),
    "not_applicable": Text("Sans objet", "Not applicable"),
}

ROLES: dict[str, Text] = {
    "officer": Text("Responsable conformité", "Compliance officer"),
    "contributor": Text("Contributeur", "Contributor"),
    "auditor": Text("Auditeur", "Auditor"),
    "legal_editor": Text("Juriste", "Legal editor"),
    "administrator": Text("Administrateur", "Administrator"),
}
