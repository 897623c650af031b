"""Run by Python itself at its start, in bots under test: this folder is on their PYTHONPATH."""

import loop_watchdog  # type: ignore[import-not-found]

loop_watchdog.arm_if_asked()
