"""How long the real services take to answer, as named profiles that both local servers can be told to have.

Assumed, not measured at a real workspace and resource. What is not listed is answered at once. Each request waits for
itself only: none waits behind another.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

AS_THE_SERVICES_ARE = "as the services are"


@dataclass(frozen=True)
class Latencies:
    """Seconds before an answer.

    Attributes:
        slack: By Web API method, ``upload`` or ``download``.
        azure: By HTTP method and path below the mount, a glob; the first that fits counts.
    """

    slack: Mapping[str, float]
    azure: Mapping[str, float]

    def scaled(self, factor: float) -> Latencies:
        """The same on a better or a worse day."""
        slack, azure = ({name: seconds * factor for name, seconds in of.items()} for of in (self.slack, self.azure))
        return Latencies(slack, azure)

    def of_azure(self, method: str, path: str) -> float:
        """Seconds for a request."""
        asked = f"{method} {path}"
        return next((seconds for pattern, seconds in self.azure.items() if fnmatchcase(asked, pattern)), 0.0)


PROFILES: Mapping[str, Latencies] = {
    AS_THE_SERVICES_ARE: Latencies(
        slack={
            "download": 0.4,
            "files.info": 0.15,
            "files.list": 0.15,
            "conversations.info": 0.15,
            "conversations.history": 0.15,
            "conversations.replies": 0.15,
            "conversations.members": 0.15,
            "users.info": 0.15,
            "assistant.threads.setStatus": 0.2,
            "assistant.threads.setTitle": 0.2,
            "agents.sessions.setStatus": 0.2,
            "agents.sessions.rename": 0.2,
            "chat.startStream": 0.25,
            "chat.appendStream": 0.2,
            "chat.stopStream": 0.25,
            "chat.postMessage": 0.25,
            "chat.postEphemeral": 0.25,
            "chat.update": 0.25,
            "chat.delete": 0.25,
            "reactions.add": 0.2,
            "files.getUploadURLExternal": 0.2,
            "upload": 0.3,
            "files.completeUploadExternal": 0.35,
        },
        azure={
            "POST /files": 0.8,
            "POST /containers": 2.5,
            "POST /containers/*/files": 0.6,
            "GET /containers/*/files/*/content": 0.4,
            "POST /conversations": 0.3,
            "POST /threads": 0.3,
            "GET /files/*/content": 0.4,
        },
    )
}


def latencies(profile: str, factor: float = 1.0) -> Latencies:
    """A profile by its name, all of it times ``factor``. Raises ``KeyError``."""
    return PROFILES[profile].scaled(factor)
