"""Puts the collector together and runs it."""
