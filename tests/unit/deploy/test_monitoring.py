"""Rules, dashboard and guide name exactly what the rooms count, and promtool finds no fault in them."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import REGISTRY
from prometheus_client.metrics import MetricWrapperBase
from prometheus_client.parser import text_string_to_metric_families

import services.gateway.metrics
import services.nlp.engines.llm.tools.running
import services.nlp.metrics
import services.worker.metrics
from deploy.settings import ROOT
from services.face.metrics import Metrics

MONITORING = ROOT / "deploy" / "monitoring"
DASHBOARD = MONITORING / "grafana" / "dashboards" / "switchboard.json"
SUFFIXES = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count"), "gauge": ("",)}
ROOMS = (
    services.gateway.metrics,
    services.nlp.metrics,
    services.nlp.engines.llm.tools.running,
    services.worker.metrics,
)
"""They register what they count when they are imported; face has a registry of its own."""


def kinds() -> dict[str, str]:
    """Metric -> its kind, of every room."""
    face = Metrics(int, int, int, ROOT).text().decode()
    found = [*REGISTRY.collect(), *text_string_to_metric_families(face)]
    names = {metric.name: metric.type for metric in found if metric.name.startswith("switchboard_")}
    return {name: kind for name, kind in names.items() if not name.endswith("_created")}


def series() -> set[str]:
    """Every name that a query may ask for."""
    return {name + suffix for name, kind in kinds().items() for suffix in SUFFIXES[kind]}


def named(text: str) -> set[str]:
    return set(re.findall(r"\bswitchboard_\w+", text))


def panels() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(DASHBOARD.read_text("utf-8"))["panels"]
    return [panel for panel in found if panel["type"] != "row"]


@pytest.mark.parametrize("path", ["rules.yml", "rules_test.yml", DASHBOARD.relative_to(MONITORING)])
def test_every_metric_that_is_asked_for_is_there(path: str | Path) -> None:
    assert ROOMS
    asked = named((MONITORING / path).read_text("utf-8"))
    assert asked
    assert asked <= series()


def test_the_guide_lists_exactly_the_metrics() -> None:
    listed = named((ROOT / "docs" / "monitoring.md").read_text("utf-8"))
    wanted = {name + ("_total" if kind == "counter" else "") for name, kind in kinds().items()}
    assert listed == wanted


def test_the_guide_says_what_to_do_about_each_alert() -> None:
    rules = yaml.safe_load((MONITORING / "rules.yml").read_text("utf-8"))
    alerts = {rule["alert"] for group in rules["groups"] for rule in group["rules"]}
    listed = re.findall(r"^\| ([A-Z]\w+) \|", (ROOT / "docs" / "monitoring.md").read_text("utf-8"), re.M)
    assert set(listed) - {"Prometheus"} == alerts


def labels() -> dict[str, tuple[str, ...]]:
    """Metric of ours -> its labels, whether something was counted or not."""
    places = [*map(vars, ROOMS), vars(Metrics(int, int, int, ROOT))]
    found = [one for place in places for one in place.values() if isinstance(one, MetricWrapperBase)]
    return {one._name: tuple(one._labelnames) for one in found}


def test_no_label_says_who_or_where() -> None:
    known = {"channel", "kind", "model", "outcome", "stage", "state", "tool"}
    assert set(labels()) > {"switchboard_turns", "switchboard_arrivals", "switchboard_tool_calls"}
    assert {label for found in labels().values() for label in found} == known


@pytest.mark.parametrize(
    "check",
    [
        ("check", "config", "prometheus.yml"),
        ("check", "rules", "rules.yml"),
        ("test", "rules", "rules_test.yml"),
    ],
)
def test_promtool_finds_no_fault(check: tuple[str, ...]) -> None:
    done = subprocess.run(["promtool", *check], cwd=MONITORING, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_query_of_the_dashboard_is_well_formed(tmp_path: Path) -> None:
    queries = [target["expr"].replace("$__rate_interval", "5m") for p in panels() for target in p["targets"]]
    rules = [{"record": f"panel:{number}", "expr": query} for number, query in enumerate(queries)]
    file = tmp_path / "rules.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": rules}]}), "utf-8")
    done = subprocess.run(
        ["promtool", "check", "rules", str(file)], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(queries)} rules found" in done.stdout


def test_prometheus_asks_every_room_on_the_port_that_its_image_has() -> None:
    jobs = yaml.safe_load((MONITORING / "prometheus.yml").read_text("utf-8"))["scrape_configs"]
    asked = {job["job_name"]: job["dns_sd_configs"][0] for job in jobs}
    for room, where in asked.items():
        image = (ROOT / "services" / room / "Dockerfile").read_text("utf-8")
        assert where["names"] == [room]
        assert re.search(rf"{room.upper()}_(METRICS_)?PORT={where['port']} ", image)
    assert set(asked) == {path.parent.name for path in (ROOT / "services").glob("*/Dockerfile")}


def test_the_panels_are_whole_and_lie_beside_one_another() -> None:
    places = [tuple(panel["gridPos"].values()) for panel in panels()]
    assert len(set(places)) == len(places) > 20
    assert all(target["expr"] for panel in panels() for target in panel["targets"])
    provider = yaml.safe_load((MONITORING / "grafana/provisioning/datasources/prometheus.yml").read_text())
    [source] = provider["datasources"]
    assert {panel["datasource"]["uid"] for panel in panels()} == {source["uid"]}
