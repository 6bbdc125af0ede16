"""What was used by whom, and the figures of the chat, as rows to print."""

import json
from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from typing import Literal

from services.nlp.usage.prices import Price, cost

By = Literal["user", "workspace", "model", "day"]
Row = dict[str, str | int | float | None]
FIGURES = ("turns", "photos", "faces", "matches", "same_people", "helpful", "unhelpful")


def usage_rows(days: Mapping[date, Mapping[str, str]], by: By, prices: Mapping[str, Price]) -> list[Row]:
    """One row for each user, workspace, model or day; the most tokens first, or the days in order.

    `days` holds each day's report as it is in Redis. The cost is None where no model has a price.
    """
    sums: dict[tuple[str, ...], dict[str, int]] = defaultdict(lambda: dict.fromkeys(("r", "p", "c"), 0))
    costs: dict[tuple[str, ...], list[float]] = defaultdict(list)
    for day, report in days.items():
        for field, count in report.items():
            what, asked = field.split(" ", 1)
            workspace, user, model = json.loads(asked)
            keys: dict[By, tuple[str, ...]] = {
                "user": (workspace, user),
                "workspace": (workspace,),
                "model": (model,),
                "day": (str(day),),
            }
            key = keys[by]
            tokens = int(count)
            sums[key][what[0]] += tokens
            price = cost(prices, model, tokens * (what == "prompt"), tokens * (what == "completion"))
            costs[key] += [] if price is None else [price]
    names = ("workspace", "user") if by == "user" else (by,)
    rows = [_row(names, key, sums[key], costs[key]) for key in sorted(sums)]
    return rows if by == "day" else sorted(rows, key=_tokens, reverse=True)


def _row(names: tuple[str, ...], key: tuple[str, ...], sums: Mapping[str, int], costs: list[float]) -> Row:
    return {
        **dict(zip(names, key, strict=True)),
        "requests": sums["r"],
        "prompt_tokens": sums["p"],
        "completion_tokens": sums["c"],
        "cost": round(sum(costs), 6) if costs else None,
    }


def _tokens(row: Row) -> int:
    return int(row["prompt_tokens"] or 0) + int(row["completion_tokens"] or 0)


def chat_sums(fields: Mapping[str, str]) -> dict[str, dict[str, int]]:
    """Workspace -> figure -> count, of one day's fields as they are in Redis."""
    sums: dict[str, dict[str, int]] = {}
    for field, count in fields.items():
        figure, workspace = field.split(" ", 1)
        sums.setdefault(workspace, dict.fromkeys(FIGURES, 0))[figure] += int(count)
    return sums


def chat_row(day: date, people: int, sums: Mapping[str, Mapping[str, int]]) -> Row:
    """One day of all workspaces; `people` is an estimate, within about one percent."""
    counts = {figure: sum(found[figure] for found in sums.values()) for figure in FIGURES}
    return {"day": str(day), "people": people, **counts}
