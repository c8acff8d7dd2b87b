/**
 * The **network**: jobs and functions that need the results store in subnets without addresses of their own, the cache in
 * subnets that reach nothing outside, and public subnets for NAT gateways alone; with a cluster, also the subnets of its control
 * plane.
 */

import { Fn, Stack, Tags, type StackProps } from "aws-cdk-lib";
import * as ec2 from "aws-cdk-lib/aws-ec2";
import * as iam from "aws-cdk-lib/aws-iam";
import * as logs from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";

import type { Environment } from "../config/index.ts";
import { onDeletion, retention } from "./keeping.ts";
import { encryptionKey } from "./key.ts";
import { CONTROL_PLANE, DISCOVERY } from "./names.ts";

export interface NetworkProps extends StackProps {
  readonly environment: Environment;
}

export class Network extends Stack {
  readonly vpc: ec2.Vpc;
  /** Functions that ask the results store or the cache. */
  readonly functions: ec2.SecurityGroup;
  /** Jobs of AWS Batch. */
  readonly jobs: ec2.SecurityGroup;
  /** The cache. */
  readonly cache: ec2.SecurityGroup;

  private readonly zones: number | readonly string[];

  constructor(scope: Construct, id: string, props: NetworkProps) {
    super(scope, id, props);
    const { environment } = props;
    this.zones = environment.network.zones;
    this.vpc = new ec2.Vpc(this, "Vpc", {
      ipAddresses: ec2.IpAddresses.cidr(environment.network.cidr),
      maxAzs: this.availabilityZones.length,
      natGateways: environment.network.natGateways,
      restrictDefaultSecurityGroup: false,
      subnetConfiguration: [
        { name: "nat", subnetType: ec2.SubnetType.PUBLIC, cidrMask: 27, mapPublicIpOnLaunch: false },
        { name: "jobs", subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS, cidrMask: 20 },
        { name: "data", subnetType: ec2.SubnetType.PRIVATE_ISOLATED, cidrMask: 26 },
        // The control plane's alone: network policies let it in by these addresses, and no pod has one of them.
        ...(environment.cluster ? [{ name: CONTROL_PLANE, subnetType: ec2.SubnetType.PRIVATE_ISOLATED, cidrMask: 28 }] : []),
      ],
      gatewayEndpoints: {
        s3: { service: ec2.GatewayVpcEndpointAwsService.S3 },
        dynamodb: { service: ec2.GatewayVpcEndpointAwsService.DYNAMODB },
      },
    });
    this.logFlows(environment);
    if (environment.cluster) this.tagSubnets(environment.cluster.name);
    this.functions = this.group("Functions", "functions that ask the results store or the cache");
    this.jobs = this.group("Jobs", "jobs of AWS Batch");
    this.cache = this.group("Cache", "the cache of answers");
    this.allowFlows(environment);
    for (const service of environment.network.interfaceEndpoints) {
      const endpoint = this.vpc.addInterfaceEndpoint(`Endpoint-${service}`, {
        service: new ec2.InterfaceVpcEndpointAwsService(service),
        subnets: { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
        open: false,
      });
      for (const group of [this.functions, this.jobs]) {
        endpoint.connections.allowFrom(group, ec2.Port.tcp(443), "HTTPS from those who call AWS");
      }
      // Nodes and pods find these addresses by the names of the services; their groups are made later, one of them by EKS.
      if (environment.cluster) endpoint.connections.allowFrom(ec2.Peer.ipv4(environment.network.cidr), ec2.Port.tcp(443), "HTTPS from the cluster");
    }
  }

  /** Those that are named, or the first of those there are: without an account nobody can be asked which, and two would be taken. */
  override get availabilityZones(): string[] {
    const zones = this.zones ?? 2;
    if (typeof zones !== "number") return [...zones];
    return Array.from({ length: zones }, (_, index) => Fn.select(index, Fn.getAzs()));
  }

  /** By these Karpenter finds where nodes may be, and the controller of load balancers where those may be. */
  private tagSubnets(cluster: string): void {
    for (const subnet of this.vpc.privateSubnets) {
      Tags.of(subnet).add(DISCOVERY, cluster);
      Tags.of(subnet).add("kubernetes.io/role/internal-elb", "1");
    }
    for (const subnet of this.vpc.publicSubnets) Tags.of(subnet).add("kubernetes.io/role/elb", "1");
  }

  private group(id: string, description: string): ec2.SecurityGroup {
    return new ec2.SecurityGroup(this, id, { vpc: this.vpc, description, allowAllOutbound: false });
  }

  private allowFlows({ store }: Environment): void {
    const anywhere = ec2.Peer.anyIpv4();
    const database = store.cidr === "0.0.0.0/0" ? anywhere : ec2.Peer.ipv4(store.cidr);
    for (const group of [this.functions, this.jobs]) {
      group.addEgressRule(anywhere, ec2.Port.tcp(443), "HTTPS to AWS, hubs of weights and hosted models");
      group.addEgressRule(database, ec2.Port.tcp(store.port), "the results store");
    }
    this.cache.addIngressRule(this.functions, ec2.Port.tcp(6379), "answers kept close");
    this.functions.addEgressRule(this.cache, ec2.Port.tcp(6379), "answers kept close");
  }

  private logFlows(environment: Environment): void {
    const key = encryptionKey(this, "FlowLogKey", environment, "flow logs of the network");
    const group = new logs.LogGroup(this, "FlowLogs", {
      encryptionKey: key,
      retention: retention(environment),
      removalPolicy: onDeletion(environment),
    });
    const role = new iam.Role(this, "FlowLogRole", { assumedBy: new iam.ServicePrincipal("vpc-flow-logs.amazonaws.com") });
    this.vpc.addFlowLog("Flows", { destination: ec2.FlowLogDestination.toCloudWatchLogs(group, role) });
  }
}
