"""Puts a picture of ours where a Slack message can show it, from memory."""

import asyncio
import logging

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from services.worker.channels.limits import PICTURE_NAME
from services.worker.channels.slack_errors import code

log = logging.getLogger(__name__)

UPLOAD_S = 10
"""How long a message waits for its picture."""
LOOK_EVERY_S = 0.5
"""Slack takes about a second to look into a file; before that, no message may show it
(slackapi/python-slack-sdk#1521)."""


async def upload_picture(client: AsyncWebClient, jpeg: bytes) -> str | None:
    """The id of a file that messages of this app can show; None where there is none in time.

    It is shared with nobody by itself: only the message that shows it makes it seen. So an upload whose
    message is never posted is never seen either, and may be repeated.
    """
    try:
        async with asyncio.timeout(UPLOAD_S):
            # Three calls: files.getUploadURLExternal, the upload, files.completeUploadExternal.
            answer = await client.files_upload_v2(content=jpeg, filename=PICTURE_NAME, title=PICTURE_NAME)
            file_id = str(answer["files"][0]["id"])
            while True:
                if (await client.files_info(file=file_id))["file"].get("mimetype"):
                    return file_id
                await asyncio.sleep(LOOK_EVERY_S)
    except SlackApiError as error:
        log.warning("worker.slack_upload.refused", extra={"code": code(error)})
    except (SlackClientError, aiohttp.ClientError, TimeoutError):
        log.warning("worker.slack_upload.missed")
    return None
