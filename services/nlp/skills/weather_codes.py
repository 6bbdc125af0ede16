"""The weather codes of the WMO (table 4677, as Open-Meteo uses it) in words."""

from foundation.words import LANGUAGES, Language, catalogue


def words_of(code: int, language: str) -> str:
    """What a code means, in Traditional Chinese for a mere zh; "" for a code that is none."""
    usual: Language = "zh-Hant" if language.lower().startswith("zh") else "en"
    reads = next((one for one in LANGUAGES if one == language), usual)
    return catalogue(reads).get(f"weather_code_{code}", "")
