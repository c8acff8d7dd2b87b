"""A **definition** is what an operator says of a kind of its own: which fields it has, of which types. Here they are read, made
into schemas that refuse every unknown field, and reduced to what we use of them."""

import yaml
from jsonschema import Draft7Validator

# `=` is a value in the definitions of Prometheus, and no more a special one than any other.
yaml.SafeLoader.yaml_implicit_resolvers.pop("=", None)
# What a schema says of a value, beside what is in it. Descriptions and defaults are left with their authors.
KEPT = (
    "type enum pattern required nullable minimum maximum minLength maxLength minItems maxItems minProperties maxProperties anyOf"
    " oneOf allOf not x-kubernetes-int-or-string x-kubernetes-preserve-unknown-fields"
).split()


def kind_of(found):
    return f"{found['apiVersion']} {found['kind']}"


def objects_in(text):
    for found in yaml.safe_load_all(text):
        if found:
            yield from found["items"] if found["kind"].endswith("List") else [found]


def schemas_in(text):
    """The schema of every kind that is defined in a text, by group, version and kind."""
    for found in objects_in(text):
        if found["kind"] == "CustomResourceDefinition":
            spec = found["spec"]
            for version in spec["versions"]:
                yield f"{spec['group']}/{version['name']} {spec['names']['kind']}", version["schema"]["openAPIV3Schema"]


def reduced(schema, values):
    """What a schema says of these values: the fields that one of them has, and no others."""
    made = {key: schema[key] for key in KEPT if key in schema}
    if isinstance(schema.get("properties"), dict):
        made["properties"] = {}
        for name in sorted(schema["properties"]):
            inner = [value[name] for value in values if isinstance(value, dict) and name in value]
            if inner:
                made["properties"][name] = reduced(schema["properties"][name], inner)
    if isinstance(schema.get("additionalProperties"), dict):
        inner = [value for of_one in values if isinstance(of_one, dict) for value in of_one.values()]
        made["additionalProperties"] = reduced(schema["additionalProperties"], inner)
    if isinstance(schema.get("items"), dict):
        inner = [value for of_one in values if isinstance(of_one, list) for value in of_one]
        made["items"] = reduced(schema["items"], inner)
    return made


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


def validator_of(schema):
    schema = closed(schema)
    of_every = {"apiVersion": {"type": "string"}, "kind": {"type": "string"}, "metadata": {"type": "object"}}
    return Draft7Validator({**schema, "properties": {**schema["properties"], **of_every}})


def faults_of(validator, found):
    """What is wrong with an object, and where in it."""
    return [f"{'/'.join(map(str, e.absolute_path))}: {e.message}" for e in validator.iter_errors(found)]
