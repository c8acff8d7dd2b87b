/**
 * **Programs** of ours, run outside of Lambda: what their role allows follows from what they call (permissions.ts), on the
 * ledger, the objects and the keys of hosted models.
 */

import { ArnFormat, Stack } from "aws-cdk-lib";
import type * as dynamodb from "aws-cdk-lib/aws-dynamodb";
import * as iam from "aws-cdk-lib/aws-iam";
import type * as kms from "aws-cdk-lib/aws-kms";

import type { Environment } from "../config/index.ts";
import { explainWildcards } from "./explain.ts";
import { ledgerKeyStatement } from "./ledger.ts";
import { secretName } from "./names.ts";
import { CALLS, actionsOf, type Call, type Program } from "./permissions.ts";

/** Where programs keep what they know: those of AWS in one place, those of the cluster in another. */
export interface Places {
  readonly ledger: dynamodb.TableV2;
  /** The name of their bucket. */
  readonly objects: string;
  /** What both are encrypted with. */
  readonly key: kms.Key;
}

/** Allows a role what these programs call of the ledger and the objects. Who publishes events and submits jobs is on Lambda. */
export function allowPrograms(role: iam.Role, programs: readonly Program[], places: Places): void {
  const stack = Stack.of(role);
  const calls: Call[] = [...new Set(programs.flatMap((program) => CALLS[program]))];
  const allow = (sid: string, actions: string[], resources: string[]) => {
    if (actions.length > 0) role.addToPolicy(new iam.PolicyStatement({ sid, actions, resources }));
  };
  const objects = stack.formatArn({ service: "s3", region: "", account: "", resource: places.objects });
  const s3 = actionsOf(calls, "s3");
  allow("Ledger", actionsOf(calls, "dynamodb"), [places.ledger.tableArn]);
  role.addToPolicy(ledgerKeyStatement(places.key));
  allow("Objects", s3.filter((action) => action !== "s3:ListBucket"), [`${objects}/*`]);
  allow("Bucket", s3.filter((action) => action === "s3:ListBucket"), [objects]);
  explainWildcards(role, [`${objects}/*`], "the keys of objects are made of the ids of campaigns");
  allow("Key", ["kms:Decrypt", "kms:GenerateDataKey"], [places.key.keyArn]);
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
