"""Every object fits the schema of its kind, and whatever it names is there."""

import copy
import unittest

import kubernetes_validate
import yaml

from definitions import faults_of, kind_of, validator_of
from rendered import KUBERNETES, OVERLAYS, ROOT, called, documented_variables, installed, of_kind, pods, rendered

# The oldest version of Kubernetes that is meant.
VERSION = "1.33"
# Kinds that come with operators; schemas.yaml has what their definitions say of what we use.
SCHEMAS = yaml.safe_load((KUBERNETES / "tests/schemas.yaml").read_text())


def is_core(found):
    group = found["apiVersion"].rpartition("/")[0]
    return "." not in group or (group.endswith(".k8s.io") and f"{found['apiVersion']} {found['kind']}" not in SCHEMAS)


class Schemas(unittest.TestCase):
    def test_objects_of_kubernetes_fit_its_schemas(self):
        for overlay in OVERLAYS:
            for found in filter(is_core, installed(overlay)):
                with self.subTest(overlay=overlay, object=called(found)):
                    kubernetes_validate.validate(found, VERSION, strict=True)

    def test_objects_of_operators_fit_their_definitions(self):
        validators = {kind: validator_of(known["schema"]) for kind, known in SCHEMAS.items()}
        for overlay in OVERLAYS:
            for found in installed(overlay):
                if is_core(found):
                    continue
                with self.subTest(overlay=overlay, object=called(found)):
                    self.assertIn(kind_of(found), validators, "add its definition to definitions.txt")
                    self.assertEqual(faults_of(validators[kind_of(found)], found), [])

    def test_what_does_not_fit_is_found(self):
        wrong = [
            ("karpenter.sh/v1 NodePool", lambda spec: spec["disruption"].update(consolidationPolicy="WhenFull"), "WhenFull"),
            ("karpenter.sh/v1 NodePool", lambda spec: spec["template"]["spec"].pop("nodeClassRef"), "nodeClassRef"),
            ("postgresql.cnpg.io/v1 Cluster", lambda spec: spec.update(instances="three"), "three"),
            ("argoproj.io/v1alpha1 WorkflowTemplate", lambda spec: spec.update(entryPoint="run"), "entryPoint"),
        ]
        for kind, spoil, said in wrong:
            found = copy.deepcopy(next(f for f in installed("production") if kind_of(f) == kind))
            spoil(found["spec"])
            self.assertIn(said, " ".join(faults_of(validator_of(SCHEMAS[kind]["schema"]), found)))

    def test_definitions_are_of_the_versions_that_are_installed(self):
        charts = {f["metadata"]["name"]: f["spec"]["source"].get("targetRevision") for f in of_kind(rendered("apps"), "Application")}
        origins = set()
        for line in (KUBERNETES / "definitions.txt").read_text().splitlines():
            if line and not line.startswith("#"):
                chart, version, repository, tag, _ = line.split()
                self.assertEqual(version, charts[chart], f"{chart}: look up its tag, and run check-definitions.py")
                origins.add(f"{repository} {tag}")
        self.assertEqual({known["from"] for known in SCHEMAS.values()}, origins, "run check-definitions.py")

    def test_nothing_is_defined_twice(self):
        for overlay in OVERLAYS:
            names = [called(found) for found in installed(overlay)]
            self.assertEqual(sorted(names), sorted(set(names)))


