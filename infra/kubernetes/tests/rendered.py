"""What a cluster would get: the overlays and the applications, rendered once by kustomize for all tests."""

import functools
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[3]
KUBERNETES = ROOT / "infra/kubernetes"
OVERLAYS = ["staging", "production"]
KUBECTL = os.environ.get("ASSAY_KUBECTL", "kubectl")


@functools.cache
def rendered(folder):
    """The objects of a folder of infra/kubernetes; those of an overlay with its namespaces, an application of their own."""
    before = rendered(f"{folder}/namespaces") if (KUBERNETES / folder / "namespaces").is_dir() else []
    return before + built(KUBERNETES / folder)


@functools.cache
def restored():
    """Production when its database is restored as docs/kubernetes.md says."""
    steps = (ROOT / "docs/kubernetes.md").read_text().split("## Back up and restore")[1].split("\n## ")[0]
    of_overlay, of_places = (yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", steps, re.DOTALL))
    production = KUBERNETES / "overlays/production"
    with tempfile.TemporaryDirectory() as folder:
        written = Path(folder).resolve() / "overlay"
        shutil.copytree(production, written)
        changed = yaml.safe_load((written / "kustomization.yaml").read_text())
        for key in ("components", "patches"):
            changed[key] += of_overlay.pop(key)
        assert not of_overlay
        for key in ("resources", "components"):
            outside = lambda path: os.path.relpath((production / path).resolve(), written) if path.startswith("../") else path
            changed[key] = [outside(path) for path in changed[key]]
        (written / "kustomization.yaml").write_text(yaml.safe_dump(changed))
        places = yaml.safe_load((written / "places.yaml").read_text())
        places["data"].update(of_places)
        (written / "places.yaml").write_text(yaml.safe_dump(places))
        return built(written)


def built(folder):
    answer = subprocess.run([KUBECTL, "kustomize", str(folder)], capture_output=True, text=True, check=False)
    if answer.returncode != 0:
        raise AssertionError(f"{folder} does not render: {answer.stderr}")
    return [found for found in yaml.safe_load_all(answer.stdout) if found]


def installed(overlay):
    """Everything of an installation: ours, and the applications."""
    root = yaml.safe_load((KUBERNETES / "argocd/root.yaml").read_text())
    return rendered(f"overlays/{overlay}") + rendered("apps") + [root]


def of_kind(objects, *kinds):
    return [found for found in objects if found["kind"] in kinds]


def called(found):
    """An object as a person would call it."""
    place = found["metadata"].get("namespace", "cluster")
    return f"{found['kind']} {place}/{found['metadata']['name']}"


def pods(objects):
    """Every pod that would be made of our own: its name, its namespace, its labels and its spec. A template of Argo is one
    too, with what its workflow says of all of its pods."""
    for found in of_kind(objects, "Deployment", "StatefulSet", "DaemonSet", "Job"):
        template = found["spec"]["template"]
        yield called(found), found["metadata"]["namespace"], template["metadata"]["labels"], template["spec"]
    for found in of_kind(objects, "WorkflowTemplate", "CronWorkflow"):
        workflow = workflow_of(found)
        labels = workflow["podMetadata"]["labels"]
        for template in workflow["templates"]:
            if "container" not in template:
                continue
            spec = {
                "securityContext": template.get("securityContext", workflow.get("securityContext")),
                "serviceAccountName": template.get("serviceAccountName", workflow.get("serviceAccountName")),
                "priorityClassName": workflow.get("podPriorityClassName"),
                "containers": [{"name": "main", **template["container"]}],
                "volumes": template.get("volumes", []) + workflow.get("volumes", []),
            }
            yield f"{called(found)} template {template['name']}", found["metadata"]["namespace"], labels, spec


def workflow_of(found):
    """The spec of a workflow, whichever kind has it."""
    return found["spec"]["workflowSpec"] if found["kind"] == "CronWorkflow" else found["spec"]


def documented_variables():
    """The variables of docs/configuration.md."""
    text = (ROOT / "docs/configuration.md").read_text()
    return set(re.findall(r"`([A-Z][A-Z0-9_]+)`", text))
