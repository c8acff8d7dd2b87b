/** What docs/operate.md and docs/kubernetes.md tell people to type works at the top of a clean clone. */

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { environments } from "../config/index.ts";

const root = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const documents = ["docs/operate.md", "docs/kubernetes.md"];

/** What make would run in a clone where nothing was installed or built. */
function planned(...words: string[]): string {
  const clone = mkdtempSync(join(tmpdir(), "assay-clone-"));
  try {
    cpSync(root("Makefile"), join(clone, "Makefile"));
    cpSync(root("infra/config"), join(clone, "infra/config"), { recursive: true });
    for (const folder of ["infra", "ui", "ui/src", "ui/public"]) mkdirSync(join(clone, folder), { recursive: true });
    for (const file of ["infra/package-lock.json", "ui/package-lock.json", "ui/index.html", "ui/vite.config.ts"]) cpSync(root(file), join(clone, file));
    // What `make test` was told is not meant for this one.
    const { MAKEFLAGS: _, MAKELEVEL: __, ENVIRONMENT: ___, LAMBDA_ARCH: ____, ...env } = process.env;
    return execFileSync("make", ["--no-print-directory", "-n", ...words], { cwd: clone, env, encoding: "utf8" });
  } finally {
    rmSync(clone, { recursive: true });
  }
}

/** As a shell takes them: words in single quotes are one. */
const words = (command: string) => [...command.matchAll(/(?:'[^']*'|[^\s'])+/g)].map(([word]) => word.replaceAll("'", ""));

test("documents call the CDK by make, which installs the pinned one before", () => {
  for (const document of documents) assert.doesNotMatch(readFileSync(root(document), "utf8"), /\bnpx\b/, document);
  const commands = planned("cdk", "ENVIRONMENT=production", "ARGS=deploy Cluster");
  const steps = [/install-deps\.sh page/, /cd infra && .* npm ci /, /npx --no -- cdk -c environment=production deploy Cluster$/m].map((step) => commands.search(step));
  assert.ok(steps.every((step) => step >= 0), commands);
  assert.deepEqual([...steps].sort((a, b) => a - b), steps, commands);
});

test("what documents tell to make can be made", () => {
  for (const document of documents) {
    const commands = [...readFileSync(root(document), "utf8").matchAll(/(?<=^ {4,}|`)make (?:'[^'\n]*'|[^`#'\n])+/gm)].map(([command]) => command.trim());
    assert.ok(commands.length > 0, document);
    for (const command of commands) {
      const [, ...rest] = words(command);
      assert.notEqual(planned(...rest), "", command);
    }
  }
});

test("functions are built for the processor of their environment", () => {
  for (const [name, { functions }] of Object.entries(environments)) {
    const wanted = functions.architecture === "arm64" ? "arm64" : "x86-64";
    assert.match(planned("deploy", `ENVIRONMENT=${name}`), new RegExp(`cargo lambda build --release --locked --${wanted} `), name);
  }
  assert.match(planned("functions", "LAMBDA_ARCH=arm64"), / --arm64 /);
});

test("the page goes to the environment that is named, also after other environments were deployed or tested", () => {
  const lines = (...goals: string[]) => planned(...goals).split("\n");
  const written = (environment: string) => /--outputs-file (\S+)/.exec(lines("deploy", `ENVIRONMENT=${environment}`).join(" "))![1];
  assert.notEqual(written("trial"), written("production"));
  for (const goal of ["deploy", "deploy-page"]) {
    const [page] = lines(goal, "ENVIRONMENT=production").filter((line) => line.startsWith("scripts/deploy-page.sh"));
    assert.equal(page, `scripts/deploy-page.sh production infra/${written("production")} ui/dist`, goal);
  }
  const removed = lines("aws-test").join("\n").match(/rm -rf \S+/g);
  assert.deepEqual(removed, ["rm -rf cdk.out"]);
  assert.ok(!written("trial")!.startsWith("cdk.out/"));
});

test("the script of the page reads the outputs that it is given, and says what makes those that are missing", () => {
  const folder = mkdtempSync(join(tmpdir(), "assay-page-"));
  try {
    const outputs = join(folder, "outputs.json");
    // Another AWS, which writes down what it is told.
    writeFileSync(join(folder, "aws"), `#!/bin/sh\necho "$@" >>${folder}/told\n`);
    chmodSync(join(folder, "aws"), 0o755);
    const script = () => spawnSync(root("scripts/deploy-page.sh"), ["trial", outputs, "ui/dist"], { env: { ...process.env, PATH: `${folder}:${process.env["PATH"]}` }, encoding: "utf8" });
    const missing = script();
    assert.equal(missing.status, 1);
    assert.match(missing.stderr, /outputs\.json is missing.*make deploy ENVIRONMENT=trial/);
    writeFileSync(outputs, JSON.stringify({ "assay-trial-data": {}, "assay-trial-api": { PageBucket: "bucket", DistributionId: "E1", Url: "https://page" } }));
    assert.equal(script().stdout, "the page is at https://page\n");
    assert.match(readFileSync(join(folder, "told"), "utf8"), /s3 sync ui\/dist s3:\/\/bucket .*\n.*s3:\/\/bucket\/index\.html.*\n.*--distribution-id E1 .*\n.*s3 sync .* --delete\n$/);
    assert.equal(readFileSync(join(folder, "told"), "utf8").match(/--delete/g)!.length, 1, "the page before goes on until the new one is there");
  } finally {
    rmSync(folder, { recursive: true });
  }
});
