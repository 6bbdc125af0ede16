"""nlp's settings: the only place where it reads the environment."""

from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, field_validator, model_validator

from contracts.conversation import Channel
from foundation.settings import RoomSettings, secret
from services.nlp.usage.budget import Limit, Terms
from services.nlp.usage.prices import Price

NEWS_FEEDS = (
    '{"en": {"general": ["https://feeds.bbci.co.uk/news/world/rss.xml", '
    '"https://feeds.npr.org/1001/rss.xml"], '
    '"world": ["https://feeds.bbci.co.uk/news/world/rss.xml"], '
    '"politics": ["https://feeds.bbci.co.uk/news/politics/rss.xml"], '
    '"business": ["https://feeds.bbci.co.uk/news/business/rss.xml"], '
    '"technology": ["https://feeds.bbci.co.uk/news/technology/rss.xml"], '
    '"science": ["https://feeds.bbci.co.uk/news/science_and_environment/rss.xml"], '
    '"health": ["https://feeds.bbci.co.uk/news/health/rss.xml"], '
    '"entertainment": ["https://feeds.bbci.co.uk/news/entertainment_and_arts/rss.xml"], '
    '"sports": ["https://feeds.bbci.co.uk/sport/rss.xml"]}, '
    '"zh-Hant": {"general": ["https://news.pts.org.tw/xml/newsfeed.xml", '
    '"https://feeds.bbci.co.uk/zhongwen/trad/rss.xml"], '
    '"world": ["https://feeds.feedburner.com/rsscna/intworld"], '
    '"politics": ["https://feeds.feedburner.com/rsscna/politics"], '
    '"business": ["https://feeds.feedburner.com/rsscna/finance"], '
    '"technology": ["https://feeds.feedburner.com/rsscna/technology"], '
    '"life": ["https://feeds.feedburner.com/rsscna/lifehealth"], '
    '"health": ["https://feeds.feedburner.com/rsscna/lifehealth"], '
    '"society": ["https://feeds.feedburner.com/rsscna/social"], '
    '"culture": ["https://feeds.feedburner.com/rsscna/culture"], '
    '"sports": ["https://feeds.feedburner.com/rsscna/sport"], '
    '"entertainment": ["https://feeds.feedburner.com/rsscna/stars"]}, '
    '"zh-Hans": ["https://feeds.bbci.co.uk/zhongwen/simp/rss.xml", "https://rss.dw.com/rdf/rss-chi-all"]}'
)
"""Of public broadcasters and Taiwan's news agency: BBC, NPR, PTS, CNA, Deutsche Welle."""