class References(unittest.TestCase):
    """What is named is there: the API server does not look."""

    def setUp(self):
        self.objects = installed("production")
        self.names = {(f["kind"], f["metadata"].get("namespace"), f["metadata"]["name"]): f for f in self.objects}

    def there(self, kind, namespace, name, who):
        self.assertIn((kind, namespace, name), self.names, f"{who} names it")
        return self.names[(kind, namespace, name)]

    def test_namespaces(self):
        for found in self.objects:
            if namespace := found["metadata"].get("namespace"):
                self.there("Namespace", None, namespace, called(found))

    def test_what_pods_name(self):
        for who, namespace, _, spec in pods(self.objects):
            with self.subTest(who=who):
                self.there("ServiceAccount", namespace, spec["serviceAccountName"], who)
                self.there("PriorityClass", None, spec["priorityClassName"], who)
                for container in spec["containers"]:
                    for source in container.get("envFrom", []):
                        self.there("ConfigMap", namespace, source["configMapRef"]["name"], who)
                    for variable in container.get("env", []):
                        if reference := variable.get("valueFrom", {}).get("secretKeyRef"):
                            secret = self.there("ExternalSecret", namespace, reference["name"], who)
                            keys = [entry["secretKey"] for entry in secret["spec"]["data"]]
                            self.assertIn(reference["key"], keys)

    def test_variables_are_ones_that_programs_read(self):
        known = documented_variables() | {"AWS_REGION", "HF_HOME", "HOME", "PASSWORD"}
        settings = {
            (f["metadata"]["namespace"], f["metadata"]["name"]): f["data"] for f in of_kind(self.objects, "ConfigMap")
        }
        for who, namespace, _, spec in pods(self.objects):
            for container in spec["containers"]:
                told = {variable["name"] for variable in container.get("env", [])}
                for source in container.get("envFrom", []):
                    told |= set(settings[(namespace, source["configMapRef"]["name"])])
                self.assertLessEqual(told, known, who)

    def test_bindings(self):
        for found in of_kind(self.objects, "RoleBinding"):
            self.there(found["roleRef"]["kind"], found["metadata"]["namespace"], found["roleRef"]["name"], called(found))
            for subject in found["subjects"]:
                self.there(subject["kind"], subject["namespace"], subject["name"], called(found))

    def test_secrets_come_from_a_store_that_the_namespace_may_ask(self):
        store = self.names[("ClusterSecretStore", None, "aws")]
        allowed = store["spec"]["conditions"][0]["namespaces"]
        for found in of_kind(self.objects, "ExternalSecret"):
            self.assertEqual(found["spec"]["secretStoreRef"], {"name": "aws", "kind": "ClusterSecretStore"})
            self.assertIn(found["metadata"]["namespace"], allowed)

    def test_no_secret_that_may_be_missing_is_in_one_that_may_not(self):
        """External Secrets makes a secret of all of its keys or not at all, and Secrets Manager keeps no empty text."""
        optional, needed = set(), set()
        for _, namespace, _, spec in pods(self.objects):
            for container in spec["containers"]:
                for variable in container.get("env", []):
                    if reference := variable.get("valueFrom", {}).get("secretKeyRef"):
                        (optional if reference.get("optional") else needed).add((namespace, reference["name"]))
        self.assertTrue(optional)
        self.assertFalse(optional & needed)
        # It is a choice of the overlay.
        staging = {(f["metadata"]["namespace"], f["metadata"]["name"]) for f in of_kind(rendered("overlays/staging"), "ExternalSecret")}
        self.assertFalse(optional & staging)

    def test_the_database_names_what_is_there(self):
        (cluster,) = of_kind(self.objects, "Cluster")
        place = cluster["metadata"]["namespace"]
        self.there("ExternalSecret", place, cluster["spec"]["bootstrap"]["initdb"]["secret"]["name"], "the cluster")
        for role in cluster["spec"]["managed"]["roles"]:
            self.there("ExternalSecret", place, role["passwordSecret"]["name"], "the cluster")
        for plugin in cluster["spec"]["plugins"]:
            self.there("ObjectStore", place, plugin["parameters"]["barmanObjectName"], "the cluster")
        self.there("StorageClass", None, cluster["spec"]["storage"]["storageClass"], "the cluster")

    def test_node_pools_have_the_types_that_prices_are_of(self):
        instances = yaml.safe_load((ROOT / "crates/domain/data/instances.yaml").read_text())["instances"]
        for found in of_kind(self.objects, "NodePool"):
            template = found["spec"]["template"]
            self.there("EC2NodeClass", None, template["spec"]["nodeClassRef"]["name"], called(found))
            gpu = template["metadata"]["labels"].get("assay/gpu", "cpu")
            (types,) = [
                requirement["values"]
                for requirement in template["spec"]["requirements"]
                if requirement["key"] == "node.kubernetes.io/instance-type"
            ]
            if gpu != "cpu":
                priced = [name for name, instance in instances.items() if instance["accelerator"] == gpu]
                self.assertEqual(sorted(types), sorted(priced), gpu)

    def test_nodes_of_runners_are_theirs_alone(self):
        """Whatever tolerates nothing is put nowhere near a measurement, and on no node that EC2 may want back."""
        (batch,) = [f for f in of_kind(self.objects, "WorkflowTemplate") if f["metadata"]["name"] == "assay-batch"]
        (run,) = batch["spec"]["templates"]
        tolerated = {toleration["key"] for toleration in run["tolerations"]}
        for found in of_kind(self.objects, "NodePool"):
            spec = found["spec"]["template"]["spec"]
            taints = {taint["key"] for taint in spec.get("taints", [])}
            (rented,) = [r["values"] for r in spec["requirements"] if r["key"] == "karpenter.sh/capacity-type"]
            if found["metadata"]["name"] == "services":
                self.assertEqual((taints, rented), (set(), ["on-demand"]))
            else:
                self.assertEqual(len(taints), 1, called(found))
                self.assertLessEqual(taints, tolerated, called(found))

    def test_what_overlays_set_reached_its_place(self):
        for overlay in OVERLAYS:
            left = [called(f) for f in rendered(f"overlays/{overlay}") if "assay/assay:dev" in str(f)]
            self.assertEqual(left, [])


