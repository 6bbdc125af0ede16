"""The stand-in's app surfaces: who we are, people, installation, modals, the assistant's thread."""

import time

from tests.fakes.slack_state import BOT, BOT_USER, SCOPES, Args, Refused, SlackState, listed

TRIGGER_LIFE_S = 3
PROMPTS = 4


def auth_test(slack: SlackState, args: Args) -> Args:
    team = {"url": f"{slack.base_url}/", "team": "Test", "team_id": args["_team"]}
    return team | {"user": "bot", "user_id": BOT_USER, "bot_id": BOT}


def tell_person(slack: SlackState, args: Args) -> Args:
    """The locale is told only where it is asked for."""
    slack.needs("users:read")
    user = args["user"]
    if user not in slack.people:
        raise Refused("user_not_found")
    person = {"id": user, "is_admin": False, "is_owner": False, **slack.people[user]}
    if str(args.get("include_locale", "")).lower() not in ("1", "true"):
        person.pop("locale", None)
    return {"user": person}


def install(slack: SlackState, args: Args) -> Args:
    """oauth.v2.access: a code is worth one token, once, for the client that it was given to."""
    wanted, secret = str(args.get("client_id", "")), str(args.get("client_secret", ""))
    if slack.oauth_clients and wanted not in slack.oauth_clients:
        raise Refused("invalid_client_id")
    if slack.oauth_clients and slack.oauth_clients[wanted] != secret:
        raise Refused("bad_client_secret")
    granted = slack.oauth_codes.get(str(args.get("code", "")))
    if granted is None:
        raise Refused("invalid_code")
    if granted.get("used"):
        raise Refused("code_already_used")
    granted["used"] = True
    slack.teams[granted["access_token"]] = granted["team"]["id"]
    facts = {"token_type": "bot", "scope": SCOPES, "bot_user_id": BOT_USER, "app_id": "A0APP"}
    return facts | {"authed_user": {"id": "U1"}} | {k: v for k, v in granted.items() if k != "used"}


def open_view(slack: SlackState, args: Args) -> Args:
    trigger = str(args.get("trigger_id", ""))
    if not trigger:
        raise Refused("invalid_arguments")
    if trigger in slack.used_triggers:
        raise Refused("exchanged_trigger_id")
    if time.monotonic() - slack.triggers.get(trigger, time.monotonic()) > TRIGGER_LIFE_S:
        raise Refused("expired_trigger_id")
    slack.used_triggers.add(trigger)
    view_id = f"V{len(slack.views) + 1}"
    return {"view": _kept(slack, view_id, args["view"])}


def update_view(slack: SlackState, args: Args) -> Args:
    external = args.get("external_id")
    named = next(
        (i for i, view in slack.views.items() if external and view.get("external_id") == external), ""
    )
    view_id = str(args.get("view_id") or named)
    if view_id not in slack.views:
        raise Refused("not_found")
    if args.get("hash") and args["hash"] != slack.views[view_id]["hash"]:
        raise Refused("hash_conflict")
    return {"view": _kept(slack, view_id, args["view"])}


def set_status(slack: SlackState, args: Args) -> Args:
    if not args.get("thread_ts"):
        raise Refused("invalid_arguments")
    place = (str(args["channel_id"]), str(args["thread_ts"]))
    slack.statuses.pop(place, None)
    if args.get("status"):
        slack.statuses[place] = args
    return {}


def set_prompts(slack: SlackState, args: Args) -> Args:
    prompts = listed(args.get("prompts"))
    if not 0 < len(prompts) <= PROMPTS or not all(p.get("title") and p.get("message") for p in prompts):
        raise Refused("invalid_arguments")
    slack.prompts.append(args)
    return {}


def _kept(slack: SlackState, view_id: str, view: Args) -> Args:
    count = int(slack.views.get(view_id, {}).get("hash", "0")) + 1
    slack.views[view_id] = {**view, "id": view_id, "hash": str(count)}
    return slack.views[view_id]


METHODS = {
    "auth.test": auth_test,
    "users.info": tell_person,
    "oauth.v2.access": install,
    "views.open": open_view,
    "views.update": update_view,
    "assistant.threads.setStatus": set_status,
    "assistant.threads.setSuggestedPrompts": set_prompts,
}
WITHOUT_TOKEN = {"oauth.v2.access"}
