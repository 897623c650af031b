"""Slack → us. One file per kind of event; each turns a payload into a call on conversations/ and nothing more."""

from handlers.register import SUBSCRIBED, EventInbox, register

__all__ = ["SUBSCRIBED", "EventInbox", "register"]
