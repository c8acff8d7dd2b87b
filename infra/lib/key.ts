/** A **key** of AWS KMS of a stack's own, which rotates, and which CloudWatch Logs may use for the groups of the stack. */

import { Stack } from "aws-cdk-lib";
import * as iam from "aws-cdk-lib/aws-iam";
import * as kms from "aws-cdk-lib/aws-kms";
import type { Construct } from "constructs";

import type { Environment } from "../config/index.ts";
import { onDeletion } from "./keeping.ts";

export function encryptionKey(scope: Construct, id: string, environment: Environment, what: string): kms.Key {
  const { region, account, partition } = Stack.of(scope);
  const key = new kms.Key(scope, id, {
    description: `${environment.name}: ${what}`,
    enableKeyRotation: true,
    removalPolicy: onDeletion(environment),
  });
  key.addToResourcePolicy(
    new iam.PolicyStatement({
      sid: "Logs",
      principals: [new iam.ServicePrincipal(`logs.${region}.amazonaws.com`)],
      actions: ["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"],
      resources: ["*"],
      conditions: { ArnLike: { "kms:EncryptionContext:aws:logs:arn": `arn:${partition}:logs:${region}:${account}:log-group:*` } },
    }),
  );
  return key;
}
