/**
 * **Programs** of ours, run outside of Lambda: what their role allows follows from what they call (permissions.ts), on the
 * ledger, the objects and the keys of hosted models.
 */

import { ArnFormat, Stack } from "aws-cdk-lib";
import * as iam from "aws-cdk-lib/aws-iam";

import type { Environment } from "../config/index.ts";
import type { Data } from "./data.ts";
import { explainWildcards } from "./explain.ts";
import { bucketName, secretName } from "./names.ts";
import { CALLS, actionsOf, type Call, type Program } from "./permissions.ts";

/** Allows a role what these programs call of the ledger and the objects. Who publishes events and submits jobs is on Lambda. */
export function allowPrograms(role: iam.Role, programs: readonly Program[], environment: Environment, data: Data): void {
  const stack = Stack.of(role);
  const calls: Call[] = [...new Set(programs.flatMap((program) => CALLS[program]))];
  const allow = (sid: string, actions: string[], resources: string[]) => {
    if (actions.length > 0) role.addToPolicy(new iam.PolicyStatement({ sid, actions, resources }));
  };
  const objects = stack.formatArn({ service: "s3", region: "", account: "", resource: bucketName(environment, "objects", stack.account) });
  const s3 = actionsOf(calls, "s3");
  allow("Ledger", actionsOf(calls, "dynamodb"), [data.ledger.tableArn]);
  role.addToPolicy(data.ledgerKeyStatement());
  allow("Objects", s3.filter((action) => action !== "s3:ListBucket"), [`${objects}/*`]);
  allow("Bucket", s3.filter((action) => action === "s3:ListBucket"), [objects]);
  explainWildcards(role, [`${objects}/*`], "the keys of objects are made of the ids of campaigns");
  allow("Key", ["kms:Decrypt", "kms:GenerateDataKey"], [data.key.keyArn]);
}

/** Allows the role of a runner what it needs beside: keys of hosted models, and weights of buckets. */
export function allowRunner(role: iam.Role, environment: Environment): void {
  const stack = Stack.of(role);
  const allow = (sid: string, actions: string[], resources: string[]) => role.addToPolicy(new iam.PolicyStatement({ sid, actions, resources }));
  const hosted = stack.formatArn({ service: "secretsmanager", resource: "secret", resourceName: `${secretName(environment, "hosted")}/*`, arnFormat: ArnFormat.COLON_RESOURCE_NAME });
  allow("KeysOfHostedModels", actionsOf(CALLS["batch-runner"], "secretsmanager"), [hosted]);
  explainWildcards(role, [hosted], "a spec names the secret with the key of its hosted models, under this folder");
  for (const bucket of environment.compute.weightBuckets) {
    allow(`Weights${bucket.replace(/\W/g, "")}`, ["s3:GetObject"], [`arn:${stack.partition}:s3:::${bucket}/*`]);
    explainWildcards(role, [`arn:${stack.partition}:s3:::${bucket}/*`], "a folder of weights has as many files as its publisher made");
    allow(`List${bucket.replace(/\W/g, "")}`, ["s3:ListBucket"], [`arn:${stack.partition}:s3:::${bucket}`]);
  }
}
