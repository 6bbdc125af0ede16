"""Fetches a photo that a person sent on Slack, into memory only."""

from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from foundation.slack_address import is_slacks
from services.worker.channels.limits import PHOTO_BYTES
from services.worker.channels.slack_calls import SlackCalls
from services.worker.channels.slack_errors import code, translated, unavailable
from services.worker.channels.slack_rates import FILES
from services.worker.errors import PhotoGone, PhotoTooLarge

GONE = {"file_not_found", "file_deleted"}
CHUNK_BYTES = 64 * 1024
WAIT_S = 5
"""A photo that has to wait longer for its place is asked for later: the turn waits, and no worker with it."""
DOWNLOAD = aiohttp.ClientTimeout(total=60)


async def fetch_photo(calls: SlackCalls, file_id: str) -> bytes:
    """The file's bytes; raises PhotoGone, PhotoTooLarge or ChannelFailed."""
    client = calls.client

    async def look() -> dict[str, Any]:
        return dict((await client.files_info(file=file_id))["file"])

    with translated():
        try:
            file = await calls.patient(FILES, look, max_wait_s=WAIT_S)
        except SlackApiError as error:
            if code(error) in GONE:
                raise PhotoGone("Slack does not have the photo") from None
            raise
        if int(file.get("size") or 0) > PHOTO_BYTES:
            raise PhotoTooLarge("the photo is over 10 MB")
        return await _download(client, str(file.get("url_private_download") or file.get("url_private") or ""))


async def _download(client: AsyncWebClient, url: str) -> bytes:
    if not is_slacks(url, client.base_url):  # a file may live elsewhere; our token must not go there
        raise PhotoGone("the photo is not kept by Slack")
    assert client.session
    headers = {"Authorization": f"Bearer {client.token}"}
    async with client.session.get(url, headers=headers, timeout=DOWNLOAD) as answer:
        if answer.status >= 500 or answer.status == 429:
            raise unavailable()
        if answer.status != 200 or answer.content_type == "text/html":  # the login page
            raise PhotoGone("Slack does not give the photo")
        content = bytearray()
        async for chunk in answer.content.iter_chunked(CHUNK_BYTES):
            content += chunk
            if len(content) > PHOTO_BYTES:
                raise PhotoTooLarge("the photo is over 10 MB")
        return bytes(content)
