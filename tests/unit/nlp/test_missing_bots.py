"""/readyz names each bot that cannot answer yet, and why."""

from pathlib import Path

import httpx

from services.nlp.bots import Bots
from services.nlp.errors import BotInvalid
from services.nlp.settings import NlpSettings


async def test_what_is_missing_is_told_for_each_bot(tmp_path: Path) -> None:
    for name in ("good", "bad"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "domain.yml").write_text("intents: []", "utf-8")
    settings = NlpSettings(
        nlp_bots_dir=tmp_path, nlp_bot="good", nlp_slack_bot="bad", nlp_telegram_bot="nowhere"
    )
    async with httpx.AsyncClient() as http:
        bots = Bots(settings, (), http)
        bots.broken["bad"] = BotInvalid(["domain.yml:1: nonsense", "domain.yml:2: more of it"])
        assert bots.missing() == [
            "bad: its files have mistakes, 2 of them (the log and /bots tell)",
            "good: it is being trained",
            f"nowhere: there is no such folder in {tmp_path}",
        ]
