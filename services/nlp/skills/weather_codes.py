"""The weather codes of the WMO (table 4677, as Open-Meteo uses it) in words."""

_WORDS = {
    0: ("晴", "clear"),
    1: ("大致晴朗", "mainly clear"),
    2: ("多雲", "partly cloudy"),
    3: ("陰", "overcast"),
    45: ("有霧", "fog"),
    48: ("有霧凇", "rime fog"),
    51: ("小毛毛雨", "light drizzle"),
    53: ("毛毛雨", "drizzle"),
    55: ("大毛毛雨", "dense drizzle"),
    56: ("凍毛毛雨", "light freezing drizzle"),
    57: ("凍毛毛雨", "freezing drizzle"),
    61: ("小雨", "light rain"),
    63: ("中雨", "rain"),
    65: ("大雨", "heavy rain"),
    66: ("小凍雨", "light freezing rain"),
    67: ("凍雨", "freezing rain"),
    71: ("小雪", "light snow"),
    73: ("中雪", "snow"),
    75: ("大雪", "heavy snow"),
    77: ("雪粒", "snow grains"),
    80: ("小陣雨", "light showers"),
    81: ("陣雨", "showers"),
    82: ("強陣雨", "violent showers"),
    85: ("小陣雪", "light snow showers"),
    86: ("陣雪", "snow showers"),
    95: ("雷雨", "thunderstorm"),
    96: ("雷雨夾小冰雹", "thunderstorm with light hail"),
    99: ("雷雨夾冰雹", "thunderstorm with hail"),
}


def words_of(code: int, language: str) -> str:
    """What a code means, in Traditional Chinese for zh, else in English; "" for a code that is none."""
    chinese, english = _WORDS.get(code, ("", ""))
    return chinese if language.lower().startswith("zh") else english
