/**
 * The **cluster** on EKS that infra/kubernetes is installed into, and AWS Batch may have jobs in: control plane, nodes for operators,
 * add-ons, who may what at AWS (by service account), a ledger, objects and backups of its own, and repositories of the images that run there alone.
 * Nodes for everything else are Karpenter's.
 */

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { ArnFormat, CfnOutput, Duration, Stack, Tags, type StackProps } from "aws-cdk-lib";
import * as ec2 from "aws-cdk-lib/aws-ec2";
import * as eks from "aws-cdk-lib/aws-eks";
import * as iam from "aws-cdk-lib/aws-iam";
import type * as kms from "aws-cdk-lib/aws-kms";
import * as logs from "aws-cdk-lib/aws-logs";
import * as s3 from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";

import type { Environment } from "../config/index.ts";
import { encryptedBucket, objectsGo } from "./bucket.ts";
import type { Data } from "./data.ts";
import { explain, explainWildcards } from "./explain.ts";
import { Karpenter } from "./karpenter.ts";
import { onDeletion, retention } from "./keeping.ts";
import { encryptionKey } from "./key.ts";
import { ledgerTable } from "./ledger.ts";
import { CONTROL_PLANE, DISCOVERY, FUNCTIONS, RUNNER, bucketName, clusterRepositoryName, clusterTableName } from "./names.ts";
import type { Network } from "./network.ts";
import { nodeRole } from "./node-role.ts";
import { podRole } from "./pod-role.ts";
import { allowPrograms, allowRunner, type Places } from "./programs.ts";
import { repositoryOf } from "./repository.ts";

type ClusterConfig = NonNullable<Environment["cluster"]>;

/** What the controller of load balancers may (infra/kubernetes/components/ingress). */
const LOAD_BALANCER_POLICY = fileURLToPath(new URL("../node_modules/aws-cdk-lib/aws-eks-v2/lib/addons/alb-iam_policy-v3.2.2.json", import.meta.url));

/** All that the control plane can tell. */
const LOGS = ["api", "audit", "authenticator", "controllerManager", "scheduler"];

export interface ClusterProps extends StackProps {
  readonly environment: Environment;
  readonly config: ClusterConfig;
  readonly network: Network;
  readonly data: Data;
}

export class Cluster extends Stack {
  /** As manifests and commands call it. */
  readonly name: string;
  readonly arn: string;
  /** Nodes that Karpenter and AWS Batch add. */
  readonly nodes: ec2.SecurityGroup;
  /** For the nodes that AWS Batch adds; Karpenter makes its own. */
  readonly nodeProfile: iam.CfnInstanceProfile;

  private readonly environmentConfig: Environment;
  private readonly data: Data;

  constructor(scope: Construct, id: string, { environment, config, network, data, ...props }: ClusterProps) {
    super(scope, id, props);
    this.environmentConfig = environment;
    this.data = data;
    this.name = config.name;
    const key = encryptionKey(this, "Key", environment, "secrets of Kubernetes and the log of its control plane");
    const subnets = network.vpc.selectSubnets({ subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS });
    const own = network.vpc.selectSubnets({ subnetGroupName: CONTROL_PLANE });
    const cluster = this.controlPlane(config, key, own.subnetIds);
    this.arn = cluster.attrArn;
    this.nodes = this.groupOfNodes(cluster, network);
    const first = this.addOns(cluster, ["vpc-cni", "kube-proxy", "eks-pod-identity-agent"]);
    const operators = this.operators(cluster, config, subnets.subnetIds);
    for (const addOn of first) operators.addResourceDependency(addOn);
    for (const addOn of this.addOns(cluster, ["coredns", "aws-ebs-csi-driver"])) addOn.addResourceDependency(operators);
    for (const [index, administrator] of config.administrators.entries()) {
      new eks.CfnAccessEntry(this, `Administrator-${index}`, {
        clusterName: cluster.ref,
        principalArn: administrator,
        accessPolicies: [{ policyArn: `arn:${this.partition}:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy`, accessScope: { type: "cluster" } }],
      });
    }
    const karpenter = new Karpenter(this, cluster, config.name);
    this.nodeProfile = new iam.CfnInstanceProfile(this, "NodeProfile", { roles: [karpenter.nodeRole.roleName] });
    this.identities(cluster, this.places(), this.backups());
    for (const image of ["assay", "timescaledb"] as const) repositoryOf(this, image, clusterRepositoryName(environment, image), environment, data.key);
    new CfnOutput(this, "Kubeconfig", { value: `aws eks update-kubeconfig --region ${this.region} --name ${config.name}` });
  }

