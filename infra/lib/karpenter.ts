/**
 * **Karpenter** adds nodes to the cluster when pods need them (infra/kubernetes/base/gpu-nodes). Here is what it needs at AWS, as its
 * documentation for 1.14 has it: the role of its nodes, a queue of EC2's notices, and what the controller may. Left out of that:
 * zonal shifts, which the cluster does not use, and SSM on nodes, to which nobody logs in.
 */

import { Duration, Stack } from "aws-cdk-lib";
import * as eks from "aws-cdk-lib/aws-eks";
import * as events from "aws-cdk-lib/aws-events";
import * as targets from "aws-cdk-lib/aws-events-targets";
import * as iam from "aws-cdk-lib/aws-iam";
import * as sqs from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";

import { explain, explainWildcards } from "./explain.ts";
import { karpenterNodeRoleName, karpenterQueueName } from "./names.ts";
import { nodeRole } from "./node-role.ts";
import { podRole } from "./pod-role.ts";

/** What EC2 and Health tell that may end a node. */
const NOTICES: { readonly [id: string]: { readonly source: string; readonly detailType: string } } = {
  Health: { source: "aws.health", detailType: "AWS Health Event" },
  SpotInterruption: { source: "aws.ec2", detailType: "EC2 Spot Instance Interruption Warning" },
  Rebalance: { source: "aws.ec2", detailType: "EC2 Instance Rebalance Recommendation" },
  StateChange: { source: "aws.ec2", detailType: "EC2 Instance State-change Notification" },
  Reservation: { source: "aws.ec2", detailType: "EC2 Capacity Reservation Instance Interruption Warning" },
};

export class Karpenter extends Construct {
  readonly nodeRole: iam.Role;

  constructor(scope: Construct, cluster: eks.CfnCluster, name: string) {
    super(scope, "Karpenter");
    this.nodeRole = nodeRole(this, "NodeRole", "nodes that Karpenter and AWS Batch add", karpenterNodeRoleName(name));
    new eks.CfnAccessEntry(this, "Nodes", { clusterName: cluster.ref, principalArn: this.nodeRole.roleArn, type: "EC2_LINUX" });
    const queue = this.notices(name);
    const role = podRole(this, "Role", {
      name: `${name}-karpenter-controller-${Stack.of(this).region}`,
      what: "Karpenter",
      namespace: "kube-system",
      serviceAccount: "karpenter",
    });
    this.allow(role, name, queue);
    new eks.CfnPodIdentityAssociation(this, "Identity", {
      clusterName: cluster.ref,
      namespace: "kube-system",
      serviceAccount: "karpenter",
      roleArn: role.roleArn,
    });
  }

  private notices(name: string): sqs.Queue {
    const queue = new sqs.Queue(this, "Notices", {
      queueName: karpenterQueueName(name),
      encryption: sqs.QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      // A notice of an instance that is gone is of no use.
      retentionPeriod: Duration.minutes(5),
    });
    explain(queue, { "AwsSolutions-SQS3": "a notice that was not read in time is about a node that is gone; nobody would do anything with it" });
    // What it holds is public knowledge within the account; EventBridge and Karpenter would need the use of a key of ours.
    const resource = queue.node.defaultChild as sqs.CfnQueue;
    resource.addMetadata("checkov", { skip: [{ id: "CKV_AWS_27", comment: "it is encrypted with a key of SQS, as Karpenter's documentation has it" }] });
    for (const [id, { source, detailType }] of Object.entries(NOTICES)) {
      new events.Rule(this, id, {
        description: `${detailType} for Karpenter`,
        eventPattern: { source: [source], detailType: [detailType] },
        targets: [new targets.SqsQueue(queue)],
      });
    }
    return queue;
  }

