"""The database is restored as docs/kubernetes.md says: its blocks are put into the overlay, which is rendered."""

import re
import unittest

from definitions import faults_of, kind_of, validator_of
from rendered import ROOT, called, of_kind, rendered, restored
from test_manifests import SCHEMAS


class Restore(unittest.TestCase):
    def setUp(self):
        self.objects = restored()
        (self.cluster,) = of_kind(self.objects, "Cluster")
        (self.before,) = of_kind(rendered("overlays/production"), "Cluster")
        (places,) = [f for f in self.objects if f["metadata"]["name"] == "places"]
        self.places = places["data"]

    def test_nothing_else_changes(self):
        """So every policy, role, secret and address is that of the database before."""
        other = lambda objects: {called(f): f for f in objects if f["metadata"]["name"] != "places" and f["kind"] not in ("Cluster", "Namespace")}
        before = {name: f for name, f in other(rendered("overlays/production")).items() if name in other(self.objects)}
        self.assertEqual(other(self.objects), before)
        self.assertEqual(called(self.cluster), called(self.before))
        for field in self.before["spec"].keys() - {"bootstrap", "plugins"}:
            self.assertEqual(self.cluster["spec"][field], self.before["spec"][field], field)

    def test_it_is_made_of_the_archive_and_archives_elsewhere(self):
        spec = self.cluster["spec"]
        self.assertEqual(list(spec["bootstrap"]), ["recovery"])
        recovery = spec["bootstrap"]["recovery"]
        (source,) = spec["externalClusters"]
        (archiver,) = spec["plugins"]
        self.assertEqual(recovery["source"], source["name"])
        self.assertEqual(source["plugin"]["name"], archiver["name"])
        self.assertEqual(source["plugin"]["parameters"], self.before["spec"]["plugins"][0]["parameters"])
        self.assertEqual(archiver["parameters"]["serverName"], self.places["archive"])
        self.assertNotEqual(self.places["archive"], self.places["restore-from"], "an archive that is not empty is refused")
        self.assertRegex(recovery["recoveryTarget"]["targetTime"], r"Z$", "in which zone is said")

    def test_database_and_owner_are_those_that_were(self):
        made = self.before["spec"]["bootstrap"]["initdb"]
        recovery = self.cluster["spec"]["bootstrap"]["recovery"]
        self.assertEqual({key: recovery[key] for key in ("database", "owner", "secret")}, {key: made[key] for key in ("database", "owner", "secret")})

    def test_it_fits_its_definition(self):
        self.assertEqual(faults_of(validator_of(SCHEMAS[kind_of(self.cluster)]["schema"]), self.cluster), [])

    def test_its_role_is_for_its_service_account(self):
        """CloudNativePG names the account of its pods by the cluster."""
        identities = (ROOT / "infra/lib/cluster.ts").read_text()
        place, name = self.cluster["metadata"]["namespace"], self.cluster["metadata"]["name"]
        self.assertRegex(identities, rf'identity\("{place}", "{name}"')
        for policy in of_kind(rendered("overlays/production"), "NetworkPolicy"):
            for named in re.findall(r"'cnpg.io/cluster': '([^']*)'", str(policy)):
                self.assertEqual(named, name, called(policy))


if __name__ == "__main__":
    unittest.main()