  private controlPlane(config: ClusterConfig, key: kms.Key, subnetIds: string[]): eks.CfnCluster {
    const role = new iam.Role(this, "Role", {
      description: "Assay: the control plane of EKS",
      assumedBy: new iam.ServicePrincipal("eks.amazonaws.com", { conditions: { StringEquals: { "aws:SourceAccount": this.account } } }),
      managedPolicies: [iam.ManagedPolicy.fromAwsManagedPolicyName("AmazonEKSClusterPolicy")],
    });
    role.addToPolicy(new iam.PolicyStatement({ sid: "Key", actions: ["kms:CreateGrant", "kms:Decrypt", "kms:DescribeKey", "kms:Encrypt"], resources: [key.keyArn] }));
    explain(role, {
      "AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/AmazonEKSClusterPolicy]":
        "what the control plane calls is for AWS to say; a list of our own would break with its next version",
    });
    const log = new logs.LogGroup(this, "Log", {
      // EKS writes to a group of this name, and would make one that keeps everything for ever.
      logGroupName: `/aws/eks/${config.name}/cluster`,
      encryptionKey: key,
      retention: retention(this.environmentConfig),
      removalPolicy: onDeletion(this.environmentConfig),
    });
    const cluster = new eks.CfnCluster(this, "Cluster", {
      name: config.name,
      version: config.version,
      roleArn: role.roleArn,
      resourcesVpcConfig: {
        subnetIds,
        endpointPrivateAccess: true,
        endpointPublicAccess: config.apiFrom.length > 0,
        ...(config.apiFrom.length > 0 ? { publicAccessCidrs: [...config.apiFrom] } : {}),
      },
      // Who deploys may nothing in it; administrators are named.
      accessConfig: { authenticationMode: "API", bootstrapClusterCreatorAdminPermissions: false },
      // They are add-ons, below.
      bootstrapSelfManagedAddons: false,
      encryptionConfig: [{ provider: { keyArn: key.keyArn }, resources: ["secrets"] }],
      logging: { clusterLogging: { enabledTypes: LOGS.map((type) => ({ type })) } },
      // At the end of standard support it is upgraded, and does not cost six times as much.
      upgradePolicy: { supportType: "STANDARD" },
      deletionProtection: this.environmentConfig.onDeletion === "keep",
    });
    cluster.node.addDependency(log, role);
    explain(cluster, { "CloudFormation-Validate::W9009": "what is encrypted is said, as AWS documents it; EKS takes nothing but `secrets` there" });
    if (config.apiFrom.length > 0) {
      explain(cluster, { "AwsSolutions-EKS1": "people reach it from the addresses of `cluster.apiFrom` alone; leave them out, and it is reached from the network" });
    }
    return cluster;
  }

  /** They reach each other, the control plane and AWS. Pods are held closer, by network policies. */
  private groupOfNodes(cluster: eks.CfnCluster, network: Network): ec2.SecurityGroup {
    const nodes = new ec2.SecurityGroup(this, "Nodes", { vpc: network.vpc, description: "nodes of the cluster", allowAllOutbound: false });
    Tags.of(nodes).add(DISCOVERY, this.name);
    // The controller of load balancers opens the group with this tag, which EKS gives to its own.
    Tags.of(nodes).add(`kubernetes.io/cluster/${this.name}`, "owned");
    const controlPlane = ec2.SecurityGroup.fromSecurityGroupId(this, "ControlPlane", cluster.attrClusterSecurityGroupId);
    const { cidr } = this.environmentConfig.network;
    const { store } = this.environmentConfig;
    nodes.addIngressRule(nodes, ec2.Port.allTraffic(), "pods of each other");
    nodes.addIngressRule(controlPlane, ec2.Port.allTraffic(), "the control plane, and the nodes of the operators");
    controlPlane.addIngressRule(nodes, ec2.Port.allTraffic(), "nodes of Karpenter and AWS Batch");
    nodes.addEgressRule(ec2.Peer.ipv4(cidr), ec2.Port.allTraffic(), "the network");
    nodes.addEgressRule(ec2.Peer.anyIpv4(), ec2.Port.tcp(443), "HTTPS to AWS, registries, hubs of weights and hosted models");
    nodes.addEgressRule(store.cidr === "0.0.0.0/0" ? ec2.Peer.anyIpv4() : ec2.Peer.ipv4(store.cidr), ec2.Port.tcp(store.port), "the results store");
    return nodes;
  }

