"""Benchmarks: ratios and times, each printed as the median of repeated runs in one go."""
