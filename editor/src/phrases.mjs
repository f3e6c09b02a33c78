// What the editor itself says.
export const words = {
  fr: {
    label: "Éditeur de règles. Échap puis Tab pour en sortir.",
    typing: "Modifié, pas encore enregistré.",
    saved: "Enregistré à %.",
    unsaved: "Non enregistré : nouvel essai dans un instant. Une copie est gardée dans ce navigateur.",
    recovered: "Un texte non enregistré a été retrouvé dans ce navigateur.",
    take: "Le reprendre",
    leave: "L'oublier",
    mine: "Garder le mien",
    theirs: "Prendre l'autre",
  },
  en: {
    label: "Editor of rules. Escape then Tab to leave it.",
    typing: "Changed, not saved yet.",
    saved: "Saved at %.",
    unsaved: "Not saved: tried again in a moment. A copy is kept in this browser.",
    recovered: "A text that was not saved was found in this browser.",
    take: "Take it up",
    leave: "Forget it",
    mine: "Keep mine",
    theirs: "Take the other",
  },
};
export const phrases = {
  en: {},
  fr: {
    "Find": "Chercher", "Replace": "Remplacer par", "next": "suivant", "previous": "précédent", "all": "tout",
    "match case": "majuscules", "by word": "mot entier", "regexp": "expression", "replace": "remplacer",
    "replace all": "tout remplacer", "close": "fermer", "current match": "occurrence", "on line": "à la ligne",
    "replaced match on line $": "remplacé à la ligne $", "replaced $ matches": "$ remplacements", "Go to line": "Aller à la ligne",
    "go": "aller", "Diagnostics": "Problèmes", "No diagnostics": "Aucun problème", "Fold line": "Replier", "Unfold line": "Déplier",
    "folded code": "texte replié", "unfold": "déplier", "to": "à", "Folded lines": "Lignes repliées", "Unfolded lines": "Lignes dépliées",
    "Completions": "Propositions", "Selection deleted": "Sélection supprimée", "Control character": "Caractère de contrôle",
  },
};
