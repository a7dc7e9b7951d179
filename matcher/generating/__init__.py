"""Rounds made up from a seed: for tests, benchmarks and the samples."""
