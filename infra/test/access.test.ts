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

const SERVE_API = { Properties: { FunctionName: "assay-trial-serve-api" } };

function made(authoriser: Environment["api"]["authoriser"]) {
  const trial = environments["trial"]!;
  const environment: Environment = { ...trial, api: { ...trial.api, authoriser } };
  const folder = mkdtempSync(join(tmpdir(), "assay-access-"));
  try {
    const { api, functions } = installation(new App({ outdir: folder }), environment);
    return { api: Template.fromStack(api), functions: Template.fromStack(functions) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function variablesOf(functions: Template): Record<string, string> {
  const [found] = Object.values(functions.findResources("AWS::Lambda::Function", SERVE_API)) as { Properties: { Environment: { Variables: Record<string, string> } } }[];
  return found!.Properties.Environment.Variables;
}

test("keys are handed to serve-api, which checks them where API Gateway does not", () => {
  const { api, functions } = made({ kind: "keys", hashed: "ci read HASH" });
  const variables = variablesOf(functions);
  assert.equal(variables["ASSAY_API_KEYS"], "ci read HASH");
  assert.equal(variables["ASSAY_ACCESS"], undefined, "nobody before serve-api checks");
  const routes = Object.values(api.findResources("AWS::ApiGatewayV2::Route"));
  assert.ok(routes.every((route) => route["Properties"].AuthorizationType === "NONE"));
});

test("serve-api is told that askers were checked before where API Gateway lets nobody through without IAM", () => {
  const { api, functions } = made({ kind: "iam" });
  assert.equal(variablesOf(functions)["ASSAY_ACCESS"], "checked-before");
  const routes = Object.values(api.findResources("AWS::ApiGatewayV2::Route"));
  const open = routes.filter((route) => route["Properties"].AuthorizationType !== "AWS_IAM").map((route) => route["Properties"].RouteKey);
  assert.deepEqual(open.sort(), ["GET /healthz", "GET /openapi.json"]);
});

test("tokens are checked by serve-api as well, so that it need not be told", () => {
  const jwt = { kind: "jwt", issuer: "https://login.example.com", audience: "assay", jwks: "https://login.example.com/keys" } as const;
  const variables = variablesOf(made(jwt).functions);
  assert.equal(variables["ASSAY_JWKS"], jwt.jwks);
  assert.equal(variables["ASSAY_ACCESS"], undefined);
});

test("without a key nothing is made", () => {
  assert.throws(() => made({ kind: "keys", hashed: " " }), /has no keys; make one with `assay key new`/);
});
