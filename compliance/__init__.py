"""Pyramide: AI Act self-assessment for industry."""

__version__ = "0.1.0"
