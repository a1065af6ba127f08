"""Diagnosis without a collector: when the network itself is the fault."""
