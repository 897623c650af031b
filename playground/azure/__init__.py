"""An Azure OpenAI resource that runs on this machine: Responses, Conversations, Containers, Files, Assistants v2."""
