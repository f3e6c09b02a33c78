"""Answering, reviewing answers, handing over, evidence."""
