/**
 * A **pod role** is what the pods of one service account may at AWS, by EKS Pod Identity: nobody else takes it, since the tags of
 * its sessions, which EKS sets, have to name that account.
 */

import * as iam from "aws-cdk-lib/aws-iam";
import type { Construct } from "constructs";

export interface PodRoleProps {
  readonly name: string;
  readonly what: string;
  readonly namespace: string;
  readonly serviceAccount: string;
}

export function podRole(scope: Construct, id: string, { name, what, namespace, serviceAccount }: PodRoleProps): iam.Role {
  const conditions = {
    StringEquals: { "aws:RequestTag/kubernetes-namespace": namespace, "aws:RequestTag/kubernetes-service-account": serviceAccount },
  };
  return new iam.Role(scope, id, {
    roleName: name,
    description: `Assay: ${what}`,
    assumedBy: new iam.ServicePrincipal("pods.eks.amazonaws.com", { conditions }).withSessionTags(),
  });
}
