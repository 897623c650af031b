"""Assistants v2: the retired API that self-hosted servers still speak (reference: azure-openai-wire.md, D)."""
