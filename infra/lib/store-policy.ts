/**
 * The **store policy** lets runners of AWS Batch in the cluster reach the results store. It is a manifest, which is applied before the
 * stacks are made, and so cannot be told what infra/config says: what differs is refused here.
 */

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import type { Environment } from "../config/environment.ts";

const FILE = "infra/kubernetes/aws-batch/network-policies.yaml";

/** A range of addresses, whatever it leaves out, and the one port that is open there. */
const RULE = /cidr: (\S+)\n(?: +except: .*\n)? +ports:\n +- \{port: (\d+), protocol: TCP\}/;

export function checkStorePolicy({ name, store }: Environment, text = readFileSync(fileURLToPath(new URL(`../../${FILE}`, import.meta.url)), "utf8")): void {
  const rules = text.split(/^ {2}name: batch-runner$/m)[1] ?? "";
  const [, cidr, port] = RULE.exec(rules) ?? [];
  if (cidr !== store.cidr || port !== `${store.port}`) {
    throw new Error(
      `${name}: the results store is at ${store.cidr}, port ${store.port}, and ${FILE} lets runners reach ${cidr}, port ${port}; change its first rule and apply it`,
    );
  }
}
