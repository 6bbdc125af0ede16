"""A stand-in for OLAMI: checks signature and clock, keeps dialogues, replays its modules' shapes."""

import hashlib
import json
import time
from collections.abc import Mapping
from typing import Any

from fastapi import Request, Response
from fastapi.responses import JSONResponse

from tests.fakes.http_server import PlatformServer

APP_KEY = "0123456789abcdef0123456789abcdef"
APP_SECRET = "fedcba9876543210fedcba9876543210"
CLOCK_SKEW_MS = 5 * 60 * 1000
HEADLINES = (
    "城市圖書館延長開放",
    "新的自行車道啟用",
    "海邊音樂節週末登場",
    "數位貨幣平台暫停交易",
    "文化中心整修完成",
)
DETAIL = "一家數位貨幣平台昨晚暫停所有交易，正在清查損失。"


def _nli(module: str, result: str | None = None, objects: Any = None, **described: Any) -> dict[str, Any]:
    described |= {} if result is None else {"result": result, "status": 0}
    return {"type": module, "desc_obj": described} | ({} if objects is None else {"data_obj": objects})


_FILMS = _nli("selection", "請選一部", [{"name": "某片"}], type="movie")
MODULES: dict[str, dict[str, Any]] = {
    "放一首歌": _nli("kkbox", "為您找到歌曲", [{"id": "1", "title": "夏夜", "url": "https://music.test/1"}]),
    "放沒有的歌": _nli("kkbox", "找不到這首歌。", []),
    "誰是李白": _nli("baike", "為您找到", [{"description": "李白，唐代詩人。", "field_name": ["姓名"]}]),
    "講個笑話": _nli("joke", "好的", [{"content": "一隻貓走進圖書館。"}]),
    "番茄炒蛋怎麼做": _nli("cooking", "好的", [{"name": "番茄炒蛋", "content": "先炒蛋，再炒番茄。"}]),
    "李白的詩": _nli(
        "selection",
        "請選一首",
        [{"poem_name": "靜夜思", "author": "李白"}, {"poem_name": "早發白帝城", "author": "李白"}],
        type="poem",
    ),
    "有什麼菜": _nli("selection", "請選一道", [{"name": "番茄炒蛋"}, {"name": "麻婆豆腐"}], type="cooking"),
    "選電影": _FILMS,
    "选电影": _FILMS,
    "台積電股價": _nli("stock", "台積電目前 600 元。", [{"id": "2330"}]),
    "三百乘以七": _nli("math", "2100", [{"content": "2100"}]),
    "今天幾號": _nli("date", "今天是十一月二十一日。"),
    "一公里幾公尺": _nli("unitconvert", "1000 公尺。"),
    "你好嗎": _nli("chat", "我很好。"),
    "嗚啦啦": _nli("ds", "我聽不懂。"),
    "空的百科": _nli("baike", "沒有資料。", None),
    "壞的新聞": {"type": "news", "desc_obj": None, "data_obj": "nothing"},
    "什麼都沒有": {},
}


class OlamiServer(PlatformServer):
    """`POST /` as OLAMI's NLI API; everything is in the query string."""

    def __init__(self, port: int = 0) -> None:
        super().__init__(port)
        self._open: dict[str, str] = {}
        """Customer -> the module that waits for what they say next."""
        self._add_routes()

    def reset(self) -> None:
        super().reset()
        self._open.clear()

    def _add_routes(self) -> None:
        @self.app.post("/")
        async def nli(request: Request) -> Response:
            args = dict(request.query_params)
            return await self.perform("nli", args, args.get("appkey", ""), lambda: self._answer(args))

    def _answer(self, args: Mapping[str, str]) -> Response:
        if code := _refusal(args):
            return JSONResponse({"status": "error", "code": code, "msg": "refused"})
        asked = json.loads(args["rq"])
        assert asked["data_type"] == "stt"
        assert asked["data"]["input_type"] == 1
        found = self._understood(args["cusid"], asked["data"]["text"])
        return JSONResponse({"status": "ok", "data": {"nli": [found] if found else []}})

    def _understood(self, customer: str, text: str) -> dict[str, Any]:
        waiting = self._open.pop(customer, "")
        if waiting == "weather":
            return _nli("weather", f"{text}今天陰，最高溫度 30 度。", [{"city": text}])
        if waiting == "news" and text.isdecimal() and 0 < int(text) <= len(HEADLINES):
            return _nli("news", "好的", [{"title": HEADLINES[int(text) - 1], "detail": DETAIL}])
        if "天氣" in text or "天气" in text:
            self._open[customer] = "weather"
            return _nli("weather", "請問您詢問的是哪裡的天氣？")
        if "新聞" in text or "新闻" in text:
            self._open[customer] = "news"
            listed = [{"title": title} for title in HEADLINES]
            return _nli("selection", "請問您想知道哪一則的詳細內容？", listed, type="news")
        return MODULES.get(text, _nli("ds", "我聽不懂。"))


def _refusal(args: Mapping[str, str]) -> int | None:
    """OLAMI's error code; None where the call is in order."""
    stamp = args.get("timestamp", "")
    if args.get("api") != "nli" or args.get("appkey") != APP_KEY:
        return 100201
    if not stamp.isdecimal() or abs(time.time() * 1000 - int(stamp)) > CLOCK_SKEW_MS:
        return 100301
    text = f"{APP_SECRET}api=nliappkey={APP_KEY}timestamp={stamp}{APP_SECRET}"
    signed = hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
    return None if args.get("sign") == signed else 100203
