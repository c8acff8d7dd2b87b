/** A **bucket** of ours: under a key of ours, nobody else's, with versions, and logs of who asked for what. */

import { Duration, Stack } from "aws-cdk-lib";
import type * as kms from "aws-cdk-lib/aws-kms";
import * as s3 from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";

import type { Environment } from "../config/index.ts";
import { onDeletion } from "./keeping.ts";
import { bucketName } from "./names.ts";

export interface BucketProps {
  readonly environment: Environment;
  /** What is in it: a part of its name, and the folder of its logs. */
  readonly what: string;
  readonly key: kms.IKey;
  readonly accessLogs: s3.IBucket;
  readonly lifecycleRules: s3.LifecycleRule[];
}

/** A crashed upload in parts is paid for until somebody ends it. */
export const uploadsGo: s3.LifecycleRule = { id: "uploads-that-a-crash-left-go", abortIncompleteMultipartUploadAfter: Duration.days(2) };

/** What becomes of objects, as docs/aws.md has it. */
export const objectsGo: s3.LifecycleRule[] = [
  { id: "raw-records-go-after-90-days", tagFilters: { class: "raw" }, expiration: Duration.days(90) },
  { id: "what-was-replaced-goes-after-30-days", noncurrentVersionExpiration: Duration.days(30), expiredObjectDeleteMarker: true },
];

export function encryptedBucket(scope: Construct, id: string, { environment, what, key, accessLogs, lifecycleRules }: BucketProps): s3.Bucket {
  return new s3.Bucket(scope, id, {
    bucketName: bucketName(environment, what, Stack.of(scope).account),
    encryption: s3.BucketEncryption.KMS,
    encryptionKey: key,
    bucketKeyEnabled: true,
    blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
    objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
    enforceSSL: true,
    minimumTLSVersion: 1.2,
    versioned: true,
    serverAccessLogsBucket: accessLogs,
    serverAccessLogsPrefix: `${what}/`,
    removalPolicy: onDeletion(environment),
    lifecycleRules: [...lifecycleRules, uploadsGo],
  });
}
