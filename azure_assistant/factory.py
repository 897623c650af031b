"""The factory. The SDK is imported by the call, not with the package: it takes longer than all the rest."""

from __future__ import annotations

from azure_assistant.assistant import Assistant
from azure_assistant.config import AssistantConfig


def open_assistant(config: AssistantConfig) -> Assistant:
    """The assistant for the configured service and wire. Nothing is sent yet; raises what ``config.check`` raises."""
    from azure_assistant.transport.api import ServiceApi
    from azure_assistant.transport.client import connect

    connection = connect(config)
    api = ServiceApi(connection.client, config)
    if config.api == "assistants":
        from azure_assistant.assistants import AssistantsAssistant

        return AssistantsAssistant(api, connection)
    from azure_assistant.responses import ResponsesAssistant

    return ResponsesAssistant(api, connection)
