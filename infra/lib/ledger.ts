/**
 * A **ledger** is a table of DynamoDB with the keys of crates/cloud. One host works on a ledger: the functions of AWS have theirs, and a
 * cluster has another, since each would take the jobs of the other for lost and submit them again.
 */

import { Stack } from "aws-cdk-lib";
import * as dynamodb from "aws-cdk-lib/aws-dynamodb";
import * as iam from "aws-cdk-lib/aws-iam";
import type * as kms from "aws-cdk-lib/aws-kms";
import type { Construct } from "constructs";

import type { Environment } from "../config/index.ts";
import { onDeletion } from "./keeping.ts";
import { LEDGER_KEY_ACTIONS } from "./permissions.ts";

export interface LedgerProps {
  readonly environment: Environment;
  readonly tableName: string;
  readonly key: kms.IKey;
}

export function ledgerTable(scope: Construct, id: string, { environment, tableName, key }: LedgerProps): dynamodb.TableV2 {
  return new dynamodb.TableV2(scope, id, {
    tableName,
    partitionKey: { name: "pk", type: dynamodb.AttributeType.STRING },
    sortKey: { name: "sk", type: dynamodb.AttributeType.STRING },
    timeToLiveAttribute: "expires_at",
    billing: dynamodb.Billing.onDemand(),
    encryption: dynamodb.TableEncryptionV2.customerManagedKey(key),
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    deletionProtection: environment.onDeletion === "keep",
    removalPolicy: onDeletion(environment),
  });
}

/** The use of its key that a caller of a ledger needs, through DynamoDB alone. */
export function ledgerKeyStatement(key: kms.IKey): iam.PolicyStatement {
  return new iam.PolicyStatement({
    sid: "LedgerKey",
    actions: LEDGER_KEY_ACTIONS,
    resources: [key.keyArn],
    conditions: { StringEquals: { "kms:ViaService": `dynamodb.${Stack.of(key).region}.amazonaws.com` } },
  });
}
