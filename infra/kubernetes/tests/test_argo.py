"""Workflows: every template is there that is named, and every variable has something that sets it."""

import json
import re
import unittest

from rendered import OVERLAYS, ROOT, called, of_kind, pods, rendered, workflow_of

VARIABLE = re.compile(r"\{\{([^}=][^}]*)\}\}")
# Variables that Argo sets.
BY_ARGO = {"workflow.name", "pod.name"}
# What Argo works out: an expression, in which variables are names.
EXPRESSION = re.compile(r"\{\{=([^}]+)\}\}")


def parameters(arguments):
    return {p["name"] for p in (arguments or {}).get("parameters", [])}


class Workflows(unittest.TestCase):
    def setUp(self):
        found = of_kind(rendered("overlays/production"), "WorkflowTemplate", "CronWorkflow")
        self.workflows = {called(f): workflow_of(f) for f in found}
        self.by_name = {f["metadata"]["name"]: workflow_of(f) for f in found}

    def test_there_are_those_of_the_documentation(self):
        self.assertEqual(set(self.by_name), {"assay-batch", "assay-campaign", "assay-reconcile"})

    def test_templates_are_there(self):
        for who, workflow in self.workflows.items():
            templates = {template["name"]: template for template in workflow["templates"]}
            self.assertIn(workflow["entrypoint"], templates, who)
            for template in workflow["templates"]:
                tasks = template.get("dag", {}).get("tasks", [])
                names = {task["name"] for task in tasks}
                for task in tasks:
                    called_template = templates[task["template"]]
                    inputs = parameters(called_template.get("inputs"))
                    self.assertEqual(parameters(task.get("arguments")), inputs, f"{who}, {task['name']}")
                    for needed in re.findall(r"[\w-]+", task.get("depends", "")):
                        self.assertIn(needed, names, f"{who}, {task['name']}")

    def test_variables_are_set(self):
        for who, workflow in self.workflows.items():
            of_workflow = {f"workflow.parameters.{name}" for name in parameters(workflow.get("arguments"))}
            for template in workflow["templates"]:
                known = of_workflow | BY_ARGO | {f"inputs.parameters.{name}" for name in parameters(template.get("inputs"))}
                for task in template.get("dag", {}).get("tasks", []):
                    outputs = next(t for t in workflow["templates"] if t["name"] == task["template"]).get("outputs", {})
                    known |= {f"tasks.{task['name']}.outputs.parameters.{name}" for name in parameters(outputs)}
                used = set(VARIABLE.findall(str(template)))
                for expression in EXPRESSION.findall(str(template)):
                    used |= set(re.findall(r"[a-z]+(?:\.[a-z]+)+", expression))
                self.assertLessEqual(used, known, f"{who}, {template['name']}")

    def test_a_task_that_uses_an_output_waits_for_it(self):
        for who, workflow in self.workflows.items():
            for template in workflow["templates"]:
                waits = {}
                for task in template.get("dag", {}).get("tasks", []):
                    before = set(re.findall(r"[\w-]+", task.get("depends", "")))
                    waits[task["name"]] = before | {name for b in before for name in waits[b]}
                    for used in re.findall(r"\{\{tasks\.([\w-]+)\.", str(task)):
                        self.assertIn(used, waits[task["name"]], f"{who}, {task['name']}")

    def test_the_stages_are_in_their_order(self):
        (dag,) = [t["dag"] for t in self.by_name["assay-campaign"]["templates"] if "dag" in t]
        self.assertEqual([task["name"] for task in dag["tasks"]], ["validate", "matrix", "split", "follow", "publish"])
        for before, task in zip(dag["tasks"], dag["tasks"][1:]):
            self.assertEqual(task["depends"], before["name"])

    def test_the_runner_is_retried_when_it_was_stopped_and_not_when_it_refused(self):
        (run,) = self.by_name["assay-batch"]["templates"]
        again = run["retryStrategy"]["expression"]
        interrupted = re.search(r"INTERRUPTED: i32 = (\d+)", (ROOT / "crates/store/src/ports/dispatcher.rs").read_text())
        self.assertIn(f"asInt(lastRetry.exitCode) == {interrupted[1]}", again)
        self.assertNotIn("== 1 ", again)
        self.assertEqual(run["retryStrategy"]["retryPolicy"], "Always")

    def test_a_runner_has_its_machine_for_itself_and_time_to_stop(self):
        (run,) = self.by_name["assay-batch"]["templates"]
        apart = run["affinity"]["podAntiAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"][0]
        self.assertEqual(apart["topologyKey"], "kubernetes.io/hostname")
        labels = self.by_name["assay-batch"]["podMetadata"]["labels"]
        self.assertEqual(apart["labelSelector"]["matchLabels"], labels)
        # EC2 gives two minutes; Kubernetes 30 s unless told otherwise.
        grace = int(re.search(r'"terminationGracePeriodSeconds": (\d+)', run["podSpecPatch"])[1])
        self.assertTrue(60 <= grace <= 100)

    def test_a_runner_on_spot_is_told_when_ec2_wants_its_node_back(self):
        """Karpenter evicts no pod with its annotation, not even then; what keeps nodes from being tidied away is their pool."""
        workflow = self.by_name["assay-batch"]
        self.assertNotIn("karpenter.sh/do-not-disrupt", workflow["podMetadata"].get("annotations", {}))
        for found in of_kind(rendered("overlays/production"), "NodePool"):
            template, disruption = found["spec"]["template"]["spec"], found["spec"]["disruption"]
            if any("spot" in requirement["values"] for requirement in template["requirements"]):
                self.assertEqual(disruption["consolidationPolicy"], "WhenEmpty", called(found))
                allowed = {reason: budget["nodes"] for budget in disruption["budgets"] for reason in budget["reasons"]}
                self.assertEqual(allowed, {"Drifted": "0", "Underutilized": "0", "Empty": "100%"}, called(found))
        # Who has the annotation is on nodes of which EC2 gives no notice: nothing that it tolerates is on spot.
        for other in (w for name, w in self.by_name.items() if name != "assay-batch"):
            for template in other["templates"]:
                self.assertNotIn("tolerations", template)

    def test_a_runner_is_on_what_its_hours_are_charged_at(self):
        (run,) = self.by_name["assay-batch"]["templates"]
        (term,) = run["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"]
        asked = {e["key"]: e["values"] for e in term["matchExpressions"]}
        self.assertEqual(asked["karpenter.sh/capacity-type"], ["{{workflow.parameters.capacity}}"])
        self.assertIn("--capacity={{workflow.parameters.capacity}}", run["container"]["args"])

    def test_the_dispatcher_hands_over_what_the_template_asks(self):
        code = (ROOT / "crates/cloud/src/argo/workflow.rs").read_text()
        constants = dict(re.findall(r'const (\w+): &str = "([^"]+)"', code))
        block = code[code.index("let parameters = [") : code.index(".map(|(name, value)|")]
        handed = {constants.get(name.strip('"'), name.strip('"')) for name in re.findall(r'\(\s*("?[\w-]+"?),', block)}
        asked = self.by_name["assay-batch"]["arguments"]["parameters"]
        self.assertEqual(handed, {parameter["name"] for parameter in asked if "value" not in parameter})

    def test_arguments_are_ones_that_the_programs_know(self):
        runner = (ROOT / "batch-runner/src/job/mod.rs").read_text()
        runner = runner[runner.index("pub struct RunArgs") : runner.index("impl Which")]
        known = {name.replace("_", "-") for name in re.findall(r"pub (\w+):", runner)}
        (run,) = self.by_name["assay-batch"]["templates"]
        for argument in run["container"]["args"][1:]:
            self.assertIn(re.match(r"--([\w-]+)=", argument)[1], known)
        stages = (ROOT / "cli/src/arguments.rs").read_text()
        stages = stages[stages.index("pub enum WhichStage") : stages.index("pub struct OfCampaign")]
        called_stages = {"reconcile", "validate"} | {
            parameter["value"]
            for task in next(t for t in self.by_name["assay-campaign"]["templates"] if "dag" in t)["dag"]["tasks"]
            for parameter in task.get("arguments", {}).get("parameters", [])
            if parameter["name"] == "stage"
        }
        self.assertEqual(called_stages, {name.lower() for name in re.findall(r"^    ([A-Z]\w+)", stages, re.M)})

    def test_the_patch_of_the_pod_is_json_once_its_variables_are_set(self):
        (run,) = self.by_name["assay-batch"]["templates"]
        patch = run["podSpecPatch"].replace("{{workflow.parameters.node-selector}}", '{"assay/gpu":"l4"}')
        patch = json.loads(patch.replace("{{workflow.parameters.gpus}}", "2"))
        self.assertEqual(patch["nodeSelector"], {"assay/gpu": "l4"})
        self.assertEqual(patch["containers"][0]["resources"]["limits"], {"nvidia.com/gpu": "2"})

    def test_a_runner_is_pulled_by_the_digest_that_its_results_name(self):
        # Both expressions were tried with expr 1.17.7, which Argo 4.0 has, with a digest and without.
        (run,) = self.by_name["assay-batch"]["templates"]
        known = "fromJSON(workflow.parameters.digests)[workflow.parameters.image]"
        (pulled,) = EXPRESSION.findall(run["container"]["image"])
        self.assertEqual(pulled, f'workflow.parameters.image in fromJSON(workflow.parameters.digests) ? "@" + {known} : ""')
        told = {variable["name"]: variable.get("value") for variable in run["container"]["env"]}
        self.assertEqual(told["ASSAY_IMAGE_DIGEST"], "{{=" + known + ' ?? ""}}')
        engines = (ROOT / "infra/images/engines.txt").read_text().splitlines()
        names = {f"batch-runner-{line.split()[0]}" for line in engines if line and not line.startswith("#")}
        for overlay in OVERLAYS:
            (batch,) = [f for f in rendered(f"overlays/{overlay}") if called(f) == "WorkflowTemplate gpu-workloads/assay-batch"]
            values = {p["name"]: p.get("value") for p in batch["spec"]["arguments"]["parameters"]}
            digests = json.loads(values["digests"])
            self.assertLessEqual(set(digests), names)
            for digest in digests.values():
                self.assertRegex(digest, "^sha256:[0-9a-f]{64}$")

    def test_logs_go_where_objects_are(self):
        for overlay in OVERLAYS:
            objects = rendered(f"overlays/{overlay}")
            (places,) = [f["data"] for f in objects if f["metadata"]["name"] == "places"]
            bucket = re.match("s3://([^/]+)", places["objects"])[1]
            kept = 0
            for found in of_kind(objects, "WorkflowTemplate"):
                for template in workflow_of(found)["templates"]:
                    if "container" in template:
                        kept += 1
                        told = template["archiveLocation"]
                        self.assertIs(told["archiveLogs"], True)
                        self.assertEqual((told["s3"]["bucket"], told["s3"]["region"]), (bucket, places["region"]))
                        # A try of its own each.
                        self.assertTrue(told["s3"]["key"].endswith("{{pod.name}}"))
            self.assertEqual(kept, 3)

    def test_engines_may_write_where_they_do(self):
        """The root of a runner's pod is read only."""
        (run,) = self.by_name["assay-batch"]["templates"]
        mounted = [mount["mountPath"] for mount in run["container"]["volumeMounts"]]
        self.assertEqual(sorted(mounted), ["/dev/shm", "/tmp", "/work"])
        told = {v["name"]: v.get("value", "") for v in run["container"]["env"]}
        for name in ("HOME", "TMPDIR", "XDG_CACHE_HOME", "HF_HOME", "ASSAY_WEIGHTS"):
            self.assertRegex(told[name], r"^/work\b", name)

    def test_pods_write_where_a_volume_is(self):
        for who, _, _, spec in pods(of_kind(rendered("overlays/production"), "WorkflowTemplate")):
            volumes = {volume["name"] for volume in spec["volumes"]}
            for container in spec["containers"]:
                for mount in container["volumeMounts"]:
                    self.assertIn(mount["name"], volumes, who)


if __name__ == "__main__":
    unittest.main()
