"""Bought systems: what has to be obtained from the supplier, its questionnaire, and what came back."""
