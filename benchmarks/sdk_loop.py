"""`python -m benchmarks.sdk_loop URL STREAMS`: the model's bare client, which only reads.

Prints as JSON: microseconds of CPU time for each token, and how many milliseconds late each first word came.
"""

import asyncio
import json
import sys
import time

from openai import AsyncOpenAI

from benchmarks.streaming_model import late_ms


async def _listen(client: AsyncOpenAI) -> tuple[int, float]:
    """The tokens of one answer, and how late the first one came."""
    tokens, late = 0, 0.0
    opened = await client.chat.completions.create(
        model="fake",
        messages=[{"role": "user", "content": "Tell me a story."}],
        stream=True,
        stream_options={"include_usage": True},
    )
    async for chunk in opened:
        if chunk.choices and (text := chunk.choices[0].delta.content):
            late = late or late_ms(text, time.monotonic()) or 0.0
            tokens += 1
    return tokens, late


async def _run(url: str, streams: int) -> dict[str, object]:
    async with AsyncOpenAI(base_url=url, api_key="none", max_retries=0) as client:
        began = time.process_time()
        heard = await asyncio.gather(*(_listen(client) for _ in range(streams)))
        spent_us = 1e6 * (time.process_time() - began)
    return {"us": spent_us / sum(tokens for tokens, _ in heard), "late_ms": [late for _, late in heard]}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(_run(sys.argv[1], int(sys.argv[2])))))
