/**
 * **Permissions** of a role follow from the calls that its program makes, which contracts/calls.json lists, found in its sources.
 * Nothing is allowed that is not in that list, and what AWS itself does in the role's name is said here.
 */

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import type { FunctionName } from "./names.ts";

export type Program = FunctionName | "batch-runner";

/** A call as the SDK names it, such as `dynamodb:PutItem`. */
export type Call = string;

export const CALLS: { readonly [program in Program]: readonly Call[] } = JSON.parse(
  readFileSync(fileURLToPath(new URL("../contracts/calls.json", import.meta.url)), "utf8"),
).programs;

/** What a call needs, where it is not the action of its name. */
const ACTIONS: { readonly [call: Call]: readonly string[] } = {
  // A missing object is told from a forbidden one only to those who may list, and we ask for objects that may be missing.
  "s3:GetObject": ["s3:GetObject", "s3:ListBucket"],
  "s3:HeadObject": ["s3:GetObject", "s3:ListBucket"],
  "s3:ListObjectsV2": ["s3:ListBucket"],
  // Every object has the tag of its class.
  "s3:PutObject": ["s3:PutObject", "s3:PutObjectTagging"],
  "s3:CreateMultipartUpload": ["s3:PutObject", "s3:PutObjectTagging"],
  "s3:UploadPart": ["s3:PutObject"],
  "s3:CompleteMultipartUpload": ["s3:PutObject"],
  "sqs:ChangeMessageVisibilityBatch": ["sqs:ChangeMessageVisibility"],
};

export const actionsOf = (calls: readonly Call[], service: string): string[] => {
  const actions = calls.filter((call) => call.startsWith(`${service}:`)).flatMap((call) => ACTIONS[call] ?? [call]);
  return [...new Set(actions)].sort();
};

/** What DynamoDB does with a table's key in the name of who calls it, beside decrypting and making data keys. */
export const LEDGER_KEY_ACTIONS = ["kms:DescribeKey", "kms:Encrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo"];

/** Services that a program calls. */
export const servicesOf = (program: Program): string[] => [...new Set(CALLS[program].map((call) => call.split(":")[0]!))].sort();
