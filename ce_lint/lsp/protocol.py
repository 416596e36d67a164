"""The protocol as pygls speaks it, where we have to differ: documents are kept by us, and every request is answered."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator
from typing import Any, TypeAlias

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.protocol import JsonRPCNotification, LanguageServerProtocol, lsp_method

LOG = logging.getLogger(__name__)

Handling: TypeAlias = "Generator[Any, Any, None]"
_NOT_UNDERSTOOD = "$/notUnderstood"


def _handed_on(method: str) -> Callable[..., Handling]:
    """A method of pygls that does nothing of its own with a message, and hands it on to us."""

    def hand_on(self: Protocol, params: object) -> Handling:
        # pygls asks whether this is a generator function.
        handler = self.fm.features.get(method)
        if handler is not None:
            yield handler, (params,), None

    found: Callable[..., Handling] = lsp_method(method)(hand_on)
    return found


class Protocol(LanguageServerProtocol):
    """pygls would count the lines of a document as `str.splitlines` does, and copy all of it for each keystroke."""

    def structure_message(self, data: dict[str, Any]) -> Any:  # noqa: ANN401 - as in pygls
        """Read a message; a request that cannot be read is answered, where pygls would leave the client waiting."""
        try:
            return super().structure_message(data)
        except JsonRpcException as error:
            method = data.get("method")
            LOG.warning("a message that cannot be understood: %s: %s", method, error.message or type(error).__name__)
            if isinstance(data.get("id"), str | int) and method:
                error.message = error.message or "invalid parameters"
                self._send_response(data["id"], error=error.to_response_error())
            return JsonRPCNotification(_NOT_UNDERSTOOD, self.VERSION, {"method": method})

    lsp_text_document__did_open = _handed_on(types.TEXT_DOCUMENT_DID_OPEN)
    lsp_text_document__did_change = _handed_on(types.TEXT_DOCUMENT_DID_CHANGE)
    lsp_text_document__did_close = _handed_on(types.TEXT_DOCUMENT_DID_CLOSE)
    lsp_notebook_document__did_open = _handed_on(types.NOTEBOOK_DOCUMENT_DID_OPEN)
    lsp_notebook_document__did_change = _handed_on(types.NOTEBOOK_DOCUMENT_DID_CHANGE)
    lsp_notebook_document__did_close = _handed_on(types.NOTEBOOK_DOCUMENT_DID_CLOSE)
