"""Us and Azure OpenAI: one interface, two wires (Responses API, Assistants v2)."""

from azure_assistant.config import AssistantConfig
from azure_assistant.factory import LazyAssistant, open_assistant

__all__ = ["AssistantConfig", "LazyAssistant", "open_assistant"]