  /** Machines for what has to be there before Karpenter makes any: itself and the other operators. */
  private operators(cluster: eks.CfnCluster, { nodes }: ClusterConfig, subnets: string[]): eks.CfnNodegroup {
    const template = new ec2.CfnLaunchTemplate(this, "Operator", {
      launchTemplateData: {
        // One hop: pods do not reach the metadata of the instance.
        metadataOptions: { httpTokens: "required", httpPutResponseHopLimit: 1, httpEndpoint: "enabled" },
        blockDeviceMappings: [{ deviceName: "/dev/xvda", ebs: { encrypted: true, volumeType: "gp3", volumeSize: 50, deleteOnTermination: true } }],
        tagSpecifications: [{ resourceType: "instance", tags: [{ key: "assay:environment", value: this.environmentConfig.name }, { key: "Name", value: `${this.name}-operators` }] }],
      },
    });
    return new eks.CfnNodegroup(this, "Operators", {
      clusterName: cluster.ref,
      nodegroupName: "operators",
      nodeRole: nodeRole(this, "OperatorRole", "nodes of the operators").roleArn,
      subnets,
      amiType: "AL2023_x86_64_STANDARD",
      instanceTypes: [...nodes.instanceTypes],
      launchTemplate: { id: template.ref, version: template.attrLatestVersionNumber },
      scalingConfig: { minSize: nodes.count, desiredSize: nodes.count, maxSize: nodes.count + 1 },
      updateConfig: { maxUnavailable: 1 },
      labels: { "assay/nodes": "operators" },
    });
  }

  /** At the version that EKS has as the default for the cluster's. */
  private addOns(cluster: eks.CfnCluster, names: readonly string[]): eks.CfnAddon[] {
    return names.map((name) => {
      const storage = name === "aws-ebs-csi-driver";
      return new eks.CfnAddon(this, `AddOn-${name}`, {
        addonName: name,
        clusterName: cluster.ref,
        resolveConflicts: "OVERWRITE",
        ...(name === "vpc-cni" ? { configurationValues: JSON.stringify({ enableNetworkPolicy: "true" }) } : {}),
        ...(storage ? { podIdentityAssociations: [{ serviceAccount: "ebs-csi-controller-sa", roleArn: this.storageRole().roleArn }] } : {}),
      });
    });
  }

  private storageRole(): iam.Role {
    const role = podRole(this, "StorageRole", { name: `${this.name}-storage-${this.region}`, what: "the driver of EBS", namespace: "kube-system", serviceAccount: "ebs-csi-controller-sa" });
    const policy = "AmazonEBSCSIDriverPolicyV2";
    role.addManagedPolicy(iam.ManagedPolicy.fromAwsManagedPolicyName(policy));
    explain(role, {
      [`AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/${policy}]`]: "what the driver calls is for AWS to say; it is held to volumes that the driver made",
    });
    return role;
  }

