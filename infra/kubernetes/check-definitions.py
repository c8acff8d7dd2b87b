"""Holds custom resources against the definitions of their kinds, with every unknown field refused: what the API server would do
by `kubectl apply --dry-run=server` with strict validation, where there is no API server.

    kubectl get crd -o yaml > definitions.yaml
    kubectl kustomize overlays/production > rendered.yaml
    python check-definitions.py --definitions definitions.yaml --objects rendered.yaml

Definitions come from a cluster, or from the charts at the versions that apps/ pins. Do this when a version changes; the tests
have tests/schemas.yaml instead, since definitions are large and of others.
"""

import argparse
import sys

import yaml
from jsonschema import Draft7Validator

# `=` is a value in the definitions of Prometheus, and no more a special one than any other.
yaml.SafeLoader.yaml_implicit_resolvers.pop("=", None)


def objects_of(files):
    for file in files:
        with open(file, encoding="utf-8") as text:
            for found in yaml.safe_load_all(text):
                if found:
                    yield from found["items"] if found["kind"].endswith("List") else [found]


def closed(schema):
    """A schema of a definition as JSON Schema, in which an object has no fields but those that are named."""
    if isinstance(schema, list):
        return [closed(inner) for inner in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: value if key in ("enum", "default", "example") else closed(value) for key, value in schema.items()}
    keeps_unknown = made.get("x-kubernetes-preserve-unknown-fields")
    if isinstance(made.get("properties"), dict) and not keeps_unknown and "additionalProperties" not in made:
        made["additionalProperties"] = False
    if made.get("x-kubernetes-int-or-string"):
        made.pop("type", None)
        made.pop("pattern", None)
    if made.get("nullable") and "type" in made:
        made["type"] = [made["type"], "null"]
    made.pop("format", None)
    return made


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--definitions", nargs="+", required=True)
    arguments.add_argument("--objects", nargs="+", required=True)
    told = arguments.parse_args()
    schemas = {}
    for found in objects_of(told.definitions):
        if found["kind"] == "CustomResourceDefinition":
            spec = found["spec"]
            for version in spec["versions"]:
                kind = f"{spec['group']}/{version['name']} {spec['names']['kind']}"
                schema = closed(version["schema"]["openAPIV3Schema"])
                schema.setdefault("properties", {})["metadata"] = {"type": "object"}
                schemas[kind] = Draft7Validator(schema)
    checked = wrong = 0
    for found in objects_of(told.objects):
        validator = schemas.get(f"{found['apiVersion']} {found['kind']}")
        if validator is None:
            continue
        checked += 1
        for error in validator.iter_errors(found):
            wrong += 1
            place = "/".join(map(str, error.absolute_path))
            print(f"{found['kind']} {found['metadata']['name']}: {place}: {error.message}")
    print(f"{checked} objects, {wrong} faults")
    sys.exit(1 if wrong or not checked else 0)


if __name__ == "__main__":
    main()
