"""What AWS Batch finds in the cluster: a namespace that is not made by an overlay, since its queues want it before Argo CD is there."""

import unittest

import kubernetes_validate

from rendered import called, of_kind, rendered
from test_manifests import VERSION

# What its pods say of themselves (infra/lib/eks-home.ts; infra/test/cluster.test.ts holds both together).
LABELS = {"app.kubernetes.io/name": "batch-runner"}


class AwsBatch(unittest.TestCase):
    def setUp(self):
        self.objects = rendered("aws-batch")

    def test_objects_fit_the_schemas(self):
        for found in self.objects:
            with self.subTest(object=called(found)):
                kubernetes_validate.validate(found, VERSION, strict=True)
                if found["kind"] != "Namespace":
                    self.assertEqual(found["metadata"]["namespace"], "aws-batch")

    def test_its_namespace_is_baseline_since_its_pods_cannot_say_more(self):
        (namespace,) = of_kind(self.objects, "Namespace")
        levels = {level for label, level in namespace["metadata"]["labels"].items() if label.startswith("pod-security")}
        self.assertEqual(levels, {"baseline"})

    def test_its_runners_have_no_token_of_kubernetes(self):
        (account,) = of_kind(self.objects, "ServiceAccount")
        self.assertEqual(account["metadata"]["name"], "batch-runner")
        self.assertIs(account["automountServiceAccountToken"], False)

    def test_it_is_closed_and_open_by_name(self):
        policies = {found["metadata"]["name"]: found["spec"] for found in of_kind(self.objects, "NetworkPolicy")}
        self.assertEqual(policies["default-deny"], {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]})
        self.assertEqual(set(policies), {"default-deny", "allow-dns", "batch-runner"})
        runner = policies["batch-runner"]
        self.assertEqual(runner["podSelector"]["matchLabels"], LABELS)
        for rule in runner["egress"]:
            for peer in rule["to"]:
                if peer["ipBlock"]["cidr"] == "0.0.0.0/0":
                    self.assertIn("169.254.0.0/16", peer["ipBlock"]["except"])

    def test_devices_are_found_on_its_nodes(self):
        """The plugin and what labels nodes for it bear the taint that AWS Batch gives to its nodes."""
        (operator,) = [found for found in rendered("apps") if found["metadata"]["name"] == "gpu-operator"]
        values = operator["spec"]["source"]["helm"]["valuesObject"]
        for tolerations in (values["daemonsets"]["tolerations"], values["node-feature-discovery"]["worker"]["tolerations"]):
            self.assertIn({"key": "batch.amazonaws.com/batch-node", "operator": "Exists"}, tolerations)


if __name__ == "__main__":
    unittest.main()
