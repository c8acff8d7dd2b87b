/**
 * **Compute**: AWS Batch for the runners. Each machine has a queue of spot instances and one of on-demand instances for batches that
 * lost their host on spot or found none; each engine has a job definition for each machine, which asks for all of it, so that one job
 * fits. Names are those that the dispatcher makes of its address (crates/cloud/src/batch/blanks.rs).
 *
 * A submission says the command, the GPUs and the retries; what is here is what does not change from job to job.
 */

import { ArnFormat, Fn, Stack, Tags, type StackProps } from "aws-cdk-lib";
import * as batch from "aws-cdk-lib/aws-batch";
import * as ec2 from "aws-cdk-lib/aws-ec2";
import * as iam from "aws-cdk-lib/aws-iam";
import * as logs from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";

import type { Environment } from "../config/index.ts";
import type { Data } from "./data.ts";
import { explain, explainWildcards } from "./explain.ts";
import { onDeletion, retention } from "./keeping.ts";
import { containerMib, instanceType, machines, machinesOf, type Accelerator, type Engine, type Machine } from "./machines.ts";
import { bucketName, definitionName, imageOf, queueName, secretName, type Capacity } from "./names.ts";
import type { Network } from "./network.ts";
import { CALLS, actionsOf } from "./permissions.ts";

/** The exit code of a runner that was told to stop (crates/store/src/ports/dispatcher.rs). */
const INTERRUPTED = 75;

/** Retries of a job that is submitted by hand; the dispatcher sends the same (crates/cloud/src/batch/submission.rs). */
const RETRIES: batch.CfnJobDefinition.RetryStrategyProperty = {
  attempts: 5,
  evaluateOnExit: [
    { action: "RETRY", onStatusReason: "Host EC2*" },
    { action: "RETRY", onExitCode: `${INTERRUPTED}` },
    { action: "EXIT", onReason: "*" },
    { action: "EXIT", onExitCode: "*" },
  ],
};

/** Where weights and the load generator's measure of its host are kept on the disk of a machine, for all of its jobs. */
const CACHE = "/var/cache/assay";

/** Makes that folder before a container has it made for root alone: runners are not root. AWS Batch wants MIME. */
const CACHE_FOLDER = `MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="==ASSAY=="

--==ASSAY==
Content-Type: text/cloud-config; charset="us-ascii"

bootcmd:
  - install -d -m 1777 ${CACHE}

--==ASSAY==--
`;

/**
 * Jobs that cannot get a machine do not wait for ever. On spot it is looked for once more on demand (crates/cloud/src/batch/report.rs);
 * on demand the batch fails and says so. AWS looks at the job at the head of a queue, so that the time runs for one after the other.
 */
const WAIT_S: { readonly [capacity in Capacity]: number } = { spot: 15 * 60, "on-demand": 2 * 60 * 60 };

/** What AWS Batch can find in the way of a job, and end it for. The last two are mistakes of ours. */
const STUCK = ["CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY", "MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE", "MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT"];

/** Weights of the largest models take 400 GB, and an engine's image 15. */
const DISK_GIB = { cpu: 100, l4: 250, "a100-80gb": 1000, h100: 1000 } as const;

export interface ComputeProps extends StackProps {
  readonly environment: Environment;
  readonly network: Network;
  readonly data: Data;
}

export class Compute extends Stack {
  readonly jobRole: iam.Role;
  /** By name. */
  readonly queues: ReadonlyMap<string, batch.CfnJobQueue>;

  private readonly config: Environment;
  private readonly network: Network;
  private readonly data: Data;
  private readonly group: logs.LogGroup;

