"""Keeps calls, journal and audit trail."""
