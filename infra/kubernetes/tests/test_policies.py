"""What no pod of ours may lack, and no namespace."""

import ipaddress
import re
import unittest

from rendered import OVERLAYS, called, installed, of_kind, pods, rendered, workflow_of

# Namespaces that are not held to "restricted"; namespaces.yaml argues it.
EXCEPTIONS = {"gpu-operator": "privileged"}
VOLUMES = {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"}


def selects(selector, labels):
    """Whether a selector takes a pod with these labels."""
    fits = {"DoesNotExist": lambda key: key not in labels, "Exists": lambda key: key in labels}
    expressions = selector.get("matchExpressions", [])
    return selector.get("matchLabels", {}).items() <= labels.items() and all(fits[e["operator"]](e["key"]) for e in expressions)


class Pods(unittest.TestCase):
    def each(self):
        for overlay in OVERLAYS:
            for who, namespace, labels, spec in pods(installed(overlay)):
                with self.subTest(overlay=overlay, who=who):
                    yield namespace, labels, spec

    def test_are_restricted(self):
        # https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
        for _, _, spec in self.each():
            for forbidden in ("hostNetwork", "hostPID", "hostIPC"):
                self.assertFalse(spec.get(forbidden))
            for volume in spec.get("volumes", []):
                self.assertLessEqual(set(volume) - {"name"}, VOLUMES)
            of_pod = spec["securityContext"]
            self.assertIs(of_pod["runAsNonRoot"], True)
            self.assertGreater(of_pod["runAsUser"], 0)
            self.assertEqual(of_pod["seccompProfile"], {"type": "RuntimeDefault"})
            for container in spec["containers"] + spec.get("initContainers", []):
                own = container["securityContext"]
                self.assertIs(own["allowPrivilegeEscalation"], False)
                self.assertEqual(own["capabilities"], {"drop": ["ALL"]})
                self.assertNotIn("privileged", own)
                # Not asked by the standard: nothing is written but where a volume is.
                self.assertIs(own["readOnlyRootFilesystem"], True)

    def test_have_bounds(self):
        for namespace, labels, spec in self.each():
            for container in spec["containers"]:
                resources = container["resources"]
                self.assertIn("cpu", resources["requests"])
                self.assertIn("memory", resources["requests"])
                self.assertIn("memory", resources["limits"])
                # A runner is never throttled: it has its node for itself (workflows/batch.yaml).
                if labels["app.kubernetes.io/name"] != "batch-runner":
                    self.assertIn("cpu", resources["limits"])
            for volume in spec.get("volumes", []):
                if "emptyDir" in volume:
                    self.assertIn("sizeLimit", volume["emptyDir"])

    def test_have_images_with_versions(self):
        for _, _, spec in self.each():
            for container in spec["containers"]:
                image = container["image"]
                if "{{" not in image:
                    self.assertRegex(image, r"(:[\w][\w.-]*|@sha256:[0-9a-f]{64})$")
                    self.assertFalse(image.endswith(":latest"))

    def test_get_a_token_only_where_they_ask_the_api(self):
        with_token = {"assay", "assay-stage"}
        for overlay in OVERLAYS:
            for found in of_kind(rendered(f"overlays/{overlay}"), "ServiceAccount"):
                expected = found["metadata"]["name"] in with_token
                self.assertIs(found["automountServiceAccountToken"], expected, called(found))


class Namespaces(unittest.TestCase):
    def test_are_held_to_a_standard(self):
        for overlay in OVERLAYS:
            for found in of_kind(rendered(f"overlays/{overlay}"), "Namespace"):
                name, labels = found["metadata"]["name"], found["metadata"]["labels"]
                self.assertEqual(labels["pod-security.kubernetes.io/enforce"], EXCEPTIONS.get(name, "restricted"), name)

    def test_are_closed_and_open_by_name(self):
        for overlay in OVERLAYS:
            objects = rendered(f"overlays/{overlay}")
            policies = of_kind(objects, "NetworkPolicy")
            for found in of_kind(objects, "Namespace"):
                name = found["metadata"]["name"]
                own = {p["metadata"]["name"]: p["spec"] for p in policies if p["metadata"]["namespace"] == name}
                self.assertEqual(own["default-deny"], {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}, name)
                self.assertIn("allow-dns", own, name)

    def test_the_api_is_asked_from_outside_through_the_load_balancer_alone(self):
        for overlay, outside in [("staging", []), ("production", ["10.64.0.0/25"])]:
            peers = [
                peer
                for found in of_kind(rendered(f"overlays/{overlay}"), "NetworkPolicy")
                if found["metadata"]["namespace"] == "model-catalog"
                for rule in found["spec"].get("ingress", [])
                for peer in rule["from"]
            ]
            self.assertEqual([peer["ipBlock"]["cidr"] for peer in peers if "ipBlock" in peer], outside)

    def test_no_pod_enters_by_its_address(self):
        """Pods have addresses of the VPC: a block of it that may enter would let in all of them."""
        for overlay in OVERLAYS:
            blocks = {}
            for found in of_kind(rendered(f"overlays/{overlay}"), "NetworkPolicy"):
                for rule in found["spec"].get("ingress", []):
                    for peer in rule["from"]:
                        if "ipBlock" in peer:
                            blocks.setdefault(found["metadata"]["name"], set()).add(ipaddress.ip_network(peer["ipBlock"]["cidr"]))
            self.assertLessEqual(set(blocks), {"control-plane", "load-balancer"}, overlay)
            for block in blocks["control-plane"]:
                # As small as AWS has it, and one that exists.
                self.assertEqual(block.prefixlen, 28)
                self.assertFalse(block.subnet_of(ipaddress.ip_network("192.0.2.0/24")))

    def test_nobody_reaches_the_metadata_of_instances(self):
        for found in of_kind(rendered("overlays/production"), "NetworkPolicy"):
            for rule in found["spec"].get("egress", []):
                for peer in rule.get("to", []):
                    if peer.get("ipBlock", {}).get("cidr") == "0.0.0.0/0":
                        self.assertIn("169.254.0.0/16", peer["ipBlock"]["except"], called(found))

    def test_every_pod_of_ours_is_allowed_something_and_every_allowance_has_a_pod(self):
        objects = rendered("overlays/production")
        labelled = [(namespace, labels) for _, namespace, labels, _ in pods(objects)]
        labelled += [("data-storage", {"cnpg.io/cluster": f["metadata"]["name"]}) for f in of_kind(objects, "Cluster")]
        # Its operator gives it this label.
        labelled.append(("monitoring", {"app.kubernetes.io/name": "prometheus"}))
        fits = lambda wanted, labels: all(labels.get(key) == value for key, value in wanted.items())
        policies = [p for p in of_kind(objects, "NetworkPolicy") if p["metadata"]["name"] not in ("default-deny", "allow-dns")]
        for namespace, labels in labelled:
            own = [
                p
                for p in policies
                if p["metadata"]["namespace"] == namespace
                and fits(p["spec"]["podSelector"].get("matchLabels", {}), labels)
            ]
            self.assertTrue(own, f"{labels} in {namespace} may ask nobody")
        for policy in policies:
            wanted = policy["spec"]["podSelector"].get("matchLabels")
            if wanted:
                place = policy["metadata"]["namespace"]
                self.assertTrue(any(place == n and fits(wanted, labels) for n, labels in labelled), called(policy))

    def test_what_may_be_asked_may_ask(self):
        """Who is allowed to ask the database is allowed in by it."""
        policies = {
            (p["metadata"]["namespace"], p["metadata"]["name"]): p["spec"]
            for p in of_kind(rendered("overlays/production"), "NetworkPolicy")
        }
        entering = policies[("data-storage", "results")]["ingress"][0]
        self.assertEqual([port["port"] for port in entering["ports"]], [5432])
        let_in = {
            (
                peer.get("namespaceSelector", {}).get("matchLabels", {}).get("kubernetes.io/metadata.name"),
                peer["podSelector"]["matchLabels"].get("app.kubernetes.io/name"),
            )
            for peer in entering["from"]
        }
        for place, name, label in [
            ("model-catalog", "assay", "assay"),
            ("gpu-workloads", "batch-runner", "batch-runner"),
            ("gpu-workloads", "stage", "assay-stage"),
        ]:
            ports = [port["port"] for rule in policies[(place, name)]["egress"] for port in rule["ports"]]
            self.assertIn(5432, ports)
            self.assertIn((place, label), let_in)

    def test_quotas_and_priorities(self):
        objects = rendered("overlays/production")
        # A quota of what is requested refuses whoever requests nothing: a range has a default.
        for kind in ("ResourceQuota", "LimitRange"):
            bounded = {f["metadata"]["namespace"] for f in of_kind(objects, kind)}
            # quotas.yaml argues it.
            self.assertEqual({f["metadata"]["name"] for f in of_kind(objects, "Namespace")} - bounded, {"gpu-operator"})
        # Pods that wait are counted, too: those that find no node would keep the others from theirs. Pools bound GPUs.
        (runners,) = [f["spec"]["hard"] for f in of_kind(objects, "ResourceQuota") if f["metadata"]["namespace"] == "gpu-workloads"]
        self.assertEqual(runners.keys(), {"pods", "count/workflows.argoproj.io"})
        self.assertGreaterEqual(int(runners["pods"]), int(runners["count/workflows.argoproj.io"]), "each may have a pod")
        for pool in of_kind(objects, "NodePool"):
            self.assertIn("nvidia.com/gpu" if pool["metadata"]["name"].startswith("gpu-") else "cpu", pool["spec"]["limits"], called(pool))
        runner = next(f for f in of_kind(objects, "PriorityClass") if f["metadata"]["name"] == "assay-runner")
        self.assertEqual(runner["preemptionPolicy"], "Never")

    def test_every_workload_has_a_disruption_budget_or_says_why_not(self):
        objects = rendered("overlays/production")
        budgets = [
            (f["metadata"]["namespace"], f["spec"]["selector"]) for f in of_kind(objects, "PodDisruptionBudget")
        ]
        workloads = of_kind(objects, "Deployment", "StatefulSet", "Job", "WorkflowTemplate", "CronWorkflow")
        without = set()
        for found in workloads:
            argued = found["metadata"].get("annotations", {}).get("assay/no-disruption-budget", "")
            labels = workflow_of(found).get("podMetadata", found["spec"].get("template", {}).get("metadata", {})).get("labels", {})
            mine = [wanted for place, wanted in budgets if place == found["metadata"]["namespace"] and selects(wanted, labels)]
            if argued:
                without.add(called(found))
                self.assertGreater(len(argued.split()), 4, called(found))
                # One that has pods of what cannot be scaled, such as a job, is never reckoned and allows nothing, for nobody.
                self.assertEqual(mine, [], called(found))
            else:
                self.assertEqual(len(mine), 1, called(found))
        self.assertEqual(len(without), 5)
        # One replica with a budget that allows none away would keep its node for ever.
        for found in of_kind(objects, "PodDisruptionBudget"):
            self.assertEqual(found["spec"].get("maxUnavailable"), 1, called(found))
        (database,) = of_kind(objects, "Cluster")
        self.assertIs(database["spec"]["enablePDB"], True)


class Roles(unittest.TestCase):
    def test_the_dispatcher_may_do_what_its_code_asks_and_no_more(self):
        (role,) = [f for f in of_kind(rendered("overlays/production"), "Role") if f["metadata"]["name"] == "assay-dispatcher"]
        self.assertEqual(role["rules"], [{"apiGroups": ["argoproj.io"], "resources": ["workflows"], "verbs": self.asked()}])

    def asked(self):
        from rendered import ROOT

        code = (ROOT / "crates/cloud/src/argo/mod.rs").read_text()
        verbs = set(re.findall(r"self\.workflows\.(\w+)\(", code))
        return [verb for verb in ("get", "list", "watch", "create", "update", "patch", "delete") if verb in verbs]

    def test_nobody_has_more_than_a_namespace(self):
        objects = rendered("overlays/production")
        self.assertEqual([called(f) for f in of_kind(objects, "ClusterRole", "ClusterRoleBinding")], [])
        for role in of_kind(objects, "Role"):
            for rule in role["rules"]:
                self.assertNotIn("*", rule["verbs"] + rule["resources"] + rule["apiGroups"], called(role))


if __name__ == "__main__":
    unittest.main()