  constructor(scope: Construct, id: string, { environment, network, data, ...props }: ComputeProps) {
    super(scope, id, props);
    this.config = environment;
    this.network = network;
    this.data = data;
    this.group = new logs.LogGroup(this, "JobLogs", {
      logGroupName: `/${environment.name}/jobs`,
      encryptionKey: data.key,
      retention: retention(environment),
      removalPolicy: onDeletion(environment),
    });
    this.jobRole = this.roleOfJobs();
    const profile = this.profileOfHosts();
    const queues = new Map<string, batch.CfnJobQueue>();
    const chosen = machinesOf(environment.name, environment.compute.machines);
    const accelerators = new Set(chosen.map(([machine]) => machines[machine].accelerator));
    const templates = new Map([...accelerators].map((accelerator) => [accelerator, this.launchTemplate(accelerator)]));
    for (const [machine, most] of chosen) {
      const template = templates.get(machines[machine].accelerator)!;
      for (const capacity of ["spot", "on-demand"] as const) {
        const hosts = this.hosts(machine, most, capacity, template, profile);
        const name = queueName(environment, machine, capacity);
        queues.set(name, new batch.CfnJobQueue(this, `Queue-${machine}-${capacity}`, {
          jobQueueName: name,
          priority: 1,
          state: "ENABLED",
          computeEnvironmentOrder: [{ order: 1, computeEnvironment: hosts.attrComputeEnvironmentArn }],
          jobStateTimeLimitActions: STUCK.map((reason) => ({ action: "CANCEL", state: "RUNNABLE", reason, maxTimeSeconds: WAIT_S[capacity] })),
        }));
      }
    }
    if (environment.compute.eks) queues.set(...this.onEks(environment.compute.eks));
    this.queues = queues;
    const execution = this.roleOfEcs();
    for (const [machine] of chosen) {
      for (const engine of machine === "cpu" ? ["simulated", "hosted"] : environment.compute.engines) this.definition(engine, machine, execution);
    }
  }

  private hosts(
    machine: Machine,
    most: number,
    capacity: Capacity,
    template: ec2.CfnLaunchTemplate,
    profile: iam.CfnInstanceProfile,
  ): batch.CfnComputeEnvironment {
    const spot = capacity === "spot";
    const { accelerator, vcpus } = machines[machine];
    return new batch.CfnComputeEnvironment(this, `Hosts-${machine}-${capacity}`, {
      type: "MANAGED",
      state: "ENABLED",
      // The role that AWS Batch makes for itself in every account.
      replaceComputeEnvironment: false,
      updatePolicy: { terminateJobsOnUpdate: false, jobExecutionTimeoutMinutes: 60 },
      computeResources: {
        type: spot ? "SPOT" : "EC2",
        allocationStrategy: spot ? "SPOT_PRICE_CAPACITY_OPTIMIZED" : "BEST_FIT_PROGRESSIVE",
        minvCpus: 0,
        maxvCpus: most * vcpus,
        instanceTypes: [instanceType(machine)],
        subnets: this.network.vpc.selectSubnets({ subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS }).subnetIds,
        securityGroupIds: [this.network.jobs.securityGroupId],
        instanceRole: profile.attrArn,
        launchTemplate: { launchTemplateId: template.ref, version: template.attrLatestVersionNumber },
        ec2Configuration: [{ imageType: accelerator === "cpu" ? "ECS_AL2023" : "ECS_AL2023_NVIDIA" }],
        updateToLatestImageVersion: true,
        tags: { "assay:environment": this.config.name, "assay:accelerator": accelerator, Name: `${this.config.name}-${machine}` },
      },
    });
  }

  private launchTemplate(accelerator: Accelerator): ec2.CfnLaunchTemplate {
    return new ec2.CfnLaunchTemplate(this, `Host-${accelerator}`, {
      launchTemplateData: {
        userData: Fn.base64(CACHE_FOLDER),
        // The runner asks for EC2's notices from inside of its container, one hop further.
        metadataOptions: { httpTokens: "required", httpPutResponseHopLimit: 2, httpEndpoint: "enabled" },
        blockDeviceMappings: [
          { deviceName: "/dev/xvda", ebs: { encrypted: true, volumeType: "gp3", volumeSize: DISK_GIB[accelerator], throughput: 500, iops: 4000, deleteOnTermination: true } },
        ],
      },
    });
  }

