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

/** A function as it is told by a queue: one in an invocation, or many. */
export type ToldName = FunctionName | `${FunctionName}-alone`;
export const functionOf = (name: ToldName) => name.replace(/-alone$/, "");
export const aloneName = (name: FunctionName): ToldName => `${name}-alone`;

/** Who publishes on our bus. */
export const SOURCE = "assay";

export const tableName = (e: Environment) => `${e.name}-ledger`;
/** Of the cluster, which is a host of its own. */
export const clusterTableName = (e: Environment) => `${e.name}-cluster-ledger`;
/** Buckets have one name in all accounts of AWS, so that the account is in it. */
export const bucketName = (e: Environment, what: string, account: string) => `${e.name}-${what}-${account}`;
export const busName = (e: Environment) => `${e.name}-events`;
/** Its end is what track-progress knows it by (functions/track-progress/src/spent.rs). */
export const spentTopicName = (e: Environment) => `${e.name}-spent`;
export const functionName = (e: Environment, name: FunctionName) => `${e.name}-${name}`;
/** The queue by which a function is told. */
export const toldName = (e: Environment, name: ToldName) => `${e.name}-${name}`;
export const secretName = (e: Environment, name: string) => `${e.name}/${name}`;

export type Capacity = "spot" | "on-demand";

/** A dot may not be in names of AWS Batch. */
const dashed = (name: string) => name.replaceAll(".", "-");

/** What jobs of AWS Batch run on, as crates/cloud/src/batch/home.rs has it. */
export type Home = "ecs" | "eks";

export const queueName = (e: Environment, machine: Machine | "{instance}", capacity: Capacity, home: Home = "ecs") =>
  `${e.name}-${dashed(machine)}-${home === "eks" ? "eks-" : ""}${capacity}`;

/** A job definition on ECS: `engine` may be `simulated`, or `hosted` where none is started. */
export const definitionName = (e: Environment, engine: string, machine: Machine | "{instance}") => `${e.name}-${dashed(engine)}-${dashed(machine)}`;

/** One on EKS, where a submission cannot say how many of the machine's GPUs a job has. */
export const podDefinitionName = (e: Environment, engine: string, hardware: string, machine: Machine | "{instance}") =>
  `${e.name}-${dashed(engine)}-${hardware}-${dashed(machine)}-eks`;

/** The image of infra/images/engines.txt that has an engine: where none is started, the one with the bundled engine does. */
export const imageOf = (engine: string) => (engine === "hosted" ? "simulated" : dashed(engine));
export const repositoryName = (e: Environment, image: string) => `${e.name}/batch-runner-${image}`;
/** Of an image that runs in the cluster alone. */
export const clusterRepositoryName = (e: Environment, image: "assay" | "timescaledb") => `${e.name}/${image}`;

export const homeOf = (e: Environment): Home => (e.cluster?.batch === "home" ? "eks" : "ecs");

/** What every function that submits or ends jobs is told of AWS Batch. */
export const dispatcherAddress = (e: Environment, home: Home = homeOf(e)) => {
  const definition = home === "eks" ? podDefinitionName(e, "{engine}", "{hardware}", "{instance}") : definitionName(e, "{engine}", "{instance}");
  return (
    `${home === "eks" ? "batch-eks" : "batch"}://${definition}` +
    `?spot=${queueName(e, "{instance}", "spot", home)}&on-demand=${queueName(e, "{instance}", "on-demand", home)}` +
    `&instances=${Object.keys(e.compute.machines).join(",")}&engines=${e.compute.engines.join(",")}`
  );
};

/** Where AWS Batch has its pods in a cluster, and who they are there: infra/kubernetes/aws-batch. */
export const BATCH_NAMESPACE = "aws-batch";
export const RUNNER = "batch-runner";

/** What infra/kubernetes calls by name, with the name of the cluster. */
export const karpenterQueueName = (cluster: string) => `${cluster}-karpenter`;
export const karpenterNodeRoleName = (cluster: string) => `${cluster}-karpenter-node`;
/** By which Karpenter finds subnets and the security group of nodes. */
export const DISCOVERY = "karpenter.sh/discovery";

/** The subnets of the cluster's control plane, in which nothing else is. */
export const CONTROL_PLANE = "control-plane";
