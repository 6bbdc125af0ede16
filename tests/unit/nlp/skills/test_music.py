"""Music: a list of what KKBOX has, one of them, and the token that opens it."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from services.nlp.skills.base import ArgumentMissing, Skill, SkillProblem
from services.nlp.skills.music import wanted
from tests.unit.nlp.skills.sources import Web, ask

TOKEN, SEARCH = "https://account.kkbox.com/oauth2/token", "https://api.kkbox.com/v1.1/search"
TRACK = {
    "id": "Xa1",
    "name": "Gurenge",
    "url": "https://www.kkbox.com/tw/tc/song/Xa1",
    "album": {
        "name": "LEO-NiNE",
        "images": [{"url": "https://i.kfs.io/160.jpg"}, {"url": "https://i.kfs.io/1000.jpg"}],
        "artist": {"name": "LiSA"},
    },
}
PLAYLIST = {
    "id": "Pb2",
    "title": "Anime hits",
    "url": "https://kkbox.example/p",
    "owner": {"name": "KKBOX"},
}


def opened(**more: Any) -> Web:
    token = {"access_token": "first", "expires_in": 3600}
    return Web(
        **{TOKEN: token, SEARCH: {"tracks": {"data": [TRACK]}, "playlists": {"data": [PLAYLIST]}}, **more}
    )


def music(web: Web, **settings: str) -> Skill:
    keys = {"KKBOX_CLIENT_ID": "id", "KKBOX_CLIENT_SECRET": "secret", **settings}
    return web.workshop(**keys).make(Path("none"), ("music",))["music"]


async def test_what_is_found_is_a_list_and_the_chosen_one_has_link_cover_and_preview() -> None:
    skill = music(opened())
    found = await ask(skill, music="find me anime songs")
    titles = [choice.title for choice in found.choices]
    assert titles == ["Gurenge · LiSA", "Anime hits · KKBOX (playlist)"]
    told = (await ask(skill, **found.choices[0].args)).reply
    assert told.text.startswith(
        "[**Gurenge**](https://www.kkbox.com/tw/tc/song/Xa1)\n\nsong · LiSA\n\nAlbum: LEO"
    )
    [listen] = told.buttons
    assert (listen.title, listen.link) == (
        "▶ Listen",
        "https://widget.kkbox.com/v1/?id=Xa1&type=song&terr=TW&lang=EN",
    )
    assert told.image == "https://i.kfs.io/1000.jpg"


async def test_an_artist_has_a_link_and_no_preview() -> None:
    artist = {"id": "Ar1", "name": "LiSA", "url": "https://www.kkbox.com/tw/tc/artist/Ar1"}
    found = await ask(music(opened(**{SEARCH: {"artists": {"data": [artist]}}})), music="LiSA")
    assert found.reply.text.startswith("[**LiSA**](https://www.kkbox.com/tw/tc/artist/Ar1)")
    assert found.reply.buttons == ()


async def test_the_search_is_for_what_is_wanted_with_the_token() -> None:
    web = opened()
    await ask(music(web, KKBOX_TERRITORY="HK"), "zh-Hant", music="我想聽動漫歌曲")
    form = parse_qs(web.requests[0].content.decode())
    assert form["grant_type"] == ["client_credentials"]
    assert dict(web.requests[1].url.params) == {
        "q": "動漫",
        "type": "track,playlist,album,artist",
        "territory": "HK",
        "limit": "10",
    }
    assert web.requests[1].headers["authorization"] == "Bearer first"


async def test_a_token_serves_until_it_ends() -> None:
    web = opened()
    skill = music(web)
    await ask(skill, music="one")
    await ask(skill, music="two")
    assert [str(request.url) for request in web.requests].count(TOKEN) == 1


async def test_a_token_that_is_refused_is_renewed_once() -> None:
    tokens = tuple({"access_token": name, "expires_in": 3600} for name in ("first", "second"))
    web = opened(**{TOKEN: tokens, SEARCH: (401, {"tracks": {"data": [TRACK]}})})
    assert "Gurenge" in (await ask(music(web), music="anime")).reply.text
    assert web.requests[-1].headers["authorization"] == "Bearer second"


async def test_a_token_that_is_refused_again_is_the_end() -> None:
    web = opened(**{SEARCH: 401})
    with pytest.raises(SkillProblem, match="skill_unavailable"):
        await ask(music(web), music="anime")
    assert len(web.requests) == 4


async def test_without_keys_it_says_so_and_asks_nobody() -> None:
    web = opened()
    with pytest.raises(SkillProblem, match="music_not_set_up"):
        await ask(music(web, KKBOX_CLIENT_SECRET=""), music="anime")
    assert not web.requests


async def test_without_words_it_asks_for_them() -> None:
    with pytest.raises(ArgumentMissing):
        await ask(music(opened()))


async def test_nothing_found_is_said() -> None:
    with pytest.raises(SkillProblem, match="music_unknown"):
        await ask(music(opened(**{SEARCH: {"tracks": {"data": []}}})), music="anime")


@pytest.mark.parametrize("row", [7, {}, {"id": "../x", "name": "a"}, {"id": "A", "name": 7}, {"id": 7}])
async def test_rows_of_other_shapes_are_passed_over(row: Any) -> None:
    found = {"tracks": {"data": [row, TRACK]}, "artists": 7, "albums": {"data": 7}}
    assert "Gurenge" in (await ask(music(opened(**{SEARCH: found})), music="anime")).reply.text


@pytest.mark.parametrize("token", [7, {}, {"access_token": 7}, {"access_token": "a\nb"}])
async def test_what_is_no_token_opens_nothing(token: Any) -> None:
    with pytest.raises(SkillProblem, match="skill_unavailable"):
        await ask(music(opened(**{TOKEN: token})), music="anime")


@pytest.mark.parametrize(
    ("words", "music_wanted"),
    [
        ("我想聽動漫歌曲", "動漫"),
        ("找動漫歌曲", "動漫"),
        ("播放周杰倫的歌", "周杰倫"),
        ("find me anime songs", "anime"),
        ("please play some music by Björk", "Björk"),
        ("Songs", "Songs"),
        ("聽海", "聽海"),
        ("給我放一首稻香來聽", "稻香"),
        ("音樂", "音樂"),
    ],
)
def test_a_wish_is_for_what_it_names(words: str, music_wanted: str) -> None:
    assert wanted(words) == music_wanted
