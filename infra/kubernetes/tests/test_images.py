"""Dockerfiles, as far as they can be read without building them."""

import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import yaml

from rendered import ROOT, rendered

IMAGES = ROOT / "infra/images"
DOCKERFILES = sorted(IMAGES.glob("*.Dockerfile"))
ENGINES = dict(
    line.split() for line in (IMAGES / "engines.txt").read_text().splitlines() if line and not line.startswith("#")
)


def instructions(file):
    """Name and arguments of every instruction, continued lines joined."""
    text = re.sub(r"\\\n(\s*#.*\n)*", " ", file.read_text())
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [tuple(line.split(None, 1)) for line in lines]


class Images(unittest.TestCase):
    def test_there_are_some(self):
        self.assertEqual([f.name for f in DOCKERFILES], ["assay.Dockerfile", "batch-runner.Dockerfile", "timescaledb.Dockerfile"])

    def test_bases_have_versions(self):
        bases = [arguments.split()[0] for f in DOCKERFILES for name, arguments in instructions(f) if name == "FROM"]
        for base in [b for b in bases if not b.startswith("$")] + list(ENGINES.values()):
            self.assertRegex(base, r":[\w][\w.-]*(@sha256:[0-9a-f]{64})?$")
            self.assertNotIn(":latest", base)

    def test_what_is_fetched_and_run_is_held_against_a_sum_of_ours(self):
        file = IMAGES / "batch-runner.Dockerfile"
        (fetched,) = [a for name, a in instructions(file) if name == "RUN" and "rustup-init" in a]
        self.assertIn('echo "${RUSTUP_SHA256}  rustup-init" | sha256sum --check', fetched)
        self.assertLess(fetched.index("sha256sum"), fetched.index("./rustup-init"))
        (known,) = [a for name, a in instructions(file) if name == "ARG" and a.startswith("RUSTUP_SHA256=")]
        self.assertRegex(known, "=[0-9a-f]{64}$")

    def test_nobody_is_root_in_the_end(self):
        for file in DOCKERFILES:
            last = [arguments for name, arguments in instructions(file) if name in ("FROM", "USER")][-1]
            self.assertRegex(last, r"^[1-9]\d*(:[1-9]\d*)?$", file.name)

    def test_ours_are_built_in_a_stage_of_their_own(self):
        for name in ("assay", "batch-runner"):
            file = IMAGES / f"{name}.Dockerfile"
            stages = [arguments for instruction, arguments in instructions(file) if instruction == "FROM"]
            self.assertGreater(len(stages), 1, file.name)
            self.assertTrue(any("COPY" == n and "--from=build" in a for n, a in instructions(file)), file.name)

    def test_every_engine_of_ours_has_an_image(self):
        code = (ROOT / "crates/domain/src/framework.rs").read_text()
        names = set(re.findall(r'Self::\w+ => "([a-z.]+)"', code[: code.index("impl std::fmt::Display")]))
        self.assertEqual({name.replace(".", "-") for name in names}, set(ENGINES))

    def test_what_is_copied_is_let_in(self):
        let_in = (ROOT / ".dockerignore").read_text().splitlines()
        for member in ["Cargo.toml", "Cargo.lock", "rust-toolchain.toml", "crates", "functions", "cli", "batch-runner", "ui"]:
            self.assertIn(f"!{member}", let_in)
        members = re.search(r"members = \[(.*)\]", (ROOT / "Cargo.toml").read_text())[1]
        for member in re.findall(r'"([\w-]+)', members):
            self.assertIn(f"!{member}", let_in)

    def test_each_has_an_sbom_and_provenance(self):
        script = (IMAGES / "build.sh").read_text()
        self.assertIn("--sbom=true --provenance=mode=max", script)
        subprocess.run(["bash", "-n", IMAGES / "build.sh"], check=True)

    def test_what_is_built_is_called_as_the_overlays_call_it(self):
        """build.sh, with a docker that builds nothing and has a digest for every name."""
        with tempfile.TemporaryDirectory() as folder:
            shutil.copytree(IMAGES, Path(folder) / "infra/images")
            docker = Path(folder) / "bin/docker"
            docker.parent.mkdir()
            docker.write_text(
                """#!/bin/bash
case "$2 $3" in
"imagetools inspect") case "$6" in *Digest*) echo "sha256:$(echo "$4" | sha256sum | cut -d' ' -f1)" ;; *) echo {} ;; esac ;;
"inspect assay") test -e "$LOG.builder" ;;
"create --name") [ "$4 $6" = "assay docker-container" ] && ! test -e "$LOG.builder" && touch "$LOG.builder" ;;
"build --builder") [ "$4" = assay ] && test -e "$LOG.builder" && echo "$*" >> "$LOG" ;;
*) echo "what is $*?" >&2; exit 1 ;;
esac
"""
            )
            git = Path(folder) / "bin/git"
            git.write_text("#!/bin/bash\necho 0123456789ab\n")
            for program in (docker, git):
                program.chmod(0o755)
            log = Path(folder) / "log"
            environment = {"PATH": f"{docker.parent}:/usr/bin:/bin", "LOG": str(log)}
            for names in (["vllm", "simulated"], ["assay", "timescaledb"]):
                command = [Path(folder) / "infra/images/build.sh", "registry.example/assay", "0.2.0", *names]
                subprocess.run(command, env=environment, check=True, capture_output=True)
            written = yaml.safe_load((Path(folder) / "target/images/0.2.0/places.yaml").read_text())
            built = re.findall(r"--tag (\S+)", log.read_text())
        digest = lambda image: "sha256:" + hashlib.sha256(f"{image}\n".encode()).hexdigest()
        self.assertEqual(len(built), 4)
        registry = "registry.example/assay"
        self.assertEqual(written.pop("image"), f"{registry}/assay:0.2.0@" + digest(f"{registry}/assay:0.2.0"))
        database = written.pop("timescaledb-image")
        self.assertEqual(database, f"{registry}/timescaledb:17.6-0.2.0@" + digest(f"{registry}/timescaledb:17.6-0.2.0"))
        runners = {name: digest(f"{registry}/{name}:0.2.0") for name in ("batch-runner-simulated", "batch-runner-vllm")}
        self.assertEqual(json.loads(written.pop("runner-digests")), runners)
        self.assertEqual(written, {"runner-images": f"{registry}/", "runner-version": "0.2.0"})
        places = [f for f in rendered("overlays/production") if f["metadata"]["name"] == "places"]
        self.assertLessEqual({"image", "timescaledb-image", "runner-digests", *written}, set(places[0]["data"]))

    def test_they_have_one_name_here_in_the_stacks_and_for_the_dispatcher(self):
        self.assertIn('build "batch-runner-$name" "$version" batch-runner.Dockerfile', (IMAGES / "build.sh").read_text())
        stacks = (ROOT / "infra/lib/names.ts").read_text()
        self.assertIn("=> `${e.name}/batch-runner-${image}`", stacks)
        dispatcher = (ROOT / "crates/cloud/src/argo/workflow.rs").read_text()
        self.assertEqual(re.findall(r'"(batch-runner[^"]*)"', dispatcher), ["batch-runner-{}"])

    def test_overlays_name_what_the_stacks_make(self):
        for overlay, environment in {"staging": "trial", "production": "production"}.items():
            name = re.search(r'name: "([\w-]+)"', (ROOT / f"infra/config/{environment}.ts").read_text())[1]
            (places,) = [f["data"] for f in rendered(f"overlays/{overlay}") if f["metadata"]["name"] == "places"]
            registry = places["runner-images"]
            self.assertTrue(registry.endswith(f".amazonaws.com/{name}/"), registry)
            self.assertEqual(places["image"].partition(":")[0], f"{registry}assay")
            self.assertEqual(places["timescaledb-image"].partition(":")[0], f"{registry}timescaledb")
            self.assertEqual(places["ledger"], f"dynamodb://{name}-cluster-ledger")
            self.assertTrue(places["objects"].startswith(f"s3://{name}-cluster-objects-"), places["objects"])

    def test_checkov_finds_nothing(self):
        checkov = Path(sys.executable).with_name("checkov")
        command = [checkov, "--framework", "dockerfile", "--directory", IMAGES, "--compact", "--quiet", "--skip-download"]
        answer = subprocess.run(command, capture_output=True, text=True, check=False)
        self.assertEqual(answer.returncode, 0, answer.stdout)


if __name__ == "__main__":
    unittest.main()
