/** **Jobs** of AWS Batch: what is the same wherever they run, or nearly so. */

import type * as batch from "aws-cdk-lib/aws-batch";
import type * as ec2 from "aws-cdk-lib/aws-ec2";

import type { Environment } from "../config/environment.ts";
import type { Accelerator, Machine } from "./machines.ts";
import type { Capacity, Home } from "./names.ts";

/** What there are job definitions for on a machine: the simulated engine and hosted models need a processor, engines any GPU. */
export const enginesOn = (environment: Environment, machine: Machine): readonly string[] =>
  machine === "cpu" ? ["simulated", "hosted"] : environment.compute.engines;

/** An image, and its digest where it is known, which goes with every result. */
export interface Image {
  readonly name: string;
  readonly digest: string | undefined;
}

/** The exit code of a runner that was told to stop (crates/store/src/ports/dispatcher.rs). */
const INTERRUPTED = 75;

/** Retries of a job that is submitted by hand; the dispatcher sends the same (crates/cloud/src/batch/submission.rs). */
export function retries(home: Home): batch.CfnJobDefinition.RetryStrategyProperty {
  const anyReason: batch.CfnJobDefinition.EvaluateOnExitProperty = { action: "EXIT", onReason: "*" };
  return {
    attempts: 5,
    evaluateOnExit: [
      { action: "RETRY", onStatusReason: "Host EC2*" },
      { action: "RETRY", onStatusReason: "Task failed to start*" },
      { action: "RETRY", onExitCode: `${INTERRUPTED}` },
      ...(home === "ecs" ? [anyReason] : []),
      { action: "EXIT", onExitCode: "*" },
    ],
  };
}

/**
 * Jobs that cannot get a machine do not wait for ever. On spot it is looked for once more on demand (crates/cloud/src/batch/report.rs);
 * on demand the batch fails and says so. AWS looks at the job at the head of a queue, so that the time runs for one after the other.
 */
const WAIT_S: { readonly [capacity in Capacity]: number } = { spot: 15 * 60, "on-demand": 2 * 60 * 60 };

/** What AWS Batch can find in the way of a job, and end it for. The last two are mistakes of ours. */
const STUCK = ["CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY", "MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE", "MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT"];

export const endOfWaiting = (capacity: Capacity): batch.CfnJobQueue.JobStateTimeLimitActionProperty[] =>
  STUCK.map((reason) => ({ action: "CANCEL", state: "RUNNABLE", reason, maxTimeSeconds: WAIT_S[capacity] }));

/** Weights of the largest models take 400 GB, and an engine's image 15. */
export const DISK_GIB = { cpu: 100, l4: 250, "a100-80gb": 1000, h100: 1000 } as const;

/** AWS Batch tags the machine and not its disk, which the budget counts by the same tag. */
export const diskTags = (e: Environment): ec2.CfnLaunchTemplate.TagSpecificationProperty[] => [
  { resourceType: "volume", tags: [{ key: "assay:environment", value: e.name }] },
];

/** What weights are loaded at, MiB/s and operations a second; what gp3 has beyond 125 and 3,000 costs. */
const FOR_WEIGHTS = { throughput: 500, iops: 4000 };

/** The disk of a machine; on one without a GPU no weights are loaded. */
export const disk = (accelerator: Accelerator): ec2.CfnLaunchTemplate.BlockDeviceMappingProperty => ({
  deviceName: "/dev/xvda",
  ebs: { encrypted: true, volumeType: "gp3", volumeSize: DISK_GIB[accelerator], ...(accelerator === "cpu" ? {} : FOR_WEIGHTS), deleteOnTermination: true },
});

/** What the processes of an engine exchange goes through memory. */
export const sharedMemoryMib = (gpus: number): number => Math.max(1, gpus) * 2048;
