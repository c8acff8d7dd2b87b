"""Holds our custom resources against the definitions of their kinds, with every unknown field refused: what the API server would do
by `kubectl apply --dry-run=server` with strict validation, where there is no API server.

    python check-definitions.py --clones FOLDER           of definitions.txt, found in FOLDER/OWNER/NAME, clones with their tags
    python check-definitions.py --cluster crds.yaml       of a cluster: kubectl get crd -o yaml > crds.yaml

With --clones, tests/schemas.yaml is written anew: what the definitions say of the fields that we use. Tests hold our resources
against that, so that a new field, or a new version of a chart, begins here. The Python is that of `make kubernetes-test`.
"""

import argparse
import subprocess
import sys
from pathlib import Path

import yaml

FOLDER = Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER / "tests"))

from definitions import faults_of, kind_of, reduced, schemas_in, validator_of  # noqa: E402
from rendered import OVERLAYS, installed, restored  # noqa: E402

MADE = """# What the definitions of operators say of the fields that we use, by kind. Made by ../check-definitions.py of definitions.txt; nothing
# is written here by hand. A field that is missing here is a typing error, or a new one: make this file again.
"""


def of_clones(clones):
    """Every schema of definitions.txt, and where it is from."""
    for line in (FOLDER / "definitions.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            _, _, repository, tag, file = line.split()
            command = ["git", "-C", str(clones / repository), "show", f"{tag}:{file}"]
            text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
            for kind, schema in schemas_in(text):
                yield kind, schema, f"{repository} {tag}"


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    which = arguments.add_mutually_exclusive_group(required=True)
    which.add_argument("--clones", type=Path)
    which.add_argument("--cluster", type=Path, nargs="+")
    told = arguments.parse_args()
    if told.clones:
        known = {kind: (schema, origin) for kind, schema, origin in of_clones(told.clones)}
    else:
        known = {kind: (schema, str(file)) for file in told.cluster for kind, schema in schemas_in(file.read_text())}
    used = {}
    for found in [*(found for overlay in OVERLAYS for found in installed(overlay)), *restored()]:
        used.setdefault(kind_of(found), []).append(found)
    faults = [
        f"{found['kind']} {found['metadata']['name']}: {fault}"
        for kind in sorted(used.keys() & known.keys())
        for found in used[kind]
        for fault in faults_of(validator_of(known[kind][0]), found)
    ]
    print("\n".join([*faults, f"{len(used.keys() & known.keys())} kinds, {len(faults)} faults"]))
    if faults or not used.keys() & known.keys():
        sys.exit(1)
    if told.clones:
        schemas = {}
        for kind in sorted(used.keys() & known.keys()):
            schema, origin = known[kind]
            own = {k: v for k, v in schema["properties"].items() if k not in ("apiVersion", "kind", "metadata")}
            schemas[kind] = {"from": origin, "schema": reduced({**schema, "properties": own}, used[kind])}
        text = yaml.safe_dump(schemas, width=130, default_flow_style=None)
        (FOLDER / "tests/schemas.yaml").write_text(MADE + text)


if __name__ == "__main__":
    main()
