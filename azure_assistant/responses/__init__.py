"""The assistant over the Responses API: conversations, responses, Code Interpreter containers."""

from azure_assistant.responses.assistant import ResponsesAssistant

__all__ = ["ResponsesAssistant"]
