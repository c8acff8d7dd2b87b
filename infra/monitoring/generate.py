"""Makes what the cluster reads of what people write: Grafana's dashboards (dashboards/json/) of their short descriptions,
and the PrometheusRule of the rules.

    python generate.py           writes them
    python generate.py --check   says which are not up to date
"""

import json
import sys
from pathlib import Path

import yaml

FOLDER = Path(__file__).parent
MADE = "Made by generate.py of rules/assay.yaml."
SOURCES = {
    "queries": {"type": "prometheus", "uid": "prometheus"},
    "sql": {"type": "grafana-postgresql-datasource", "uid": "results"},
}
# Two panels side by side; figures are narrow.
WIDTHS = {"stat": 6}
HEIGHTS = {"stat": 4}


def targets(panel):
    if "sql" in panel:
        form = "table" if panel.get("kind") == "table" else "time_series"
        return [{"refId": "A", "format": form, "rawQuery": True, "editorMode": "code", "rawSql": panel["sql"]}]
    queries = panel["queries"].items()
    return [
        {"refId": chr(ord("A") + i), "legendFormat": legend, "expr": query, "instant": panel.get("kind") == "stat"}
        for i, (legend, query) in enumerate(queries)
    ]


def drawn(panel, number, place):
    kind = panel.get("kind", "lines")
    custom = {"stacking": {"mode": "normal"}, "fillOpacity": 30} if kind == "stacked" else {}
    source = SOURCES["sql" if "sql" in panel else "queries"]
    return {
        "id": number,
        "title": panel["title"],
        "type": {"stat": "stat", "table": "table"}.get(kind, "timeseries"),
        "datasource": source,
        "gridPos": place,
        "targets": [{**target, "datasource": source} for target in targets(panel)],
        "fieldConfig": {"defaults": {"unit": panel.get("unit", "short"), "custom": custom}, "overrides": []},
        "options": {},
    }


def placed(panels):
    x = y = row = 0
    for number, panel in enumerate(panels, 1):
        kind = panel.get("kind", "lines")
        width, height = WIDTHS.get(kind, 12), HEIGHTS.get(kind, 8)
        if x + width > 24:
            x, y, row = 0, y + row, 0
        yield drawn(panel, number, {"x": x, "y": y, "w": width, "h": height})
        x, row = x + width, max(row, height)


def variable(described):
    name = described["name"]
    if "sql" in described:
        return {"name": name, "type": "query", "datasource": SOURCES["sql"], "query": described["sql"], "refresh": 1}
    values = described["values"]
    options = [{"text": value, "value": value, "selected": value == values[0]} for value in values]
    return {"name": name, "type": "custom", "query": ",".join(values), "options": options, "current": options[0]}


def dashboard(name, described):
    return {
        "uid": f"assay-{name}",
        "title": described["title"],
        "description": described["about"],
        "tags": ["assay"],
        "schemaVersion": 39,
        "editable": False,
        "refresh": "1m",
        "time": {"from": "now-30d" if "variables" in described else "now-6h", "to": "now"},
        "templating": {"list": [variable(v) for v in described.get("variables", [])]},
        "panels": list(placed(described["panels"])),
    }


def prometheus_rule():
    rules = yaml.safe_load((FOLDER / "rules/assay.yaml").read_text())
    rule = {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": {"name": "assay", "namespace": "monitoring"},
        "spec": rules,
    }
    return f"# {MADE}\n" + yaml.safe_dump(rule, sort_keys=False, width=1000)


def made():
    """Every file with its text."""
    for source in sorted(FOLDER.glob("dashboards/*.yaml")):
        described = yaml.safe_load(source.read_text())
        text = json.dumps(dashboard(source.stem, described), indent=1) + "\n"
        yield FOLDER / "dashboards/json" / f"{source.stem}.json", text
    yield FOLDER / "prometheus-rule.yaml", prometheus_rule()


def main():
    stale = []
    for file, text in made():
        if "--check" not in sys.argv:
            file.parent.mkdir(exist_ok=True)
            file.write_text(text)
        elif not file.exists() or file.read_text() != text:
            stale.append(file.name)
    if stale:
        sys.exit(f"error: {', '.join(stale)} are not up to date; run {Path(__file__).name}")


if __name__ == "__main__":
    main()
