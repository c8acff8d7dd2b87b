"""The first installation comes to an end: nothing waits for what comes after it.

Argo CD makes the applications wave by wave, and so it does what is in one: it goes on when all of a wave is healthy. An object has
therefore a place, the wave of its application and its own in that, and may need only what is at an earlier one; in its own wave
it may need what is no hook, since Argo CD makes accounts, settings and secrets before workloads."""

import unittest

from rendered import OVERLAYS, KUBERNETES, called, of_kind, pods, rendered

WAVE = "argocd.argoproj.io/sync-wave"
HOOK = "argocd.argoproj.io/hook"
# The groups of kinds that a chart defines, as its definitions have them.
DEFINES = {
    "argo-cd": ["argoproj.io"],
    "argo-workflows": ["argoproj.io workflows"],
    "cert-manager": ["cert-manager.io"],
    "cloudnative-pg": ["postgresql.cnpg.io"],
    "external-secrets": ["external-secrets.io"],
    "karpenter": ["karpenter.sh", "karpenter.k8s.aws"],
    "plugin-barman-cloud": ["barmancloud.cnpg.io"],
    "prometheus-operator-crds": ["monitoring.coreos.com"],
}
# Kinds that a chart makes objects of whatever it is told.
MAKES = {"plugin-barman-cloud": ["cert-manager.io"], "kube-prometheus-stack": ["monitoring.coreos.com"]}
OF_WORKFLOWS = ("WorkflowTemplate", "CronWorkflow")
# Made with the cluster.
ALWAYS = [("Namespace", None, "kube-system"), ("Namespace", None, "argocd"), ("group", "argoproj.io")]


def wave(found):
    return int(found["metadata"].get("annotations", {}).get(WAVE, 0))


def named(kind, namespace, name):
    return (kind, namespace, name)


def group_of(found):
    group = found["apiVersion"].rpartition("/")[0]
    is_of_others = "." in group and not (group.endswith(".k8s.io") and "karpenter" not in group)
    if not is_of_others:
        return []
    return [("group", f"{group} workflows" if found["kind"] in OF_WORKFLOWS else group)]


