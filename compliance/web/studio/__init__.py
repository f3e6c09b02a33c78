"""The rule studio: drafts of rules, their review, published versions."""