  /** Who the service accounts of infra/kubernetes are at AWS: docs/kubernetes.md has the same in words. */
  private identities(cluster: eks.CfnCluster, places: Places, backups: s3.Bucket): void {
    const environment = this.environmentConfig;
    const identity = (namespace: string, serviceAccount: string, what: string): iam.Role => {
      const role = podRole(this, `Role-${namespace}-${serviceAccount}`, { name: `${this.name}-${namespace}-${serviceAccount}-${this.region}`, what, namespace, serviceAccount });
      new eks.CfnPodIdentityAssociation(this, `Identity-${namespace}-${serviceAccount}`, { clusterName: cluster.ref, namespace, serviceAccount, roleArn: role.roleArn });
      return role;
    };
    allowPrograms(identity("model-catalog", "assay", "`assay up`, which hosts all functions"), FUNCTIONS, places);
    const stages = FUNCTIONS.filter((name) => name !== "serve-api" && name !== "ingest-results");
    allowPrograms(identity("gpu-workloads", "assay-stage", "stages of campaigns"), stages, places);
    const runner = identity("gpu-workloads", RUNNER, "the runner, in workflows");
    allowPrograms(runner, ["batch-runner"], places);
    allowRunner(runner, environment);

    this.allowLoadBalancers(identity("platform", "aws-load-balancer-controller", "the controller of load balancers"));

    const results = identity("data-storage", "results", "the results store's backups");
    const everything = backups.arnForObjects("*");
    results.addToPolicy(
      new iam.PolicyStatement({ sid: "Backups", actions: ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject"], resources: [everything] }),
    );
    results.addToPolicy(new iam.PolicyStatement({ sid: "Bucket", actions: ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"], resources: [backups.bucketArn] }));
    results.addToPolicy(new iam.PolicyStatement({ sid: "Key", actions: ["kms:Decrypt", "kms:GenerateDataKey"], resources: [this.data.key.keyArn] }));
    explain(results, { [`AwsSolutions-IAM5[Resource::<${this.getLogicalId(backups.node.defaultChild as s3.CfnBucket)}.Arn>/*]`]: "the archive names the segments of the database's log by their place in it" });

    const secrets = identity("platform", "external-secrets", "External Secrets");
    const named = this.formatArn({ service: "secretsmanager", resource: "secret", resourceName: `${this.name}/*`, arnFormat: ArnFormat.COLON_RESOURCE_NAME });
    secrets.addToPolicy(new iam.PolicyStatement({ sid: "Secrets", actions: ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"], resources: [named] }));
    explainWildcards(secrets, [named], "the manifests name secrets under this folder, and Secrets Manager ends their ARNs by chance");
  }

  /** As its documentation has it, in the newest version that comes with the CDK. */
  private allowLoadBalancers(role: iam.Role): void {
    const { Statement: statements } = JSON.parse(readFileSync(LOAD_BALANCER_POLICY, "utf8")) as { Statement: { Resource: string | string[] }[] };
    for (const statement of statements) role.addToPolicy(iam.PolicyStatement.fromJson(statement));
    const wildcards = statements.flatMap((statement) => statement.Resource).filter((resource) => resource.includes("*"));
    explainWildcards(role, [...new Set(wildcards)], "load balancers have no ARN before they are made: the conditions hold them to the controller's tags");
  }

  /**
   * A ledger and objects of its own, beside those of AWS' functions: both hosts would do the work of each other's campaigns and write
   * over each other's plans, reports and catalogue. Nobody is told of uploads: `assay up` is asked over HTTP.
   */
  private places(): Places {
    const { environmentConfig: environment, data } = this;
    const ledger = ledgerTable(this, "Ledger", { environment, tableName: clusterTableName(environment), key: data.key });
    const objects = bucketName(environment, "cluster-objects", this.account);
    encryptedBucket(this, "Objects", {
      environment,
      what: "cluster-objects",
      key: data.key,
      accessLogs: data.accessLogs,
      lifecycleRules: [...objectsGo, { id: "logs-of-workflows-go-after-90-days", prefix: "logs/", expiration: Duration.days(90) }],
    });
    new CfnOutput(this, "LedgerAddress", { value: `dynamodb://${ledger.tableName}`, description: "`ledger` in the places.yaml of the overlay" });
    new CfnOutput(this, "ObjectsAddress", { value: `s3://${objects}`, description: "`objects` in the places.yaml of the overlay" });
    return { ledger, objects, key: data.key };
  }

  /** Of the results store: base backups and its log. */
  private backups(): s3.Bucket {
    return encryptedBucket(this, "Backups", {
      environment: this.environmentConfig,
      what: "backups",
      key: this.data.key,
      accessLogs: this.data.accessLogs,
      lifecycleRules: [
        { id: "what-was-deleted-goes-after-30-days", noncurrentVersionExpiration: Duration.days(30), expiredObjectDeleteMarker: true },
      ],
    });
  }
}
