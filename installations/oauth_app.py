"""What the settings say of an app that is installed by OAuth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class OAuthApp:
    """The app as Slack knows it, and where it is reached.

    Args:
        client_id: Basic Information → App Credentials.
        client_secret: The same.
        keys: What tokens are encrypted with; see ``Cipher``.
        public_url: The address that the two pages lie under.
    """

    client_id: str
    client_secret: str = field(repr=False)
    keys: Sequence[str] = field(repr=False)
    public_url: str
