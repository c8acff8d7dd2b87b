"""Alerts and dashboards: every name in them is told by somebody, and the alerts fire when they should."""

import json
import re
import subprocess
import sys
import unittest

import yaml

from rendered import ROOT, of_kind, rendered

MONITORING = ROOT / "infra/monitoring"
RULES = yaml.safe_load((MONITORING / "rules/assay.yaml").read_text())
# The table of the runner's metrics, which a test of batch-runner holds against its page.
RUNNER = ROOT / "docs/runner-metrics.md"
# Where the API registers its own.
API = ROOT / "functions/serve-api/src/layers/measure.rs"
# Words of PromQL that look like names.
WORDS = set("by or and unless on ignoring sum max min avg count rate increase absent histogram_quantile avg_over_time".split())
# A histogram is told as these.
SUFFIXES = ("_bucket", "_sum", "_count")


def of_api():
    """The names that the API may tell: its prefix and what is registered, with the endings of units and counters."""
    code = API.read_text()
    prefix = re.search(r'with_prefix\("(\w+)"\)', code)[1]
    registered = re.findall(r'(?:register(?:_with_unit)?\(\s*|\()"([a-z_]+)"', code)
    return {f"{prefix}_{name}{unit}{kind}" for name in registered for unit in ("", "_seconds") for kind in ("", "_total")}


def dashboards():
    return {file.stem: json.loads(file.read_text()) for file in sorted((MONITORING / "dashboards/json").glob("*.json"))}


def expressions():
    """Every query in PromQL, and where it is."""
    for group in RULES["groups"]:
        for rule in group["rules"]:
            yield rule.get("alert", rule.get("record")), rule["expr"]
    for name, dashboard in dashboards().items():
        for panel in dashboard["panels"]:
            for target in panel["targets"]:
                if "expr" in target:
                    yield f"{name}: {panel['title']}", target["expr"]


def names_in(expression):
    """Metrics and recorded rules of a query: what is neither a label nor a word of the language."""
    without_labels = re.sub(r"\{[^}]*\}|\[[^\]]*\]|\"[^\"]*\"|\b(by|on)\s*\([^)]*\)|\boffset\s+\w+", " ", expression)
    return {name for name in re.findall(r"[A-Za-z_][\w:]*", without_labels)} - WORDS


class Names(unittest.TestCase):
    def setUp(self):
        self.ours = set(re.findall(r"`(assay_\w+)", RUNNER.read_text())) | of_api()
        self.others = set(
            line
            for line in (MONITORING / "names-of-others.txt").read_text().splitlines()
            if line and not line.startswith("#")
        )
        self.recorded = {rule["record"] for group in RULES["groups"] for rule in group["rules"] if "record" in rule}

    def is_told(self, name):
        told = self.ours | self.others | self.recorded
        return name in told or any(name.endswith(s) and name.removesuffix(s) in told for s in SUFFIXES)

    def test_every_metric_is_told_by_somebody(self):
        for place, expression in expressions():
            for name in names_in(expression):
                self.assertTrue(self.is_told(name), f"{place}: nobody tells {name}")

    def test_labels_of_the_runner_have_values_that_it_tells(self):
        rows = {name: line for line in RUNNER.read_text().splitlines() for name in re.findall(r"^\| `(assay_\w+)", line)}
        seen = 0
        for place, expression in expressions():
            for name, labels in re.findall(r"(assay_runner_\w+)\{([^}]*)\}", expression):
                for label, value in re.findall(r'(\w+)="([^"]*)"', labels):
                    seen += 1
                    self.assertIn(f"{name}{{{label}}}", rows[name], place)
                    self.assertIn(f"`{value}`", rows[name], place)
        self.assertGreater(seen, 3)

    def test_every_rule_that_is_recorded_is_used(self):
        used = set().union(*(names_in(expression) for _, expression in expressions()))
        self.assertLessEqual(self.recorded, used)

    def test_a_name_that_nobody_tells_is_found(self):
        self.assertFalse(self.is_told("assay_runner_absent_total"))
        self.assertEqual(names_in('sum by (a) (rate(b_total{c="d"}[5m])) / e:f'), {"b_total", "e:f"})


class Alerts(unittest.TestCase):
    def run_promtool(self, *arguments):
        answer = subprocess.run(["promtool", *arguments], cwd=MONITORING, capture_output=True, text=True, check=False)
        self.assertEqual(answer.returncode, 0, answer.stdout + answer.stderr)

    def test_rules_can_be_read(self):
        self.run_promtool("check", "rules", "rules/assay.yaml")

    def test_they_fire_when_they_should(self):
        self.run_promtool("test", "rules", "tests/assay_test.yaml")

    def test_each_fires_in_a_case_and_does_not_in_another_and_says_what_to_do(self):
        cases = yaml.safe_load((MONITORING / "tests/assay_test.yaml").read_text())["tests"]
        expected = [alert for case in cases for alert in case.get("alert_rule_test", [])]
        fired = {alert["alertname"] for alert in expected if alert["exp_alerts"]}
        silent = {alert["alertname"] for alert in expected if not alert["exp_alerts"]}
        for group in RULES["groups"]:
            for rule in group["rules"]:
                if "alert" in rule:
                    self.assertIn(rule["alert"], fired)
                    self.assertIn(rule["alert"], silent)
                    self.assertEqual(set(rule["annotations"]), {"summary", "action"}, rule["alert"])
                    self.assertIn(rule["labels"]["severity"], ("info", "warning", "critical"), rule["alert"])


