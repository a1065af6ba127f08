"""Answers what is no message of the method: gRPC itself would log a traceback for every one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from typing import Any

import grpc
import grpc.aio
from google.protobuf.message import DecodeError


class ParsingInterceptor(grpc.aio.ServerInterceptor):  # type: ignore[type-arg]
    """Parses requests with one message of a service; malformed ones get INVALID_ARGUMENT."""

    def __init__(self, service: str) -> None:
        self._prefix = f"/{service}/"

    async def intercept_service(
        self, continuation: Callable[[Any], Awaitable[Any]], handler_call_details: Any
    ) -> Any:
        """Return a handler that takes bytes and parses them itself."""
        handler = await continuation(handler_call_details)
        if handler is None or not handler_call_details.method.startswith(self._prefix):
            return handler
        if handler.request_deserializer is None or handler.request_streaming:
            return handler
        return _streaming(handler) if handler.response_streaming else _unary(handler)


def _unary(handler: Any) -> Any:
    async def parsing(raw: bytes, context: Any) -> Any:
        return await handler.unary_unary(await _parse(handler, raw, context), context)

    return grpc.unary_unary_rpc_method_handler(parsing, response_serializer=handler.response_serializer)


def _streaming(handler: Any) -> Any:
    async def parsing(raw: bytes, context: Any) -> AsyncIterator[Any]:
        request = await _parse(handler, raw, context)
        async with aclosing(handler.unary_stream(request, context)) as responses:
            async for response in responses:
                yield response

    return grpc.unary_stream_rpc_method_handler(parsing, response_serializer=handler.response_serializer)


async def _parse(handler: Any, raw: bytes, context: Any) -> Any:
    try:
        return handler.request_deserializer(raw)
    except DecodeError:
        await context.abort(grpc.StatusCode.INVALID_ARGUMENT, "this is no message of this method")
        raise
