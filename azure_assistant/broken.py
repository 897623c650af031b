"""What a broken stream raises."""

from __future__ import annotations

import json

import aiohttp
import httpx2
import openai

BROKEN = (openai.APIConnectionError, httpx2.HTTPError, aiohttp.ClientError, json.JSONDecodeError)
"""The connection broke or delivered rubbish; an ``openai.APIError`` with a body is the service's own word instead."""
