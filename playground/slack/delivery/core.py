"""The parts of the local Slack that its Web API and its people act on."""

from __future__ import annotations

from dataclasses import dataclass

from playground.slack.delivery.app import App
from playground.slack.delivery.events import Events
from playground.slack.delivery.faults import Faults
from playground.slack.delivery.outbox import Outbox
from playground.slack.delivery.sockets import SocketServer
from playground.slack.state.workspace import Workspace


@dataclass(frozen=True)
class Core:
    """One running Slack."""

    workspace: Workspace
    faults: Faults
    outbox: Outbox
    events: Events
    sockets: SocketServer
    app: App
