"""weather_form and what it asks for."""

from datetime import UTC, date, datetime, timedelta, timezone

from rasa_sdk import Action
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.forms import FormValidationAction

from services.nlp.skills.days import date_of
from services.nlp.skills.weather import PlaceUnknown, WeatherUnavailable, current

DAYS_AHEAD = 15
PLACE_CHARS = 12
_HERE = timezone(timedelta(hours=8))
_WEEKDAYS = "一二三四五六日"


class ActionBeginWeather(Action):
    """A new question forgets the last one, unless it mentions a part of it only."""

    def name(self):
        return "action_begin_weather"

    def run(self, dispatcher, tracker, domain):
        if tracker.active_loop_name == "weather_form":
            return []
        events = [SlotSet("waiting_form", tracker.active_loop_name)]
        told = {entity["entity"] for entity in tracker.latest_message.get("entities") or []}
        if not told & {"date_time", "place"}:
            events += [SlotSet("date_time", None), SlotSet("place", None)]
        return events


class ValidateWeatherForm(FormValidationAction):
    """Days become dates; what cannot be a place is asked for again."""

    def name(self):
        return "validate_weather_form"

    def validate_date_time(self, value, dispatcher, tracker, domain):
        day = date_of(str(value), _today())
        if day is None or not 0 <= (day - _today()).days <= DAYS_AHEAD:
            dispatcher.utter_message(response="utter_wrong_date")
            return {"date_time": None}
        return {"date_time": day.isoformat()}

    def validate_place(self, value, dispatcher, tracker, domain):
        place = str(value).strip(" 。，！!~～在吧呢")
        if date_of(place, _today()):
            return {"place": None}
        if not place or len(place) > PLACE_CHARS or any(mark in str(value) for mark in "？?嗎吗什麼么"):
            dispatcher.utter_message(response="utter_wrong_place")
            return {"place": None}
        return {"place": place}


class ActionWeather(Action):
    """Asks for the forecast and tells it, or why there is none; then back to the form that waits."""

    def name(self):
        return "action_weather"

    async def run(self, dispatcher, tracker, domain):
        place, day = tracker.get_slot("place"), tracker.get_slot("date_time")
        events = [SlotSet("is_stopping", False)]
        try:
            if (weather := current.get()) is None:
                raise WeatherUnavailable("this room has no weather")
            found = await weather.forecast(place, date.fromisoformat(day), "zh")
            dispatcher.utter_message(response="utter_weather", **_told(found))
        except PlaceUnknown:
            dispatcher.utter_message(response="utter_place_unknown", unknown_place=place)
            events.append(SlotSet("place", None))
        except WeatherUnavailable:
            dispatcher.utter_message(response="utter_weather_unavailable")
        return [*events, *back_to_waiting(tracker)]


def back_to_waiting(tracker):
    """The events that take up the form that was broken off for this one."""
    waiting = tracker.get_slot("waiting_form")
    return [SlotSet("waiting_form", None), FollowupAction(waiting)] if waiting else []


def _told(found):
    day = found.day
    return {
        "weather_place": found.place,
        "weather_day": f"{day.month}月{day.day}日（週{_WEEKDAYS[day.weekday()]}）",
        "weather_words": f"{found.words}，" if found.words else "",
        "low": round(found.low_c),
        "high": round(found.high_c),
        "rain": "" if found.rain_percent is None else f"，降雨機率 {found.rain_percent}%",
    }


def _today():
    return datetime.now(UTC).astimezone(_HERE).date()
