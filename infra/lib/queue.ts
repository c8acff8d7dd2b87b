/**
 * A **queue** of AWS Batch, and the machines that it starts: of one instance type, spot or on demand, on ECS or as nodes of the
 * cluster.
 */

import * as batch from "aws-cdk-lib/aws-batch";
import * as ec2 from "aws-cdk-lib/aws-ec2";
import type * as iam from "aws-cdk-lib/aws-iam";
import type { Construct } from "constructs";

import type { Environment } from "../config/index.ts";
import { endOfWaiting } from "./jobs.ts";
import { instanceType, machines, type Machine } from "./machines.ts";
import { queueName, type Capacity } from "./names.ts";
import type { Network } from "./network.ts";

export interface QueueProps {
  readonly environment: Environment;
  readonly network: Network;
  readonly machine: Machine;
  /** Most machines at once. */
  readonly most: number;
  readonly capacity: Capacity;
  readonly securityGroup: ec2.ISecurityGroup;
  readonly profile: iam.CfnInstanceProfile;
  readonly template: ec2.CfnLaunchTemplate;
  /** The cluster that machines join; left out, they are AWS Batch's own. */
  readonly eks?: batch.CfnComputeEnvironment.EksConfigurationProperty;
}

/** A queue, by its name. */
export function queueOf(scope: Construct, props: QueueProps): [string, batch.CfnJobQueue] {
  const { environment, network, machine, most, capacity, template, eks } = props;
  const spot = capacity === "spot";
  const { accelerator, vcpus } = machines[machine];
  const image = `${eks ? "EKS" : "ECS"}_AL2023`;
  const hosts = new batch.CfnComputeEnvironment(scope, `Hosts-${machine}-${capacity}`, {
    type: "MANAGED",
    state: "ENABLED",
    // The role that AWS Batch makes for itself in every account.
    replaceComputeEnvironment: false,
    updatePolicy: { terminateJobsOnUpdate: false, jobExecutionTimeoutMinutes: 60 },
    ...(eks ? { eksConfiguration: eks } : {}),
    computeResources: {
      type: spot ? "SPOT" : "EC2",
      allocationStrategy: spot ? "SPOT_PRICE_CAPACITY_OPTIMIZED" : "BEST_FIT_PROGRESSIVE",
      minvCpus: 0,
      maxvCpus: most * vcpus,
      instanceTypes: [instanceType(machine)],
      subnets: network.vpc.selectSubnets({ subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS }).subnetIds,
      securityGroupIds: [props.securityGroup.securityGroupId],
      instanceRole: props.profile.attrArn,
      launchTemplate: { launchTemplateId: template.ref, version: template.attrLatestVersionNumber },
      ec2Configuration: [{ imageType: accelerator === "cpu" ? image : `${image}_NVIDIA` }],
      updateToLatestImageVersion: true,
      tags: { "assay:environment": environment.name, "assay:accelerator": accelerator, Name: `${environment.name}-${machine}${eks ? "-eks" : ""}` },
    },
  });
  const name = queueName(environment, machine, capacity, eks ? "eks" : "ecs");
  const queue = new batch.CfnJobQueue(scope, `Queue-${machine}-${capacity}`, {
    jobQueueName: name,
    priority: 1,
    state: "ENABLED",
    computeEnvironmentOrder: [{ order: 1, computeEnvironment: hosts.attrComputeEnvironmentArn }],
    jobStateTimeLimitActions: endOfWaiting(capacity),
  });
  return [name, queue];
}
