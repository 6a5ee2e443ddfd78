"""Scores support conversations for what earns a customer's trust and what breaks it."""

__version__ = "0.1.0"
