"""Chat Completions: what every compatible server speaks."""

from collections.abc import AsyncGenerator, Iterator
from typing import Any, cast

from openai import AsyncOpenAI, AsyncStream
from openai.types.chat import (
    ChatCompletionContentPartParam,
    ChatCompletionFunctionToolParam,
    ChatCompletionMessageFunctionToolCallParam,
    ChatCompletionMessageParam,
)

from services.nlp.engines.llm.parts import (
    Ask,
    CallPart,
    CutOff,
    Filtered,
    Message,
    Part,
    Refused,
    Spent,
    Tool,
    ToolCall,
)

Json = dict[str, Any]


class ChatApi:
    """Streams `POST /chat/completions`."""

    def __init__(self, client: AsyncOpenAI, model: str) -> None:
        self._client = client
        self.model = model

    async def stream(self, ask: Ask) -> AsyncGenerator[Part, None]:
        """The answer's parts; raises openai's errors."""
        # Chunks as the JSON that they are: making the library's models of them costs more than all else.
        opened = await self._client.post(
            "/chat/completions",
            body=self._body(ask),
            cast_to=object,
            stream=True,
            stream_cls=AsyncStream[object],
        )
        async with opened:
            async for chunk in opened:
                for part in _parts(cast(Json, chunk)):
                    yield part

    def _body(self, ask: Ask) -> Json:
        tools = {"tools": [_tool(tool) for tool in ask.tools]} if ask.tools else {}
        return {
            "model": self.model,
            "messages": [_message(message) for message in ask.messages],
            "stream": True,
            "stream_options": {"include_usage": True},
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


def _parts(chunk: Json) -> Iterator[Part]:
    """Servers leave out, or null, whatever they have nothing to say about."""
    if usage := chunk.get("usage"):
        yield Spent(usage.get("prompt_tokens") or 0, usage.get("completion_tokens") or 0)
    if not (choices := chunk.get("choices")):  # the usage chunk has none
        return
    delta = choices[0].get("delta") or {}
    yield delta.get("content") or ""
    if refusal := delta.get("refusal"):
        yield Refused(refusal)
    for call in delta.get("tool_calls") or ():
        told = call.get("function") or {}
        yield CallPart(
            call.get("index"), call.get("id") or "", told.get("name") or "", told.get("arguments") or ""
        )
    reason = choices[0].get("finish_reason")
    if reason == "content_filter":
        yield Filtered()
    elif reason == "length":
        yield CutOff()
