"""Us and Azure OpenAI: one interface, two wires (Responses API, Assistants v2)."""

from azure_assistant.assistant import (
    Artifact,
    Assistant,
    AssistantFile,
    ChartReady,
    CodeFinished,
    CodeStarted,
    Failed,
    FileReady,
    Finished,
    Gone,
    Progress,
    Prompt,
    PromptFile,
    RunEvent,
    RunStarted,
    TextDelta,
    Thread,
    Usage,
    Waiting,
)
from azure_assistant.config import AssistantConfig
from azure_assistant.factory import open_assistant
from azure_assistant.lazy import LazyAssistant
from azure_assistant.retries import RetryPolicy

__all__ = [
    "Artifact",
    "Assistant",
    "AssistantConfig",
    "AssistantFile",
    "ChartReady",
    "CodeFinished",
    "CodeStarted",
    "Failed",
    "FileReady",
    "Finished",
    "Gone",
    "LazyAssistant",
    "Progress",
    "Prompt",
    "PromptFile",
    "RetryPolicy",
    "RunEvent",
    "RunStarted",
    "TextDelta",
    "Thread",
    "Usage",
    "Waiting",
    "open_assistant",
]
