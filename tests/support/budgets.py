"""A plugin of pytest's: what tests may take, in CPU seconds of their process; the wall's clock belongs to the machine.

Exceeded, a quick test fails, and so does a run whose property-based tests take too long in all.
"""

from __future__ import annotations

import os
import time
from collections.abc import Generator

import pytest
from hypothesis import HealthCheck, settings

COMMON = settings(deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow])
"""By the wall's clock a busy machine is too slow for anything."""

IN_CI = bool(os.environ.get("CI"))
EXAMPLES = {"quick": 10, "suite": 100, "long": 10_000}
"""Of a property-based test, by profile; ``HYPOTHESIS_PROFILE`` names another one than the usual."""

for name, number in EXAMPLES.items():
    settings.register_profile(name, COMMON, max_examples=number, derandomize=IN_CI and name != "long")

QUICK_SECONDS = float(os.environ.get("QUICK_SECONDS", "2.0"))
"""For one test of ``--quick``; ``make mutants`` counts the calls of each, which takes time."""

PROPERTY_SECONDS = 30.0
"""For all tests that use hypothesis, with the profile "suite"."""

BEGUN = pytest.StashKey[float]()


def pytest_configure(config: pytest.Config) -> None:
    profile = os.environ.get("HYPOTHESIS_PROFILE", "quick" if config.getoption("--quick") else "suite")
    settings.load_profile(profile)
    if profile == "suite" and not hasattr(config, "workerinput"):
        config.pluginmanager.register(PropertyBudget())


def examples(number: int) -> settings:
    """So many examples in the whole suite, and in proportion with the other profiles."""
    return settings(max_examples=max(1, number * settings().max_examples // EXAMPLES["suite"]))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    item.stash[BEGUN] = time.process_time()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.when == "call":
        spent = time.process_time() - item.stash[BEGUN]
        if hasattr(getattr(item, "obj", None), "hypothesis"):
            report.user_properties.append(("property seconds", spent))
        if item.config.getoption("--quick") and report.passed and spent > QUICK_SECONDS:
            report.outcome = "failed"
            report.longrepr = f"This took {spent:.1f} s of CPU; a quick test may take {QUICK_SECONDS:.0f} s. "
            report.longrepr += "Mark it as thorough, or ask less of it when the fixture `quick` is true."
    return report


class PropertyBudget:
    """Adds up what the property-based tests of all workers take."""

    def __init__(self) -> None:
        self._spent = 0.0

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._spent += sum(float(str(value)) for name, value in report.user_properties if name == "property seconds")

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self._spent > PROPERTY_SECONDS and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self._spent:
            told = f"Property-based tests took {self._spent:.0f} s of CPU; they may take {PROPERTY_SECONDS:.0f} s."
            terminalreporter.write_line(told, red=self._spent > PROPERTY_SECONDS)