  private definition(engine: string, machine: Machine, execution: iam.Role): void {
    const environment = this.config;
    const repository = this.data.repositories.get(imageOf(engine));
    const digest = environment.compute.imageDigests[engine === "hosted" ? "simulated" : (engine as Engine | "simulated")];
    const { gpus, vcpus } = machines[machine];
    const definition = new batch.CfnJobDefinition(this, `Definition-${engine}-${machine}`, {
      jobDefinitionName: definitionName(environment, engine, machine),
      type: "container",
      platformCapabilities: ["EC2"],
      propagateTags: true,
      retryStrategy: RETRIES,
      containerProperties: {
        image: `${repository?.repositoryUri}${digest ? `@${digest}` : `:${environment.compute.imageTag}`}`,
        command: ["--version"],
        jobRoleArn: this.jobRole.roleArn,
        executionRoleArn: execution.roleArn,
        resourceRequirements: [
          { type: "VCPU", value: `${vcpus}` },
          { type: "MEMORY", value: `${containerMib(machine)}` },
          // A submission says how many its hardware config has.
          ...(gpus > 0 ? [{ type: "GPU", value: `${gpus}` }] : []),
        ],
        environment: Object.entries(this.variables(digest)).map(([name, value]) => ({ name, value })),
        secrets: this.secrets(),
        // What engines of several GPUs exchange goes through here.
        linuxParameters: { initProcessEnabled: true, sharedMemorySize: Math.max(1, gpus) * 2048 },
        volumes: [{ name: "cache", host: { sourcePath: CACHE } }],
        mountPoints: [{ sourceVolume: "cache", containerPath: CACHE, readOnly: false }],
        privileged: false,
        logConfiguration: {
          logDriver: "awslogs",
          options: { "awslogs-group": this.group.logGroupName, "awslogs-region": this.region, "awslogs-stream-prefix": engine },
        },
      },
    });
    Tags.of(definition).add("assay:engine", engine);
  }

  /** What the runner reads beside its command line. */
  private variables(digest: string | undefined): Record<string, string> {
    return {
      AWS_REGION: this.region,
      ASSAY_LOG: this.config.functions.log,
      ASSAY_WEIGHTS: `${CACHE}/weights`,
      XDG_CACHE_HOME: CACHE,
      ...(digest ? { ASSAY_IMAGE_DIGEST: digest } : {}),
    };
  }

  private secrets(): batch.CfnJobDefinition.SecretProperty[] {
    const { store, hubToken } = this.data;
    const token = hubToken ? [{ name: "HF_TOKEN", valueFrom: hubToken.secretArn }] : [];
    return [{ name: "ASSAY_STORE", valueFrom: store.secretArn }, ...token];
  }

  /** The role of the runner itself. */
  private roleOfJobs(): iam.Role {
    const { ledger, key } = this.data;
    const objects = this.formatArn({ service: "s3", region: "", account: "", resource: bucketName(this.config, "objects", this.account) });
    const calls = CALLS["batch-runner"];
    const role = this.role("JobRole", "the runner", "jobs");
    const allow = (sid: string, actions: string[], resources: string[]) => {
      if (actions.length > 0) role.addToPolicy(new iam.PolicyStatement({ sid, actions, resources }));
    };
    const s3 = actionsOf(calls, "s3");
    allow("Ledger", actionsOf(calls, "dynamodb"), [ledger.tableArn]);
    role.addToPolicy(this.data.ledgerKeyStatement());
    allow("Objects", s3.filter((action) => action !== "s3:ListBucket"), [`${objects}/*`]);
    allow("Bucket", s3.filter((action) => action === "s3:ListBucket"), [objects]);
    const hosted = this.formatArn({ service: "secretsmanager", resource: "secret", resourceName: `${secretName(this.config, "hosted")}/*`, arnFormat: ArnFormat.COLON_RESOURCE_NAME });
    allow("KeysOfHostedModels", actionsOf(calls, "secretsmanager"), [hosted]);
    explainWildcards(role, [`${objects}/*`], "the keys of objects are made of the ids of campaigns");
    explainWildcards(role, [hosted], "a spec names the secret with the key of its hosted models, under this folder");
    allow("Key", ["kms:Decrypt", "kms:GenerateDataKey"], [key.keyArn]);
    for (const bucket of this.config.compute.weightBuckets) {
      allow(`Weights${bucket.replace(/\W/g, "")}`, ["s3:GetObject"], [`arn:${this.partition}:s3:::${bucket}/*`]);
      explainWildcards(role, [`arn:${this.partition}:s3:::${bucket}/*`], "a folder of weights has as many files as its publisher made");
      allow(`List${bucket.replace(/\W/g, "")}`, ["s3:ListBucket"], [`arn:${this.partition}:s3:::${bucket}`]);
    }
    return role;
  }

