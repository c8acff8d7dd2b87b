/** **Names** that the code and the deployment have in common, and addresses made of them as docs/configuration.md has them. */

import type { Environment } from "../config/environment.ts";
import type { Machine } from "./machines.ts";

/** What runs; each is a package of the same name in functions/. */
export const FUNCTIONS = [
  "trigger-campaign",
  "generate-matrix",
  "split-batches",
  "track-progress",
  "publish-catalog",
  "ingest-results",
  "serve-api",
] as const;
export type FunctionName = (typeof FUNCTIONS)[number];

/** Who publishes on our bus. */
export const SOURCE = "assay";

export const tableName = (e: Environment) => `${e.name}-ledger`;
/** Buckets have one name in all accounts of AWS, so that the account is in it. */
export const bucketName = (e: Environment, what: string, account: string) => `${e.name}-${what}-${account}`;
export const busName = (e: Environment) => `${e.name}-events`;
export const functionName = (e: Environment, name: FunctionName) => `${e.name}-${name}`;
export const secretName = (e: Environment, name: string) => `${e.name}/${name}`;

export type Capacity = "spot" | "on-demand";
/** A dot may not be in names of AWS Batch. */
const dashed = (name: string) => name.replaceAll(".", "-");

export const queueName = (e: Environment, machine: Machine | "{instance}", capacity: Capacity) => `${e.name}-${dashed(machine)}-${capacity}`;

/** A job definition: `engine` may be `simulated`, or `hosted` where none is started. */
export const definitionName = (e: Environment, engine: string, machine: Machine | "{instance}") => `${e.name}-${dashed(engine)}-${dashed(machine)}`;

/** The image of infra/images/engines.txt that has an engine: where none is started, the one with the bundled engine does. */
export const imageOf = (engine: string) => (engine === "hosted" ? "simulated" : dashed(engine));
export const repositoryName = (e: Environment, image: string) => `${e.name}/batch-runner-${image}`;

/** What every function that submits or ends jobs is told of AWS Batch. */
export const dispatcherAddress = (e: Environment) =>
  `batch://${definitionName(e, "{engine}", "{instance}")}` +
  `?spot=${queueName(e, "{instance}", "spot")}&on-demand=${queueName(e, "{instance}", "on-demand")}` +
  `&instances=${Object.keys(e.compute.machines).join(",")}&engines=${e.compute.engines.join(",")}`;