class NlpSettings(RoomSettings):
    """Which bots there are, which answers where, and the language model."""

    nlp_host: str = "127.0.0.1"
    nlp_port: int = 8001
    redis_url: str = "redis://127.0.0.1:6379/0"
    nlp_bots_dir: Path = Path("bots")
    nlp_models_dir: Path = Path("var/models")
    nlp_bot: str = "demo"
    """The bot that answers where nothing else is said: a folder of NLP_BOTS_DIR."""
    nlp_web_bot: str = ""
    nlp_telegram_bot: str = ""
    nlp_slack_bot: str = ""
    """The bot of one channel; empty: NLP_BOT. switchboard.yml may name one for an account or a chat."""
    nlp_tracker_days: int = 90
    nlp_action_s: float = 10
    """A custom action that takes longer has failed."""
    nlp_geocoding_url: str = "https://geocoding-api.open-meteo.com"
    nlp_forecast_url: str = "https://api.open-meteo.com"
    """Where the weather skill asks; both are Open-Meteo's own."""
    nlp_news_feeds: str = NEWS_FEEDS
    """JSON: language -> addresses of RSS or Atom feeds, or topic -> such addresses; or one address alone."""
    nlp_wikipedia_url: str = "https://{language}.wikipedia.org"
    """`{language}` is en or zh."""
    kkbox_client_id: str = ""
    """Opens KKBOX's Open API to the music skill, with its secret."""
    kkbox_client_secret: SecretStr = secret()
    kkbox_territory: Literal["TW", "HK", "SG", "MY", "JP"] = "TW"
    nlp_kkbox_url: str = "https://api.kkbox.com"
    nlp_kkbox_account_url: str = "https://account.kkbox.com"
    nlp_stocks_url: str = "https://stooq.com"
    nlp_twse_url: str = "https://mis.twse.com.tw"
    """Taiwan's stocks; all others are asked of the one above."""
    nlp_stock_names: str = "{}"
    """JSON: names of stocks, besides those that the skill knows, -> symbols."""
    nlp_air_quality_url: str = "https://air-quality-api.open-meteo.com"
    nlp_skill_s: float = 6
    """A skill that takes longer says that it cannot be had now."""
    nlp_timezone: str = "UTC"
    """Where people's "today" is, such as Asia/Taipei: no channel says where they are."""
    nlp_rasa_token: SecretStr = secret()
    """Opens Rasa's HTTP API to who shows it; empty: the API is off."""
    face_gallery: str = "default"
    face_identity_url: str = Field(default="", pattern=r"^(https?://[^\s<>]*\{alias\}[^\s<>]*)?$")
    """The page of an enrolled person, {alias} standing for their short name; empty: names are no links."""

    openai_api_key: SecretStr = secret()
    openai_base_url: str = ""
    """A compatible server, such as http://127.0.0.1:11434/v1 for Ollama; empty is OpenAI's own."""
    openai_model: str = "gpt-4o-mini"
    nlp_model_for: str = ""
    """Who may use the language model (foundation/allowing.py says how they are named); empty: nobody."""
    openai_vision_model: str = ""
    """Looks at photos that come with a question; empty: every photo is looked for a likeness."""
    openai_api: Literal["chat", "responses"] = "chat"
    """Chat Completions, which every compatible server has, or Responses."""
    nlp_first_token_s: float = 30
    nlp_next_token_s: float = 20
    nlp_answer_s: float = 300
    """The whole answer of the language model."""
    nlp_model_retries: int = 2
    """How often it is asked again after a passing trouble, before its first word only."""
    nlp_retry_after_s: float = 10
    """A server that asks us to wait longer before we ask again is not asked again."""
    nlp_history_tokens: int = 4000
    """How much the language model is shown, in tokens, estimated; older turns are summarized."""

    olami_app_key: SecretStr = secret()
    olami_app_secret: SecretStr = secret()
    olami_url: str = "https://tw.olami.ai/cloudservice/api"
    nlp_olami_s: float = 6
    """An answer of OLAMI that takes longer has failed, and the next engine is asked."""

    nlp_tool_rounds: int = Field(default=4, ge=1)
    """How often the language model is asked in one turn, at most; the last time it may call no tools."""
    nlp_tool_s: float = 10
    """A tool that the language model has called and that takes longer has failed."""
    nlp_search_url: str = Field(default="", pattern=r"^(https?://[^\s<>]*\{query\}[^\s<>]*)?$")
    """Where its tool `web_search` asks, {query} standing for the words; empty: there is no such tool."""

    nlp_budget_user_requests_day: int = 0
    """0, here and below: no limit. A request is one call of the language model."""
    nlp_budget_user_tokens_day: int = 0
    nlp_budget_user_requests_month: int = 0
    nlp_budget_user_tokens_month: int = 0
    nlp_budget_workspace_requests_day: int = 0
    """A workspace is a Slack team, a Telegram bot, or all of the web page."""
    nlp_budget_workspace_tokens_day: int = 0
    nlp_budget_workspace_requests_month: int = 0
    nlp_budget_workspace_tokens_month: int = 0
    nlp_budget_answer_tokens: int = 500
    """How long a running answer is assumed to be, until the model has said its length."""
    nlp_prices: dict[str, Price] = Field(default={})
    """Model -> what a million tokens cost."""
    usage_days: int = 90
    """How long the figures of a day are kept."""

    @field_validator("nlp_timezone")
    @classmethod
    def _zone_is_known(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError("NLP_TIMEZONE: no time zone of this name; one is Asia/Taipei") from None
        return name

    @model_validator(mode="after")
    def _olami_is_whole(self) -> "NlpSettings":
        if self.olami_app_key and not self.olami_app_secret:
            raise ValueError("OLAMI_APP_KEY is set, OLAMI_APP_SECRET is missing")
        if self.olami_app_secret and not self.olami_app_key:
            raise ValueError("OLAMI_APP_SECRET is set, OLAMI_APP_KEY is missing")
        return self

    def budget(self) -> Terms:
        """What the language model may be used for."""
        return Terms(
            limits=(
                Limit(
                    "user", "month", self.nlp_budget_user_requests_month, self.nlp_budget_user_tokens_month
                ),
                Limit(
                    "workspace",
                    "month",
                    self.nlp_budget_workspace_requests_month,
                    self.nlp_budget_workspace_tokens_month,
                ),
                Limit("user", "day", self.nlp_budget_user_requests_day, self.nlp_budget_user_tokens_day),
                Limit(
                    "workspace",
                    "day",
                    self.nlp_budget_workspace_requests_day,
                    self.nlp_budget_workspace_tokens_day,
                ),
            ),
            answer_tokens=self.nlp_budget_answer_tokens,
            hold_s=self.nlp_answer_s + 60,
            report_days=self.usage_days,
            prices=self.nlp_prices,
        )

    @property
    def has_model(self) -> bool:
        """Whether a language model is configured."""
        return bool(self.openai_api_key or self.openai_base_url)

    def of_skill(self, name: str) -> tuple[str, bool]:
        """What a skill asks for by its variable's name, and whether somebody has set it."""
        if field := type(self).model_fields.get(name.lower()):
            value = getattr(self, name.lower())
            text = value.get_secret_value() if isinstance(value, SecretStr) else str(value)
            return text, value != field.default
        return self.variable(name).get_secret_value(), True

    def channel_bot(self, channel: Channel) -> str:
        """The bot of a channel."""
        named = {"web": self.nlp_web_bot, "telegram": self.nlp_telegram_bot, "slack": self.nlp_slack_bot}
        return named[channel] or self.nlp_bot
