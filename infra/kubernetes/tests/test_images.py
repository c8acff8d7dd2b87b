"""Dockerfiles, as far as they can be read without building them."""

import re
import subprocess
import sys
import unittest
from pathlib import Path

from rendered import ROOT

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

    def test_checkov_finds_nothing(self):
        checkov = Path(sys.executable).with_name("checkov")
        command = [checkov, "--framework", "dockerfile", "--directory", IMAGES, "--compact", "--quiet", "--skip-download"]
        answer = subprocess.run(command, capture_output=True, text=True, check=False)
        self.assertEqual(answer.returncode, 0, answer.stdout)


if __name__ == "__main__":
    unittest.main()
