"""Songs, artists, albums and playlists of KKBOX: a list, then a link, a cover and a preview."""

import re
from collections.abc import Mapping
from typing import Any

from contracts.reply import Button, Reply
from foundation.words import Language, say
from services.nlp.skills.base import Answer, ArgumentMissing, Asked, Choice, SkillProblem
from services.nlp.skills.feeds import plain, web_address
from services.nlp.skills.fetching import Unavailable
from services.nlp.skills.kit import Kit
from services.nlp.skills.kkbox_token import Token
from services.nlp.skills.markdown import bold, escaped

TTL_S = 3600
CHARS = 100
KINDS = {"track": 10, "playlist": 5, "album": 5, "artist": 3}
"""What is searched, in the order of the list, and how many of each are shown."""
_WIDGET = "https://widget.kkbox.com/v1/?id={id}&type={kind}&terr={territory}&lang={language}"
_WIDGET_KINDS = {"track": "song", "playlist": "playlist", "album": "album"}
_WIDGET_LANGUAGES: dict[Language, str] = {"en": "EN", "zh-Hant": "TC", "zh-Hans": "SC"}
_ID = re.compile("[A-Za-z0-9_-]{1,64}")
_BEFORE = re.compile(
    r"^(?:(?:please|can you|could you|i want to|i'd like to|let me|"
    r"play|find|search(?: for)?|hear|listen to|show|give|me|some|songs? (?:by|of)|music (?:by|of))\s+)+"
    r"|^(?:(?:請問?|请问?|幫我|帮我|給我|给我|我想要?|我要)+(?:聽聽?|听听?|放|播|點|点|來|来)?|找|播放|點播|点播)+"
    r"(?:一首|一些|一下|點|点)?",
    re.IGNORECASE,
)
_BEHIND = re.compile(
    r"(?:\s+(?:songs?|music|please))+$|的?(?:歌曲|歌|音樂|音乐)?(?:[來来給给]我?[聽听]|吧|嗎|吗|呢)*$",
    re.IGNORECASE,
)
PARAMETERS = {
    "type": "object",
    "properties": {
        "music": {"type": "string", "description": "A song, artist, album or kind of music"},
        "id": {"type": "string", "description": "Chosen from a list"},
    },
    "required": ["music"],
}


class Music:
    """Searches KKBOX's Open API."""

    name = "music"
    description = "Finds songs, artists, albums and playlists on KKBOX, with links to listen to."
    parameters = PARAMETERS
    reads_sentences = True

    def __init__(self, kit: Kit) -> None:
        self._kit = kit
        self._url = kit.setting("NLP_KKBOX_URL").rstrip("/")
        account = kit.setting("NLP_KKBOX_ACCOUNT_URL").rstrip("/")
        self._territory = kit.setting("KKBOX_TERRITORY")
        self._fetcher = kit.fetcher(self._url, account)
        self.hosts = self._fetcher.hosts
        secrets = kit.setting("KKBOX_CLIENT_ID"), kit.setting("KKBOX_CLIENT_SECRET")
        self._token = Token(self._fetcher, f"{account}/oauth2/token", *secrets) if all(secrets) else None

    @property
    def is_ready(self) -> bool:
        """With a key of KKBOX's."""
        return self._token is not None

    async def run(self, asked: Asked) -> Answer:
        """What KKBOX has of the words to choose from, or the chosen one."""
        if self._token is None:
            raise SkillProblem("music_not_set_up")
        words = wanted(asked.text("music"))
        if not words:
            raise ArgumentMissing("music", "music_what")
        rows = await self._found(words)
        if asked.text("id"):
            rows = [row for row in rows if row["id"] == asked.text("id")]
        if not rows:
            raise SkillProblem("music_unknown", music=escaped(words))
        if len(rows) == 1:
            return self._told(rows[0], asked.language)
        choices = tuple(Choice(_title(r, asked.language), {"music": words, "id": r["id"]}) for r in rows)
        head = say("music_head", asked.language, music=escaped(words), source=_SOURCE)
        facts = [{"kind": row["kind"], "name": row["name"], "by": row["by"]} for row in rows]
        return Answer(Reply(text=head), {"found": facts, "source": "KKBOX"}, choices)

    async def _found(self, words: str) -> list[dict[str, str]]:
        query = {"q": words, "type": ",".join(KINDS), "territory": self._territory, "limit": 10}

        async def load() -> list[dict[str, str]]:
            return _rows(await self._ask("/v1.1/search", query))

        rows: list[dict[str, str]] = await self._kit.cached([self._url, query], TTL_S, load)
        return rows

    async def _ask(self, path: str, query: Mapping[str, Any]) -> Any:
        """With the token; a token that KKBOX takes no more is renewed once. Raises Unavailable."""
        assert self._token
        token = await self._token.get()
        try:
            return await self._fetcher.json(f"{self._url}{path}", query, _bearer(token))
        except Unavailable as problem:
            if problem.status != 401:
                raise
        token = await self._token.renewed(token)
        return await self._fetcher.json(f"{self._url}{path}", query, _bearer(token))

    def _told(self, row: Mapping[str, str], language: Language) -> Answer:
        kind = say(f"music_{row['kind']}", language)
        lines = [bold(row["name"], row["url"].replace("(", "%28").replace(")", "%29") or None)]
        lines += [f"{kind} · {escaped(row['by'])}" if row["by"] else kind]
        if row["album"]:
            lines.append(say("music_of_album", language, album=escaped(row["album"])))
        preview = self._preview(row, language)
        listen = (
            [Button(title=say("music_preview", language), payload=preview, url=preview)] if preview else []
        )
        told = "\n\n".join([*lines, say("source_told", language, source=_SOURCE)])
        facts = {**{key: row[key] for key in ("kind", "name", "by", "album", "url")}, "preview": preview}
        reply = Reply(text=told, image=row["image"] or None, buttons=tuple(listen))
        return Answer(reply, {**facts, "source": "KKBOX"})

    def _preview(self, row: Mapping[str, str], language: Language) -> str:
        """KKBOX's own player of it; artists have none."""
        kind = _WIDGET_KINDS.get(row["kind"], "")
        places = {"id": row["id"], "kind": kind, "territory": self._territory}
        return _WIDGET.format(**places, language=_WIDGET_LANGUAGES[language]) if kind else ""


