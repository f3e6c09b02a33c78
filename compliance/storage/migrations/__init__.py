"""How the schema grew, one numbered step after another."""
