"""What is to be forgotten at once: what a person has asked in a workspace, or what was asked in a channel."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement

from conversations.database.models import Question


@dataclass(frozen=True)
class Scope:
    """Questions of a workspace up to an epoch time, of one ``user`` or of one ``channel``; the other is ""."""

    team: str
    user: str
    channel: str
    until: float

    @property
    def why(self) -> str:
        """What it is called in the audit."""
        return "forget_channel" if self.channel else "forget_mine"

    @property
    def everything(self) -> ColumnElement[bool]:
        """Its questions, forgotten or not."""
        of_whom = Question.channel == self.channel if self.channel else Question.user == self.user
        return (Question.team == self.team) & of_whom & (Question.accepted_at <= self.until)

    @property
    def questions(self) -> ColumnElement[bool]:
        """Its questions that are not forgotten."""
        return self.everything & ~Question.forgotten