_SOURCE = "[KKBOX](https://www.kkbox.com)"


def create(kit: Kit) -> Music:
    """The skill, with KKBOX's addresses or those that are set."""
    return Music(kit)


def wanted(words: str) -> str:
    """What is to be found: 我想聽動漫歌曲 asks for 動漫, "find me anime songs" for anime."""
    bare = _BEFORE.sub("", words.strip(" .。!！?？")).strip()
    return (_BEHIND.sub("", bare).strip() or bare)[:CHARS]


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _rows(answer: Any) -> list[dict[str, str]]:
    """Of each kind as many as are shown, in the order of KINDS. Raises Unavailable."""
    if not isinstance(answer, Mapping) or not any(f"{kind}s" in answer for kind in KINDS):
        raise Unavailable("the answer is no search")
    found = []
    for kind, most in KINDS.items():
        part = answer.get(f"{kind}s")
        items = part.get("data") if isinstance(part, Mapping) else None
        rows = [_row(kind, item) for item in items] if isinstance(items, list) else []
        found += [row for row in rows if row][:most]
    return found


def _row(kind: str, item: Any) -> dict[str, str] | None:
    """What is shown of one; None for what is none."""
    mark = item.get("id") if isinstance(item, Mapping) else None
    if not isinstance(mark, str) or not _ID.fullmatch(mark):
        return None
    album = _part(item, "album")
    name = plain(item.get("name") or item.get("title"), CHARS)
    by = _part(album, "artist") or _part(item, "artist") or _part(item, "owner")
    images = item.get("images") or album.get("images")
    row = {
        "kind": kind,
        "id": mark,
        "name": name,
        "by": plain(by.get("name"), CHARS),
        "album": plain(album.get("name"), CHARS),
        "url": web_address(item.get("url")),
        "image": _cover(images),
    }
    return row if name else None


def _part(item: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    part = item.get(key)
    return part if isinstance(part, Mapping) else {}


def _cover(images: Any) -> str:
    """The last one, the largest."""
    image = images[-1] if isinstance(images, list) and images else None
    return web_address(image.get("url")) if isinstance(image, Mapping) else ""


def _title(row: Mapping[str, str], language: Language) -> str:
    by = f" · {row['by']}" if row["by"] else ""
    kind = "" if row["kind"] == "track" else f" ({say('music_' + row['kind'], language)})"
    return f"{row['name']}{by}{kind}"
