"""Chat Completions: what every compatible server speaks."""

from collections.abc import AsyncGenerator, Iterator

from openai import AsyncOpenAI, omit
from openai.types.chat import (
    ChatCompletionChunk,
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


class ChatApi:
    """Streams `POST /chat/completions`."""

    def __init__(self, client: AsyncOpenAI, model: str) -> None:
        self._client = client
        self.model = model

    async def stream(self, ask: Ask) -> AsyncGenerator[Part, None]:
        """The answer's parts; raises openai's errors."""
        opened = await self._client.chat.completions.create(
            model=self.model,
            messages=[_message(message) for message in ask.messages],
            stream=True,
            stream_options={"include_usage": True},
            tools=[_tool(tool) for tool in ask.tools] or omit,
        )
        async with opened:
            async for chunk in opened:
                for part in _parts(chunk):
                    yield part


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


def _parts(chunk: ChatCompletionChunk) -> Iterator[Part]:
    if chunk.usage:
        yield Spent(chunk.usage.prompt_tokens, chunk.usage.completion_tokens)
    choice = chunk.choices[0] if chunk.choices else None  # the usage chunk has none
    if choice is None:
        return
    yield (choice.delta and choice.delta.content) or ""  # some servers end with a delta that is null
    if choice.delta and choice.delta.refusal:
        yield Refused(choice.delta.refusal)
    if choice.delta and choice.delta.tool_calls:
        for delta in choice.delta.tool_calls:
            told = delta.function
            name, arguments = (told.name or "", told.arguments or "") if told else ("", "")
            yield CallPart(delta.index, delta.id or "", name, arguments)
    if choice.finish_reason == "content_filter":
        yield Filtered()
    elif choice.finish_reason == "length":
        yield CutOff()
