"""The assistant over Assistants v2 (threads, messages, runs, run steps), for servers that still speak it."""

from azure_assistant.assistants.assistant import AssistantsAssistant

__all__ = ["AssistantsAssistant"]
