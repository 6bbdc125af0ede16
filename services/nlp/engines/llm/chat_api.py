"""Chat Completions: what every compatible server speaks."""

import json
import logging
from collections.abc import AsyncGenerator
from typing import Any

from openai import AsyncOpenAI, AsyncStream, BadRequestError, UnprocessableEntityError
from openai.types.chat import (
    ChatCompletionContentPartParam,
    ChatCompletionFunctionToolParam,
    ChatCompletionMessageFunctionToolCallParam,
    ChatCompletionMessageParam,
)

from services.nlp.engines.llm.chunks import parts_of
from services.nlp.engines.llm.parts import Ask, Message, Part, Tool, ToolCall
from services.nlp.engines.llm.thinking import Thinking

log = logging.getLogger(__name__)

Json = dict[str, Any]
_COUNTING = "stream_options"


class ChatApi:
    """Streams `POST /chat/completions`."""

    def __init__(self, client: AsyncOpenAI, model: str) -> None:
        self._client = client
        self.model = model
        self._counts = True

    async def stream(self, ask: Ask) -> AsyncGenerator[Part, None]:
        """The answer's parts; raises openai's errors."""
        thinking = Thinking()
        async with await self._opened(ask) as opened:
            async for chunk in opened if _is_stream(opened) else _whole(opened):
                for part in parts_of(chunk):
                    yield thinking.without(part) if isinstance(part, str) else part
        yield thinking.rest()

    async def _opened(self, ask: Ask) -> AsyncStream[object]:
        """The stream; a server that does not know of counting tokens in it is asked without, ever after."""
        counted = self._counts
        try:
            return await self._post(ask)
        except (BadRequestError, UnprocessableEntityError) as error:
            if not counted or _COUNTING not in str(error):
                raise
        log.warning("nlp.counting.refused", extra={"model": self.model})
        self._counts = False
        return await self._post(ask)

    async def _post(self, ask: Ask) -> AsyncStream[object]:
        # Chunks as the JSON that they are: making the library's models of them costs more than all else.
        return await self._client.post(
            "/chat/completions",
            body=self._body(ask),
            cast_to=object,
            stream=True,
            stream_cls=AsyncStream[object],
        )

    def _body(self, ask: Ask) -> Json:
        tools = {"tools": [_tool(tool) for tool in ask.tools]} if ask.tools else {}
        counting = {_COUNTING: {"include_usage": True}} if self._counts else {}
        return {
            "model": self.model,
            "messages": [_message(message) for message in ask.messages],
            "stream": True,
            **counting,
            **tools,
        }


def _message(message: Message) -> ChatCompletionMessageParam:
    if message.role == "system":
        return {"role": "system", "content": message.text}
    if message.image:
        picture: ChatCompletionContentPartParam = {"type": "image_url", "image_url": {"url": message.image}}
        return {"role": "user", "content": [{"type": "text", "text": message.text}, picture]}
    if message.role == "user":
        return {"role": "user", "content": message.text}
    if message.role == "tool":
        return {"role": "tool", "tool_call_id": message.call_id, "content": message.text}
    if message.calls:
        calls = [_call(call) for call in message.calls]
        return {"role": "assistant", "content": message.text or None, "tool_calls": calls}
    return {"role": "assistant", "content": message.text}


def _tool(tool: Tool) -> ChatCompletionFunctionToolParam:
    parameters = dict(tool.parameters)
    return {
        "type": "function",
        "function": {"name": tool.name, "description": tool.description, "parameters": parameters},
    }


def _call(call: ToolCall) -> ChatCompletionMessageFunctionToolCallParam:
    return {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.sent_back}}


def _is_stream(opened: AsyncStream[object]) -> bool:
    return not opened.response.headers.get("content-type", "").startswith("application/json")


async def _whole(opened: AsyncStream[object]) -> AsyncGenerator[object, None]:
    """The one chunk of a server that does not stream."""
    yield json.loads(await opened.response.aread())