  /** The role of ECS, which starts containers: it pulls images, reads secrets for their environment and writes their logs. */
  private roleOfEcs(): iam.Role {
    const { store, hubToken, key, repositories } = this.data;
    const role = this.role("ExecutionRole", "ECS, as it starts runners", "execution");
    const allow = (sid: string, actions: string[], resources: string[]) => role.addToPolicy(new iam.PolicyStatement({ sid, actions, resources }));
    explainWildcards(role, ["*"], "the key for the registry is one for all of it");
    allow("Registry", ["ecr:GetAuthorizationToken"], ["*"]);
    allow("Images", ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"], [...repositories.values()].map((repository) => repository.repositoryArn));
    allow("Secrets", ["secretsmanager:GetSecretValue"], [store.secretArn, ...(hubToken ? [hubToken.secretArn] : [])]);
    allow("Key", ["kms:Decrypt"], [key.keyArn]);
    allow("Logs", ["logs:CreateLogStream", "logs:PutLogEvents"], [this.group.logGroupArn]);
    return role;
  }

  private role(id: string, what: string, suffix: string): iam.Role {
    return new iam.Role(this, id, {
      roleName: `${this.config.name}-${suffix}-${this.region}`,
      description: `Assay: ${what}`,
      assumedBy: new iam.ServicePrincipal("ecs-tasks.amazonaws.com", { conditions: { StringEquals: { "aws:SourceAccount": this.account } } }),
    });
  }

  /** The role of the machines, which join a cluster of ECS. */
  private profileOfHosts(): iam.CfnInstanceProfile {
    const role = new iam.Role(this, "HostRole", {
      description: "Assay: machines of AWS Batch",
      assumedBy: new iam.ServicePrincipal("ec2.amazonaws.com"),
      managedPolicies: [iam.ManagedPolicy.fromAwsManagedPolicyName("service-role/AmazonEC2ContainerServiceforEC2Role")],
    });
    explain(role, {
      "AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role]":
        "what the agent of ECS calls is for AWS to say; a list of our own would break with its next version",
    });
    return new iam.CfnInstanceProfile(this, "HostProfile", { roles: [role.roleName] });
  }

  /** A queue whose machines join an EKS cluster. */
  private onEks(eks: NonNullable<Environment["compute"]["eks"]>): [string, batch.CfnJobQueue] {
    const withGpus = machinesOf(this.config.name, this.config.compute.machines).filter(([machine]) => machine !== "cpu");
    const hosts = new batch.CfnComputeEnvironment(this, "Hosts-eks", {
      type: "MANAGED",
      state: "ENABLED",
      replaceComputeEnvironment: false,
      eksConfiguration: { eksClusterArn: eks.clusterArn, kubernetesNamespace: eks.namespace },
      computeResources: {
        type: "SPOT",
        allocationStrategy: "SPOT_PRICE_CAPACITY_OPTIMIZED",
        minvCpus: 0,
        maxvCpus: Math.max(...withGpus.map(([machine, most]) => most * machines[machine].vcpus)),
        instanceTypes: withGpus.map(([machine]) => instanceType(machine)),
        subnets: this.network.vpc.selectSubnets({ subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS }).subnetIds,
        securityGroupIds: [this.network.jobs.securityGroupId],
        instanceRole: eks.instanceRole,
        ec2Configuration: [{ imageType: "EKS_AL2023_NVIDIA" }],
      },
    });
    const name = `${this.config.name}-eks-spot`;
    const queue = new batch.CfnJobQueue(this, "Queue-eks", {
      jobQueueName: name,
      priority: 1,
      state: "ENABLED",
      computeEnvironmentOrder: [{ order: 1, computeEnvironment: hosts.attrComputeEnvironmentArn }],
    });
    return [name, queue];
  }
}
