"""Tells who watches that something changed."""
