"""What is kept of Azure's first answer to a request that changes something.

This file imports azure-core, so it is imported where a request is sent.
"""

from __future__ import annotations

from typing import Any

from azure.core.polling import AsyncPollingMethod

from bot.azure.operations import Operation, operation_in


class FirstAnswer(AsyncPollingMethod[None]):
    """Keeps where the operation is asked, and asks nothing: the workflow does, from the database.

    The SDK's own token for this holds the whole answer, which may hold a SAS.
    """

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url
        self.operation: Operation | None = None

    def initialize(self, client: Any, initial_response: Any, deserialization_callback: Any) -> None:
        """The SDK hands the first answer over here, and asks nothing by itself after it."""
        response = initial_response.http_response
        self.operation = operation_in(
            response.headers, str(initial_response.http_request.url), self._base_url
        )
