"""Slack → us: one function for each event, action, view and command; ``register`` lists them all."""

from handlers.context import Context, Contexts
from handlers.envelopes import Envelopes
from handlers.register import register

__all__ = ["Context", "Contexts", "Envelopes", "register"]
