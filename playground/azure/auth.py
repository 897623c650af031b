"""Who may ask: the key as ``api-key`` or bearer token, or an Entra ID token."""

from __future__ import annotations

import hmac
from collections.abc import Collection

from aiohttp import web

from playground.azure.service import errors
from playground.azure.service.wire import is_azure


def authorize(request: web.Request, key: str, tokens: Collection[str]) -> None:
    """Refuse a request without a valid credential.

    Args:
        request: The request. Azure takes both headers, OpenAI only the bearer token.
        key: The API key.
        tokens: Entra ID tokens that are accepted as well.

    Raises:
        ApiError: 401.
    """
    azure = is_azure(request)
    scheme, _, bearer = request.headers.get("Authorization", "").partition(" ")
    given = [bearer] if scheme == "Bearer" else []
    if azure:
        given.append(request.headers.get("api-key", ""))
    if not any(hmac.compare_digest(one.encode(), known.encode()) for one in given for known in (key, *tokens)):
        raise errors.unauthorized(azure=azure)
