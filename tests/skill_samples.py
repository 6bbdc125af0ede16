"""A call of each shipped skill, and what its sources say to it."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Sample:
    """A call that a skill answers, and what its source says to it."""

    args: dict[str, Any]
    urls: tuple[str, ...] = ()
    """The settings that name its sources; none: it stays at home."""
    says: dict[str, Any] = field(default_factory=dict)
    """Path of the source -> the recorded answer, JSON or text."""
    settings: dict[str, str] = field(default_factory=dict)
    """Keys and other settings that it wants."""
    needs: str = ""
    """What it asks of the worker first."""


FEED = """<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>Daily</title>
<item><title>A bridge opens</title><link>https://daily.example/1</link>
<description>&lt;p&gt;At last.&lt;/p&gt;</description><pubDate>Wed, 04 Mar 2026 08:00:00 GMT</pubDate></item>
</channel></rss>"""
SAMPLES = {
    "joke": Sample(args={}),
    "look_alike": Sample(args={}),
    "poem": Sample(args={"poem": "靜夜思"}),
    "recipe": Sample(args={"recipe": "麻婆豆腐"}),
    "calendar": Sample(args={"day": "中秋節"}),
    "calculate": Sample(args={"sum": "三百乘以七"}),
    "weather": Sample(
        args={"place": "Paris"},
        urls=("NLP_GEOCODING_URL", "NLP_FORECAST_URL"),
        says={
            "v1/search": {
                "results": [{"name": "Paris", "latitude": 48.8, "longitude": 2.3, "population": 2_138_551}]
            },
            "v1/forecast": {
                "daily": {
                    "time": ["2026-03-04"],
                    "weather_code": [61],
                    "temperature_2m_max": [12.1],
                    "temperature_2m_min": [5.9],
                    "precipitation_probability_max": [70],
                    "wind_speed_10m_max": [12.5],
                }
            },
        },
    ),
    "news": Sample(
        args={},
        urls=("NLP_NEWS_FEEDS",),
        says={"": FEED},
    ),
    "encyclopedia": Sample(
        args={"topic": "Ada"},
        urls=("NLP_WIKIPEDIA_URL",),
        says={"api/rest_v1/page/summary/Ada": {"type": "standard", "title": "Ada", "extract": "A name."}},
    ),
    "music": Sample(
        args={"music": "anime"},
        urls=("NLP_KKBOX_URL", "NLP_KKBOX_ACCOUNT_URL"),
        settings={"KKBOX_CLIENT_ID": "id", "KKBOX_CLIENT_SECRET": "secret"},
        says={
            "oauth2/token": {"access_token": "token", "token_type": "Bearer", "expires_in": 3600},
            "v1.1/search": {"tracks": {"data": [{"id": "A1", "name": "Blue", "album": {"name": "Sky"}}]}},
        },
    ),
    "stocks": Sample(
        args={"stock": "2330"},
        urls=("NLP_STOCKS_URL", "NLP_TWSE_URL"),
        says={
            "stock/api/getStockInfo.jsp": {
                "msgArray": [{"c": "2330", "n": "台積電", "z": "580.00", "y": "578.00", "t": "13:30:00"}]
            }
        },
    ),
    "air": Sample(
        args={"place": "Paris"},
        urls=("NLP_GEOCODING_URL", "NLP_AIR_QUALITY_URL"),
        says={
            "v1/search": {"results": [{"name": "Paris", "latitude": 48.8, "longitude": 2.3}]},
            "v1/air-quality": {"current": {"us_aqi": 42, "pm2_5": 7.1, "pm10": 12.0, "ozone": 61.0}},
        },
    ),
}
"""By the skill's name. A new skill adds its row."""
OUTWARD = [name for name, sample in SAMPLES.items() if sample.urls]
"""Those that ask sources."""
