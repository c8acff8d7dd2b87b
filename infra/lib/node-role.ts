/** A **node role** is what a machine of the cluster may: join it, pull images, and give addresses to pods. */

import * as iam from "aws-cdk-lib/aws-iam";
import type { Construct } from "constructs";

import { explain } from "./explain.ts";

const POLICIES = ["AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly", "AmazonEKS_CNI_Policy"];

export function nodeRole(scope: Construct, id: string, what: string, roleName?: string): iam.Role {
  const role = new iam.Role(scope, id, {
    ...(roleName ? { roleName } : {}),
    description: `Assay: ${what}`,
    assumedBy: new iam.ServicePrincipal("ec2.amazonaws.com"),
    managedPolicies: POLICIES.map((policy) => iam.ManagedPolicy.fromAwsManagedPolicyName(policy)),
  });
  explain(
    role,
    Object.fromEntries(
      POLICIES.map((policy) => [
        `AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/${policy}]`,
        "what the agents of a node call is for AWS to say; a list of our own would break with their next version",
      ]),
    ),
  );
  return role;
}
