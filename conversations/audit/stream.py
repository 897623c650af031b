"""The audit as lines of a log, for who collects those: each at INFO, once what it tells is durable."""

from __future__ import annotations

import logging

log = logging.getLogger(__name__)
log.disabled, log.propagate = True, False  # it is no part of the log; app/logs.py may write it to stdout
