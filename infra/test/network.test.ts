/** Zones are those that are named, since large machines are not in all. */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { App } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";

import { environments, type Environment } from "../config/index.ts";
import { installation } from "../lib/installation.ts";

test("subnets are in the zones that are named", () => {
  const production = environments["production"]!;
  const zones = ["us-east-1b", "us-east-1d"];
  const environment: Environment = { ...production, network: { ...production.network, zones, natGateways: 2 } };
  const folder = mkdtempSync(join(tmpdir(), "assay-network-"));
  try {
    const { network } = installation(new App({ outdir: folder }), environment);
    const subnets = Object.values(Template.fromStack(network).findResources("AWS::EC2::Subnet"));
    const found = subnets.map((subnet) => subnet["Properties"].AvailabilityZone as string);
    assert.deepEqual([...new Set(found)].sort(), zones);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
