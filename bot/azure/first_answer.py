"""What is kept of Azure's first answer to a request that changes something."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from bot.azure.operations import Operation, operation_in

if TYPE_CHECKING:
    from azure.core.polling import AsyncPollingMethod


def keeping_operation(
    base_url: str, keep: Callable[[Operation | None], None]
) -> AsyncPollingMethod[None]:
    """A polling method that keeps where the operation is asked, and asks nothing itself.

    The workflow asks, with what the database holds. The SDK's own token for this holds the whole
    answer, which may hold a SAS.
    """
    from azure.core.polling import AsyncPollingMethod

    class FirstAnswer(AsyncPollingMethod[None]):
        def initialize(self, client: Any, initial_response: Any, deserialize: Any) -> None:
            answer, asked = initial_response.http_response, initial_response.http_request
            keep(operation_in(answer.headers, str(asked.url), base_url))

    return FirstAnswer()
