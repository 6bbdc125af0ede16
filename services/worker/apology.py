"""What a person reads when an Event has failed for good."""

SORRY = {
    "en": "Sorry, something went wrong with this message. Please try again later.",
    "zh-hans": "抱歉，这条消息处理时出了问题，请稍后再试。",
    "zh-hant": "抱歉，這則訊息處理時出了問題，請稍後再試。",
}


def apology(locale: str | None) -> str:
    """The apology in the person's language, English where we do not speak it."""
    tag = (locale or "").lower()
    if not tag.startswith("zh"):
        return SORRY["en"]
    traditional = any(part in tag.split("-") for part in ("hant", "tw", "hk", "mo"))
    return SORRY["zh-hant" if traditional else "zh-hans"]
