"""Conditions in the Common Expression Language: checked by the official library, compiled by us."""
