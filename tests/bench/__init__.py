"""Timings, apart from the tests: machines are noisy, so compare ratios within one run."""
