/** Nobody deploys an API that is open to everybody by leaving something out. */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { App } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";

import { environments, type Environment } from "../config/index.ts";
import { installation } from "../lib/installation.ts";

function made(hashed: string) {
  const trial = environments["trial"]!;
  const environment: Environment = { ...trial, api: { ...trial.api, authoriser: { kind: "keys", hashed } } };
  const folder = mkdtempSync(join(tmpdir(), "assay-access-"));
  try {
    const { api, functions } = installation(new App({ outdir: folder }), environment);
    return { api: Template.fromStack(api), functions: Template.fromStack(functions) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("keys are handed to serve-api, which checks them where API Gateway does not", () => {
  const { api, functions } = made("ci read HASH");
  const asked = functions.findResources("AWS::Lambda::Function", { Properties: { FunctionName: "assay-trial-serve-api" } });
  const [found] = Object.values(asked) as { Properties: { Environment: { Variables: Record<string, string> } } }[];
  assert.equal(found!.Properties.Environment.Variables["ASSAY_API_KEYS"], "ci read HASH");
  const routes = Object.values(api.findResources("AWS::ApiGatewayV2::Route"));
  assert.ok(routes.every((route) => route["Properties"].AuthorizationType === "NONE"));
});

test("without a key nothing is made", () => {
  assert.throws(() => made(" "), /has no keys; make one with `assay key new`/);
});
