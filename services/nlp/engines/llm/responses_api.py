"""Responses: OpenAI's newer API, whose stream is typed events."""

from collections.abc import AsyncGenerator, Iterator

from openai import APIError, AsyncOpenAI, omit
from openai.types.responses import (
    FunctionToolParam,
    Response,
    ResponseInputImageParam,
    ResponseInputItemParam,
    ResponseInputTextParam,
    ResponseStreamEvent,
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
)


class ResponsesApi:
    """Streams `POST /responses`. Nothing is kept at the server: we send what it is to know."""

    def __init__(self, client: AsyncOpenAI, model: str) -> None:
        self._client = client
        self.model = model

    async def stream(self, ask: Ask) -> AsyncGenerator[Part, None]:
        """The answer's parts; raises openai's errors."""
        opened = await self._client.responses.create(
            model=self.model,
            input=[item for message in ask.messages for item in _items(message)],
            stream=True,
            store=False,
            tools=[_tool(tool) for tool in ask.tools] or omit,
        )
        async with opened:
            async for event in opened:
                if event.type == "response.failed":
                    error = event.response.error
                    raise APIError("failed", opened.response.request, body={"code": error and error.code})
                for part in _parts(event):
                    yield part


def _items(message: Message) -> Iterator[ResponseInputItemParam]:
    if message.role == "tool":
        yield {"type": "function_call_output", "call_id": message.call_id, "output": message.text}
        return
    if message.image:
        text: ResponseInputTextParam = {"type": "input_text", "text": message.text}
        picture: ResponseInputImageParam = {
            "type": "input_image",
            "detail": "auto",
            "image_url": message.image,
        }
        yield {"type": "message", "role": message.role, "content": [text, picture]}
    elif message.text or not message.calls:
        yield {"type": "message", "role": message.role, "content": message.text}
    for call in message.calls:
        yield {"type": "function_call", "call_id": call.id, "name": call.name, "arguments": call.sent_back}


def _tool(tool: Tool) -> FunctionToolParam:
    return {
        "type": "function",
        "name": tool.name,
        "description": tool.description,
        "parameters": dict(tool.parameters),
        "strict": False,
    }


def _parts(event: ResponseStreamEvent) -> Iterator[Part]:
    if event.type == "response.output_text.delta":
        yield event.delta
    elif event.type == "response.refusal.delta":
        yield Refused(event.delta)
    elif event.type == "response.output_item.done" and event.item.type == "function_call":
        yield CallPart(event.output_index, event.item.call_id, event.item.name, event.item.arguments)
    elif event.type == "response.completed" or event.type == "response.incomplete":
        yield from _end(event.response)
    else:
        yield ""


def _end(response: Response) -> Iterator[Part]:
    reason = response.incomplete_details and response.incomplete_details.reason
    if reason == "content_filter":
        yield Filtered()
    elif reason == "max_output_tokens":
        yield CutOff()
    if response.usage:
        yield Spent(response.usage.input_tokens, response.usage.output_tokens)
