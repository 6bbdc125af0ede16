"""A stand-in for Open-Meteo: a gazetteer of a few places, and made-up weather for every day."""

from datetime import date
from typing import Any

from fastapi import Request, Response
from fastapi.responses import JSONResponse

from tests.fakes.http_server import PlatformServer

TAIPEI = {
    "name": "臺北市",
    "latitude": 25.05,
    "longitude": 121.53,
    "population": 7_871_900,
    "country": "台湾",
}
SHANGHAI = {
    "name": "上海",
    "latitude": 31.22,
    "longitude": 121.46,
    "population": 24_874_500,
    "country": "China",
}
KAOHSIUNG = {"name": "高雄市", "latitude": 22.62, "longitude": 120.31, "population": 1_519_711}
PARIS = {"name": "Paris", "latitude": 48.85, "longitude": 2.35, "population": 2_138_551, "country": "France"}
PARIS_TEXAS = {"name": "Paris", "latitude": 33.66, "longitude": -95.56, "population": 24_171}
HAMLET = {"name": "Kleindorf", "latitude": 50.0, "longitude": 10.0}
PLACES = {
    "台北": [TAIPEI],
    "臺北": [TAIPEI],
    "上海": [SHANGHAI],
    "高雄": [KAOHSIUNG],
    "paris": [PARIS_TEXAS, PARIS],
    "kleindorf": [HAMLET],
}


class OpenMeteoServer(PlatformServer):
    """Geocoding and forecasts at one address; `weather_code` says what the sky does."""

    def __init__(self, port: int = 0) -> None:
        super().__init__(port)
        self.weather_code = 61
        self.high_c = 28.4
        self.raw: dict[str, bytes] = {}
        """What a method answers with instead, whatever it is."""
        self._add_routes()

    def reset(self) -> None:
        super().reset()
        self.raw.clear()
        self.weather_code, self.high_c = 61, 28.4

    def _add_routes(self) -> None:
        @self.app.get("/v1/search")
        async def search(request: Request) -> Response:
            args = dict(request.query_params)
            return await self.perform("search", args, "", lambda: self._answer("search", self._found(args)))

        @self.app.get("/v1/forecast")
        async def forecast(request: Request) -> Response:
            args = dict(request.query_params)
            return await self.perform(
                "forecast", args, "", lambda: self._answer("forecast", self._weather(args))
            )

    def _answer(self, method: str, content: dict[str, Any]) -> Response:
        if method in self.raw:
            return Response(self.raw[method], media_type="application/json")
        return JSONResponse(content, 400 if "error" in content else 200)

    def _found(self, args: dict[str, str]) -> dict[str, Any]:
        found = PLACES.get(args["name"].lower())
        return {"generationtime_ms": 0.5, **({"results": found} if found else {})}

    def _weather(self, args: dict[str, str]) -> dict[str, Any]:
        day = date.fromisoformat(args["start_date"])
        if args["end_date"] != args["start_date"] or args["timezone"] != "auto":
            return {"error": True, "reason": "one day, in the place's own time"}
        values: dict[str, Any] = {
            "weather_code": self.weather_code,
            "temperature_2m_max": self.high_c,
            "temperature_2m_min": 21.6,
            "precipitation_probability_max": 70,
            "wind_speed_10m_max": 12.5,
        }
        daily = {name: [values[name]] for name in args["daily"].split(",")}
        return {"latitude": float(args["latitude"]), "daily": {"time": [day.isoformat()], **daily}}
