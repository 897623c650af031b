"""Slack → us. One file per kind of event; each turns a payload into a call on conversations/ and nothing more."""

from handlers.envelopes import Envelopes
from handlers.register import SUBSCRIBED, register

__all__ = ["SUBSCRIBED", "Envelopes", "register"]
