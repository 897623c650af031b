"""The factory. The SDK is imported by the call, not with the package: it takes longer than all the rest."""

from __future__ import annotations

from operator import attrgetter

from azure_assistant.assistant import Assistant
from azure_assistant.config import AssistantConfig

SDK_PARTS = {
    "responses": ("responses", "conversations", "containers", "files"),
    "assistants": ("beta.threads", "files"),
}
"""What a wire uses of the SDK's client, which imports each part at its first use: a tenth of a second on the loop in
the first turn with Responses, half a second with Assistants.
"""


def open_assistant(config: AssistantConfig) -> Assistant:
    """The assistant for the configured service and wire. Nothing is sent yet.

    Raises:
        SettingsMissing: An address, a key or the deployment is missing.
        SignInMissing: Entra ID is wanted, and azure-identity is not installed.
    """
    from azure_assistant.transport.client import connect

    connection = connect(config)
    attrgetter(*SDK_PARTS[config.api])(connection.client)
    if config.api == "assistants":
        from azure_assistant.assistants import AssistantsAssistant

        return AssistantsAssistant(config, connection)
    from openai.types.conversations import ConversationItemList
    from openai.types.responses import Response

    from azure_assistant.responses import ResponsesAssistant

    for model in (Response, ConversationItemList):
        model.model_rebuild()  # else the first answer that is read again builds it, on the loop
    return ResponsesAssistant(config, connection)
