"""Why a database cannot be used."""

from __future__ import annotations


class DatabaseUnusable(Exception):
    """The text says why, and what to do, without the password."""