  /** In three policies, since one may have 6,144 characters. */
  private allow(role: iam.Role, name: string, queue: sqs.Queue): void {
    const { region, partition } = Stack.of(this);
    const policy = (id: string, description: string, statements: iam.PolicyStatement[], resources: readonly string[]) => {
      const made = new iam.ManagedPolicy(this, id, { description: `Assay: Karpenter, ${description}`, statements, roles: [role] });
      explainWildcards(made, resources, "nodes have no ARN before they are made: the tags of the conditions hold them to this cluster");
    };
    const allow = (sid: string, actions: string[], resources: string[], conditions?: object) =>
      new iam.PolicyStatement({ sid, actions, resources, ...(conditions ? { conditions: conditions as Record<string, unknown> } : {}) });
    const ec2 = (kinds: readonly string[]) => kinds.map((kind) => `arn:${partition}:ec2:${region}:*:${kind}/*`);
    const ofAmazon = (kinds: readonly string[]) => kinds.map((kind) => `arn:${partition}:ec2:${region}::${kind}/*`);
    const owned = (of: "RequestTag" | "ResourceTag") => ({ [`aws:${of}/kubernetes.io/cluster/${name}`]: "owned" });
    const named = { "aws:RequestTag/eks:eks-cluster-name": name };
    const pool = (of: "RequestTag" | "ResourceTag") => ({ [`aws:${of}/karpenter.sh/nodepool`]: "*" });
    const nodeClass = (of: "RequestTag" | "ResourceTag") => ({ [`aws:${of}/karpenter.k8s.aws/ec2nodeclass`]: "*" });
    const zone = (of: "RequestTag" | "ResourceTag") => ({ [`aws:${of}/topology.kubernetes.io/region`]: region });

    const used = [...ofAmazon(["image", "snapshot"]), ...ec2(["security-group", "subnet", "capacity-reservation", "placement-group"])];
    const templates = ec2(["launch-template"]);
    const made = ec2(["fleet", "instance", "volume", "network-interface", "launch-template", "spot-instances-request"]);
    policy(
      "Lifecycle",
      "nodes",
      [
        allow("UseImagesAndNetwork", ["ec2:RunInstances", "ec2:CreateFleet"], used),
        allow("UseOwnTemplates", ["ec2:RunInstances", "ec2:CreateFleet"], templates, { StringEquals: owned("ResourceTag"), StringLike: pool("ResourceTag") }),
        allow("MakeNodes", ["ec2:RunInstances", "ec2:CreateFleet", "ec2:CreateLaunchTemplate"], made, {
          StringEquals: { ...owned("RequestTag"), ...named },
          StringLike: pool("RequestTag"),
        }),
        allow("TagWhatIsMade", ["ec2:CreateTags"], made, {
          StringEquals: { ...owned("RequestTag"), ...named, "ec2:CreateAction": ["RunInstances", "CreateFleet", "CreateLaunchTemplate"] },
          StringLike: pool("RequestTag"),
        }),
        allow("NameNodes", ["ec2:CreateTags"], ec2(["instance"]), {
          StringEquals: owned("ResourceTag"),
          StringLike: pool("ResourceTag"),
          StringEqualsIfExists: named,
          "ForAllValues:StringEquals": { "aws:TagKeys": ["eks:eks-cluster-name", "karpenter.sh/nodeclaim", "Name"] },
        }),
        allow("EndNodes", ["ec2:TerminateInstances", "ec2:DeleteLaunchTemplate"], ec2(["instance", "launch-template"]), {
          StringEquals: owned("ResourceTag"),
          StringLike: pool("ResourceTag"),
        }),
      ],
      [...new Set([...used, ...templates, ...made])],
    );

    const profiles = Stack.of(this).formatArn({ service: "iam", region: "", resource: "instance-profile", resourceName: "*" });
    policy(
      "Profiles",
      "instance profiles",
      [
        allow("PassNodeRole", ["iam:PassRole"], [this.nodeRole.roleArn], { StringEquals: { "iam:PassedToService": "ec2.amazonaws.com" } }),
        allow("MakeProfiles", ["iam:CreateInstanceProfile"], [profiles], {
          StringEquals: { ...owned("RequestTag"), ...named, ...zone("RequestTag") },
          StringLike: nodeClass("RequestTag"),
        }),
        allow("TagProfiles", ["iam:TagInstanceProfile"], [profiles], {
          StringEquals: { ...owned("ResourceTag"), ...zone("ResourceTag"), ...owned("RequestTag"), ...named, ...zone("RequestTag") },
          StringLike: { ...nodeClass("ResourceTag"), ...nodeClass("RequestTag") },
        }),
        allow("ChangeProfiles", ["iam:AddRoleToInstanceProfile", "iam:RemoveRoleFromInstanceProfile", "iam:DeleteInstanceProfile"], [profiles], {
          StringEquals: { ...owned("ResourceTag"), ...zone("ResourceTag") },
          StringLike: nodeClass("ResourceTag"),
        }),
        allow("SeeProfiles", ["iam:GetInstanceProfile"], [profiles]),
      ],
      [profiles],
    );

    const parameters = `arn:${partition}:ssm:${region}::parameter/aws/service/*`;
    policy(
      "Discovery",
      "what there is",
      [
        allow("SeeMachines", DESCRIBING.map((what) => `ec2:Describe${what}`), ["*"], { StringEquals: { "aws:RequestedRegion": region } }),
        allow("SeeImages", ["ssm:GetParameter"], [parameters]),
        allow("SeePrices", ["pricing:GetProducts"], ["*"]),
        allow("ListProfiles", ["iam:ListInstanceProfiles"], ["*"]),
        allow("SeeCluster", ["eks:DescribeCluster"], [Stack.of(this).formatArn({ service: "eks", resource: "cluster", resourceName: name })]),
        allow("Notices", ["sqs:DeleteMessage", "sqs:GetQueueUrl", "sqs:ReceiveMessage"], [queue.queueArn]),
      ],
      ["*", parameters],
    );
  }
}

const DESCRIBING = [
  "CapacityReservations",
  "Images",
  "Instances",
  "InstanceStatus",
  "InstanceTypeOfferings",
  "InstanceTypes",
  "LaunchTemplates",
  "PlacementGroups",
  "SecurityGroups",
  "SpotPriceHistory",
  "Subnets",
];
