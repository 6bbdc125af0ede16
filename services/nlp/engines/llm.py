"""The language model: any OpenAI-compatible server, streaming."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterable

import openai
from openai import AsyncOpenAI
from openai.types.chat import ChatCompletionChunk, ChatCompletionMessageParam

from contracts.reply import Reply
from services.nlp.actions.base import TrackerEvent
from services.nlp.dialogue.events import bot_uttered
from services.nlp.engines.base import Turn
from services.nlp.errors import ModelBusy, ModelFault, ModelRefused, ModelTimeout, ModelUnavailable
from services.nlp.settings import NlpSettings

DEFAULT_PROMPT = (
    "You are a helpful assistant in a chat. Answer briefly, in the person's language, in Markdown."
)
FILTERED = "I cannot answer that."
"""What is said when the server's content filter took the answer away."""


class LlmEngine:
    """One client for all bots."""

    def __init__(self, client: AsyncOpenAI, settings: NlpSettings) -> None:
        self._client = client
        self._settings = settings

    async def answer(self, turn: Turn) -> AsyncGenerator[str | Reply, None]:
        messages = self._messages(turn)
        text, filtered = "", False
        try:
            async with asyncio.timeout(self._settings.nlp_answer_s):
                stream = await self._open(messages)
                async with stream:
                    async for chunk in self._paced(stream):
                        choice = chunk.choices[0] if chunk.choices else None  # the usage chunk has none
                        if choice is None:
                            continue
                        filtered = filtered or choice.finish_reason == "content_filter"
                        part = choice.delta.content or choice.delta.refusal or ""
                        text += part
                        if part:
                            yield part
        except (openai.OpenAIError, TimeoutError) as error:
            raise _fault(error) from error
        said = text or (FILTERED if filtered else "…")
        turn.note(bot_uttered(said))
        yield Reply(text=said)

    async def _open(
        self, messages: list[ChatCompletionMessageParam]
    ) -> openai.AsyncStream[ChatCompletionChunk]:
        async with asyncio.timeout(self._settings.nlp_first_token_s):
            return await self._client.chat.completions.create(
                model=self._settings.openai_model,
                messages=messages,
                stream=True,
                stream_options={"include_usage": True},
            )

    async def _paced(
        self, stream: openai.AsyncStream[ChatCompletionChunk]
    ) -> AsyncIterator[ChatCompletionChunk]:
        """The chunks, none of which may let us wait too long."""
        wait_s = self._settings.nlp_first_token_s
        chunks = stream.__aiter__()
        while True:
            try:
                async with asyncio.timeout(wait_s):
                    chunk = await anext(chunks)
            except StopAsyncIteration:
                return
            wait_s = self._settings.nlp_next_token_s
            yield chunk

    def _messages(self, turn: Turn) -> list[ChatCompletionMessageParam]:
        history = recent(turn.tracker.events, self._settings.nlp_history_chars)
        prompt = turn.bot.system_prompt or DEFAULT_PROMPT
        messages: list[ChatCompletionMessageParam] = [{"role": "system", "content": prompt}]
        for event in history:
            if event["event"] == "user":
                messages.append({"role": "user", "content": event["text"]})
            else:
                messages.append({"role": "assistant", "content": event["text"]})
        return messages


def recent(events: Iterable[TrackerEvent], most_chars: int) -> list[TrackerEvent]:
    """What person and bot said, newest turns first to stay; whole turns only, the newest one always."""
    turns: list[list[TrackerEvent]] = []
    for event in events:
        if event["event"] == "user":
            turns.append([event])
        elif event["event"] == "bot" and turns:
            turns[-1].append(event)
    kept: list[list[TrackerEvent]] = []
    for turn in reversed(turns):
        most_chars -= sum(len(event["text"]) for event in turn)
        if kept and most_chars < 0:
            break
        kept.insert(0, turn)
    return [event for turn in kept for event in turn]


def _fault(error: Exception) -> ModelFault:
    if isinstance(error, TimeoutError | openai.APITimeoutError):
        return ModelTimeout()
    if isinstance(error, openai.RateLimitError):
        return ModelBusy()
    if isinstance(error, openai.APIStatusError) and error.status_code < 500:
        return ModelRefused(f"status {error.status_code}")
    return ModelUnavailable(type(error).__name__)