class Charts(unittest.TestCase):
    """What the charts of others are told, where their defaults would leave us without alerts or with false ones."""

    def setUp(self):
        objects = {f["metadata"]["name"]: f for f in rendered("apps")}
        of_chart = lambda name: objects[name]["spec"]["source"]["helm"]["valuesObject"]
        self.prometheus, self.argo = of_chart("kube-prometheus-stack"), of_chart("argo-workflows")

    def test_a_metric_of_a_workflow_keeps_its_namespace(self):
        """Rules and panels ask for the namespace of the workflow, which would be `exported_namespace` otherwise."""
        self.assertTrue(any('argo_workflows_total_count{' in e and 'namespace="gpu-workloads"' in e for _, e in expressions()))
        self.assertIs(self.argo["controller"]["metricsConfig"]["honorLabels"], True)

    def test_nothing_is_watched_that_eks_does_not_show(self):
        for name in ("kubeControllerManager", "kubeScheduler", "kubeEtcd", "kubeProxy"):
            self.assertIs(self.prometheus[name]["enabled"], False, name)

    def test_alerts_reach_people(self):
        alertmanager = self.prometheus["alertmanager"]
        receivers = {receiver["name"]: receiver for receiver in alertmanager["config"]["receivers"]}
        route = alertmanager["config"]["route"]
        (told,) = receivers[route["receiver"]]["slack_configs"]
        silenced = [matcher for inner in route["routes"] for matcher in inner["matchers"]]
        self.assertEqual(silenced, ['alertname =~ "Watchdog|InfoInhibitor"', 'severity = "info"'])
        folder, secret, key = re.fullmatch(r"(.*)/([^/]+)/([^/]+)", told["api_url_file"]).groups()
        self.assertEqual(folder, "/etc/alertmanager/secrets")
        self.assertIn(secret, alertmanager["alertmanagerSpec"]["secrets"])
        (found,) = [
            f for f in of_kind(rendered("overlays/production"), "ExternalSecret") if f["spec"]["target"]["name"] == secret
        ]
        self.assertEqual(found["metadata"]["namespace"], "monitoring")
        self.assertIn(key, [entry["secretKey"] for entry in found["spec"]["data"]])


class Dashboards(unittest.TestCase):
    def test_what_is_made_is_up_to_date(self):
        command = [sys.executable, "-B", MONITORING / "generate.py", "--check"]
        answer = subprocess.run(command, capture_output=True, text=True, check=False)
        self.assertEqual(answer.returncode, 0, answer.stderr)

    def test_they_reach_the_cluster(self):
        (found,) = [f for f in of_kind(rendered("overlays/production"), "ConfigMap") if "assay-dashboards" in str(f["metadata"])]
        self.assertEqual(set(found["data"]), {f"{name}.json" for name in dashboards()})
        self.assertEqual(found["metadata"]["labels"], {"grafana_dashboard": "1"})

    def test_sources_are_those_that_grafana_is_given(self):
        (stack,) = [f for f in rendered("apps") if f["metadata"]["name"] == "kube-prometheus-stack"]
        grafana = stack["spec"]["source"]["helm"]["valuesObject"]["grafana"]
        given = {grafana["sidecar"]["datasources"]["uid"]} | {s["uid"] for s in grafana["additionalDataSources"]}
        for name, dashboard in dashboards().items():
            for panel in dashboard["panels"]:
                self.assertIn(panel["datasource"]["uid"], given, name)

    def test_panels_do_not_overlap(self):
        for name, dashboard in dashboards().items():
            taken = set()
            for panel in dashboard["panels"]:
                at = panel["gridPos"]
                cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
                self.assertFalse(taken & cells, f"{name}: {panel['title']}")
                self.assertLessEqual(at["x"] + at["w"], 24)
                taken |= cells

    def test_what_is_simulated_is_not_mixed_with_what_was_measured(self):
        for name, dashboard in dashboards().items():
            for panel in dashboard["panels"]:
                sql = panel["targets"][0].get("rawSql", "")
                if re.search(r"FROM (benchmark_results|latest_results|daily_model_stats|model_rankings)", sql):
                    self.assertIn("provenance = '$provenance'", sql, f"{name}: {panel['title']}")


if __name__ == "__main__":
    unittest.main()
