"""The words of the domain as types: rules, findings, verifications."""
