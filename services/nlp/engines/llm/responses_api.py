"""Responses: OpenAI's newer API, whose stream is typed events."""

from collections.abc import AsyncGenerator, Iterator

from openai import APIError, AsyncOpenAI
from openai.types.responses import (
    EasyInputMessageParam,
    Response,
    ResponseInputImageParam,
    ResponseInputTextParam,
    ResponseStreamEvent,
)

from services.nlp.engines.llm.parts import Ask, Filtered, Message, Part, Refused, Spent


class ResponsesApi:
    """Streams `POST /responses`. Nothing is kept at the server: we send what it is to know."""

    def __init__(self, client: AsyncOpenAI, model: str) -> None:
        self._client = client
        self.model = model

    async def stream(self, ask: Ask) -> AsyncGenerator[Part, None]:
        """The answer's parts; raises openai's errors."""
        opened = await self._client.responses.create(
            model=self.model, input=[_message(message) for message in ask.messages], stream=True, store=False
        )
        async with opened:
            async for event in opened:
                if event.type == "response.failed":
                    error = event.response.error
                    raise APIError("failed", opened.response.request, body={"code": error and error.code})
                for part in _parts(event):
                    yield part


def _message(message: Message) -> EasyInputMessageParam:
    if not message.image:
        return {"type": "message", "role": message.role, "content": message.text}
    text: ResponseInputTextParam = {"type": "input_text", "text": message.text}
    picture: ResponseInputImageParam = {"type": "input_image", "detail": "auto", "image_url": message.image}
    return {"type": "message", "role": message.role, "content": [text, picture]}


def _parts(event: ResponseStreamEvent) -> Iterator[Part]:
    if event.type == "response.output_text.delta":
        yield event.delta
    elif event.type == "response.refusal.delta":
        yield Refused(event.delta)
    elif event.type == "response.completed" or event.type == "response.incomplete":
        yield from _end(event.response)
    else:
        yield ""


def _end(response: Response) -> Iterator[Part]:
    if response.incomplete_details and response.incomplete_details.reason == "content_filter":
        yield Filtered()
    if response.usage:
        yield Spent(response.usage.input_tokens, response.usage.output_tokens)