def values_of(tree):
    """Every key with its value, however deep."""
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield key, value
            yield from values_of(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from values_of(value)


def needs_of_chart(app):
    """What has to be there before a chart is healthy, as far as its values say it."""
    source, place = app["spec"]["source"], app["spec"]["destination"].get("namespace")
    needed = [("group", group) for group in MAKES.get(source.get("chart"), [])]
    values = source.get("helm", {}).get("valuesObject", {})
    for key, value in values_of(values):
        if key == "serviceMonitor" and value.get("enabled"):
            needed.append(("group", "monitoring.coreos.com"))
        if key == "enableCertManager" and value:
            needed.append(("group", "cert-manager.io"))
        if key == "storageClassName":
            needed.append(named("StorageClass", None, value))
        if key == "existingSecret":
            needed.append(named("ExternalSecret", place, value))
        if key == "envFromSecrets":
            needed += [named("ExternalSecret", place, secret["name"]) for secret in value]
        if key == "secrets":
            needed += [named("ExternalSecret", place, secret) for secret in value]
    return needed + ([named("Namespace", None, place)] if place else [])


def needs_of_pod(namespace, spec):
    needed = [named("ServiceAccount", namespace, spec["serviceAccountName"]), named("PriorityClass", None, spec["priorityClassName"])]
    for container in spec["containers"]:
        needed += [named("ConfigMap", namespace, s["configMapRef"]["name"]) for s in container.get("envFrom", [])]
        for variable in container.get("env", []):
            reference = variable.get("valueFrom", {}).get("secretKeyRef")
            if reference and not reference.get("optional"):
                needed.append(named("ExternalSecret", namespace, reference["name"]))
    for volume in spec.get("volumes", []):
        if "secret" in volume:
            needed.append(named("ExternalSecret", namespace, volume["secret"]["secretName"]))
    return needed


def needs_of(found):
    """What an object of ours names."""
    namespace, spec = found["metadata"].get("namespace"), found.get("spec", {})
    needed = group_of(found) + ([named("Namespace", None, namespace)] if namespace else [])
    if found["kind"] == "Application":
        needed += needs_of_chart(found)
    for _, place, _, pod in pods([found]):
        needed += needs_of_pod(place, pod)
    for claim in spec.get("volumeClaimTemplates", []):
        needed.append(named("StorageClass", None, claim["spec"]["storageClassName"]))
    if found["kind"] == "ExternalSecret":
        needed.append(named("ClusterSecretStore", None, spec["secretStoreRef"]["name"]))
    if found["kind"] == "NodePool":
        needed.append(named("EC2NodeClass", None, spec["template"]["spec"]["nodeClassRef"]["name"]))
    if found["kind"] == "RoleBinding":
        needed.append(named("Role", namespace, found["roleRef"]["name"]))
        needed += [named(s["kind"], s["namespace"], s["name"]) for s in found["subjects"]]
    if found["kind"] == "Cluster":
        needed += [named("StorageClass", None, spec[storage]["storageClass"]) for storage in ("storage", "walStorage")]
        needed += [named("ObjectStore", namespace, p["parameters"]["barmanObjectName"]) for p in spec["plugins"]]
        needed += [named("ExternalSecret", namespace, role["passwordSecret"]["name"]) for role in spec["managed"]["roles"]]
        needed.append(named("ExternalSecret", namespace, spec["bootstrap"]["initdb"]["secret"]["name"]))
        needed.append(named("PriorityClass", None, spec["priorityClassName"]))
    if found["kind"] == "ScheduledBackup":
        needed.append(named("Cluster", namespace, spec["cluster"]["name"]))
    if found["kind"] == "ServiceMonitor":
        keys = [e["authorization"]["credentials"]["name"] for e in spec["endpoints"] if "authorization" in e]
        needed += [named("ExternalSecret", namespace, key) for key in keys]
    return needed


def installation(overlay):
    """Every object with its place: our applications become what is in their folders."""
    for app in rendered("apps"):
        if app["kind"] != "Application":
            yield (wave(app), 0), app
            continue
        source = app["spec"]["source"]
        if "chart" in source:
            yield (wave(app), 0), app
            continue
        folder = source["path"].removeprefix("infra/kubernetes/").replace("production", overlay)
        inside = rendered(folder)
        if (KUBERNETES / folder / "namespaces").is_dir():
            inside = inside[len(rendered(f"{folder}/namespaces")) :]
        for found in inside:
            yield (wave(app), wave(found)), found


def too_early(objects):
    """Who needs what is made later, or never."""
    there = {need: (-100, 0) for need in ALWAYS}
    for place, found in objects:
        there.setdefault(named(found["kind"], found["metadata"].get("namespace"), found["metadata"]["name"]), place)
        if found["kind"] == "Application":
            for group in DEFINES.get(found["spec"]["source"]["chart"], []):
                there.setdefault(("group", group), place)
    for place, found in objects:
        is_hook = HOOK in found["metadata"].get("annotations", {})
        for need in needs_of(found):
            made = there.get(need)
            # A chart is healthy only once all of it runs: whoever needs it must come in a later wave of applications.
            is_of_chart = need[0] == "group" or found["kind"] == "Application"
            if made is None:
                yield f"{called(found)} needs {need}, which nobody makes"
            elif made >= place if is_of_chart or is_hook else made > place:
                yield f"{called(found)} at {place} needs {need}, which is made at {made}"


class Order(unittest.TestCase):
    def test_nothing_needs_what_comes_later(self):
        for overlay in OVERLAYS:
            objects = list(installation(overlay))
            self.assertGreater(len(objects), 80)
            self.assertEqual(list(too_early(objects)), [], overlay)

    def test_what_comes_too_early_is_found(self):
        """The installation as it would be with one thing in a wrong place."""
        objects = list(installation("production"))

        def moved(kind, name, place):
            return [(place, f) if (f["kind"], f["metadata"]["name"]) == (kind, name) else (p, f) for p, f in objects]

        for kind, name, place in [
            ("Namespace", "monitoring", (0, 0)),
            ("ServiceAccount", "assay", (0, -1)),
            ("ExternalSecret", "results-owner", (0, 0)),
            ("Application", "external-secrets", (0, 0)),
            ("Application", "prometheus-operator-crds", (-4, 0)),
            ("Application", "kube-prometheus-stack", (-3, 0)),
        ]:
            self.assertTrue(list(too_early(moved(kind, name, place))), f"{kind} {name}")

    def test_waves_of_applications_wait(self):
        (argo,) = [f for f in rendered("apps") if f["metadata"]["name"] == "argo-cd"]
        settings = argo["spec"]["source"]["helm"]["valuesObject"]["configs"]["cm"]
        self.assertIn("obj.status.health.status", settings["resource.customizations.health.argoproj.io_Application"])
        self.assertLess(wave(argo), min(wave(f) for f in of_kind(rendered("apps"), "Application") if wave(f) > -5))

    def test_the_migration_comes_between_the_database_and_what_uses_it(self):
        waves = {called(f): wave(f) for f in rendered("overlays/production")}
        migration = waves["Job model-catalog/migrate"]
        self.assertLess(waves["Cluster data-storage/results"], migration)
        self.assertLess(migration, waves["StatefulSet model-catalog/assay"])
        self.assertLess(migration, waves["WorkflowTemplate gpu-workloads/assay-batch"])

    def test_nodes_can_be_had_before_anybody_needs_one(self):
        objects = rendered("overlays/production")
        pools = {wave(f) for f in of_kind(objects, "NodePool", "EC2NodeClass")}
        self.assertLess(max(pools), wave(of_kind(objects, "Cluster")[0]))


if __name__ == "__main__":
    unittest.main()