class Outside(unittest.TestCase):
    """The component `ingress`, which production has and staging has not."""

    def setUp(self):
        self.objects = rendered("overlays/production")
        (self.ingress,) = of_kind(self.objects, "Ingress")
        (places,) = [f for f in self.objects if f["metadata"]["name"] == "places"]
        self.places = places["data"]

    def test_is_a_choice(self):
        self.assertEqual(of_kind(rendered("overlays/staging"), "Ingress", "Application"), [])

    def test_everything_is_encrypted(self):
        told = {key.rpartition("/")[2]: value for key, value in self.ingress["metadata"]["annotations"].items()}
        self.assertEqual(told["certificate-arn"], self.places["certificate"])
        self.assertEqual(told["scheme"], self.places["scheme"])
        self.assertEqual(told["ssl-redirect"], "443")
        self.assertIn("TLS13-1-2-Res", told["ssl-policy"])
        (rule,) = self.ingress["spec"]["rules"]
        self.assertEqual(rule["host"], self.places["domain"])

    def test_it_leads_to_a_port_of_the_api(self):
        (path,) = self.ingress["spec"]["rules"][0]["http"]["paths"]
        backend = path["backend"]["service"]
        place = self.ingress["metadata"]["namespace"]
        (service,) = [
            f for f in of_kind(self.objects, "Service") if f["metadata"] == {**f["metadata"], "name": backend["name"], "namespace": place}
        ]
        self.assertIn(backend["port"]["name"], [port["name"] for port in service["spec"]["ports"]])
        (server,) = of_kind(self.objects, "StatefulSet")
        container = server["spec"]["template"]["spec"]["containers"][0]
        asked = self.ingress["metadata"]["annotations"]["alb.ingress.kubernetes.io/healthcheck-path"]
        self.assertEqual(container["readinessProbe"]["httpGet"]["path"], asked)

    def test_links_lead_there_and_keys_are_demanded(self):
        for name in ("assay", "assay-pipeline"):
            (settings,) = [f["data"] for f in of_kind(self.objects, "ConfigMap") if f["metadata"]["name"] == name]
            self.assertEqual(settings["ASSAY_PUBLIC_URL"], "https://" + self.places["domain"])
        for overlay in OVERLAYS:
            (settings,) = [f["data"] for f in of_kind(rendered(f"overlays/{overlay}"), "ConfigMap") if f["metadata"]["name"] == "assay"]
            self.assertEqual(settings["ASSAY_API_KEYS"], "/keys/keys.json")

    def test_without_a_load_balancer_everything_else_is_there(self):
        wave = lambda found: int(found["metadata"].get("annotations", {}).get("argocd.argoproj.io/sync-wave", 0))
        (controller,) = of_kind(self.objects, "Application")
        others = [wave(found) for found in self.objects if found not in (controller, self.ingress)]
        self.assertLess(max(others), wave(controller))
        self.assertLess(wave(controller), wave(self.ingress))

    def test_its_controller_knows_where_it_is(self):
        (controller,) = of_kind(self.objects, "Application")
        values = controller["spec"]["source"]["helm"]["valuesObject"]
        (karpenter,) = [f for f in rendered("apps") if f["metadata"]["name"] == "karpenter"]
        cluster = karpenter["spec"]["source"]["helm"]["valuesObject"]["settings"]["clusterName"]
        told = (values["vpcId"], values["region"], values["clusterName"])
        self.assertEqual(told, (self.places["vpc"], self.places["region"], cluster))


class Applications(unittest.TestCase):
    def setUp(self):
        self.objects = rendered("apps") + of_kind(rendered("overlays/production"), "Application")
        self.projects = {f["metadata"]["name"]: f["spec"] for f in of_kind(self.objects, "AppProject")}

    def test_projects_allow_what_applications_ask(self):
        for found in of_kind(self.objects, "Application"):
            spec = found["spec"]
            project = self.projects[spec["project"]]
            self.assertIn(spec["source"]["repoURL"], project["sourceRepos"], called(found))
            if "namespace" in spec["destination"]:
                self.assertIn(spec["destination"], project["destinations"], called(found))

    def test_ours_goes_where_its_project_allows(self):
        project = self.projects["assay"]
        places = [destination["namespace"] for destination in project["destinations"]]
        kinds = [(entry["group"], entry["kind"]) for entry in project["clusterResourceWhitelist"]]
        for found in rendered("overlays/production"):
            if namespace := found["metadata"].get("namespace"):
                self.assertIn(namespace, places, called(found))
            else:
                group = found["apiVersion"].rpartition("/")[0]
                self.assertIn((group, found["kind"]), kinds, called(found))

    def test_versions_are_pinned(self):
        for found in of_kind(self.objects, "Application"):
            source = found["spec"]["source"]
            if "chart" in source:
                self.assertRegex(source["targetRevision"], r"^v?\d+\.\d+\.\d+$", called(found))
            else:
                self.assertTrue((ROOT / source["path"] / "kustomization.yaml").exists())

    def test_argo_cd_is_installed_by_hand_as_it_keeps_itself(self):
        (source,) = [f["spec"]["source"] for f in of_kind(self.objects, "Application") if f["metadata"]["name"] == "argo-cd"]
        command = f"helm install argo-cd argo-cd --repo {source['repoURL']} --version {source['targetRevision']} -n argocd"
        self.assertIn(command, (ROOT / "docs/kubernetes.md").read_text())


if __name__ == "__main__":
    unittest.main()
