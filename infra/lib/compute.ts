/**
 * **Compute**: AWS Batch for the runners. Each machine has a queue of spot instances and one of on-demand instances for batches that
 * lost their host on spot or found none, or are cheaper there; each engine has a job definition for each machine, which asks for all of it, so that one job
 * fits. Names are those that the dispatcher makes of its address (crates/cloud/src/batch/blanks.rs).
 *
 * A submission says the command, the GPUs and the retries; what is here is what does not change from job to job.
 */

import { Fn, Stack, Tags, type StackProps } from "aws-cdk-lib";
import * as batch from "aws-cdk-lib/aws-batch";
import * as ec2 from "aws-cdk-lib/aws-ec2";
import * as iam from "aws-cdk-lib/aws-iam";
import * as logs from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";

import type { Environment } from "../config/index.ts";
import type { Cluster } from "./cluster.ts";
import type { Data } from "./data.ts";
import { EksHome } from "./eks-home.ts";
import { explain, explainWildcards } from "./explain.ts";
import { disk, diskTags, enginesOn, retries, sharedMemoryMib, type Image } from "./jobs.ts";
import { onDeletion, retention } from "./keeping.ts";
import { containerMib, machines, machinesOf, type Accelerator, type Engine, type Machine } from "./machines.ts";
import { definitionName, imageOf } from "./names.ts";
import type { Network } from "./network.ts";
import { allowPrograms, allowRunner } from "./programs.ts";
import { queueOf } from "./queue.ts";

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

export interface ComputeProps extends StackProps {
  readonly environment: Environment;
  readonly network: Network;
  readonly data: Data;
  readonly cluster?: Cluster;
}

export class Compute extends Stack {
  readonly jobRole: iam.Role;
  /** By name. */
  readonly queues: ReadonlyMap<string, batch.CfnJobQueue>;

  private readonly config: Environment;
  private readonly data: Data;
  private readonly group: logs.LogGroup;

  constructor(scope: Construct, id: string, { environment, network, data, cluster, ...props }: ComputeProps) {
    super(scope, id, props);
    this.config = environment;
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
        queues.set(...queueOf(this, { environment, network, machine, most, capacity, securityGroup: network.jobs, profile, template }));
      }
    }
    const execution = this.roleOfEcs();
    for (const [machine] of chosen) {
      for (const engine of enginesOn(environment, machine)) this.definition(engine, machine, execution);
    }
    if (cluster && environment.cluster?.batch !== "none") {
      const home = new EksHome(this, { environment, network, data, cluster });
      for (const [machine, most] of chosen) {
        for (const capacity of ["spot", "on-demand"] as const) queues.set(...home.queue(machine, most, capacity));
        for (const engine of enginesOn(environment, machine)) home.definitions(engine, machine, this.image(engine));
      }
    }
    this.queues = queues;
  }

  private launchTemplate(accelerator: Accelerator): ec2.CfnLaunchTemplate {
    return new ec2.CfnLaunchTemplate(this, `Host-${accelerator}`, {
      launchTemplateData: {
        userData: Fn.base64(CACHE_FOLDER),
        tagSpecifications: diskTags(this.config),
        // The runner asks for EC2's notices from inside of its container, one hop further.
        metadataOptions: { httpTokens: "required", httpPutResponseHopLimit: 2, httpEndpoint: "enabled" },
        blockDeviceMappings: [disk(accelerator)],
      },
    });
  }

  private definition(engine: string, machine: Machine, execution: iam.Role): void {
    const environment = this.config;
    const { name: image, digest } = this.image(engine);
    const { gpus, vcpus } = machines[machine];
    const definition = new batch.CfnJobDefinition(this, `Definition-${engine}-${machine}`, {
      jobDefinitionName: definitionName(environment, engine, machine),
      type: "container",
      platformCapabilities: ["EC2"],
      propagateTags: true,
      retryStrategy: retries("ecs"),
      containerProperties: {
        image,
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
        linuxParameters: { initProcessEnabled: true, sharedMemorySize: sharedMemoryMib(gpus) },
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

  /** The image of an engine, as machines pull it. */
  private image(engine: string): Image {
    const repository = this.data.repositories.get(imageOf(engine));
    if (!repository) throw new Error(`there is no repository for the image of ${engine}`);
    const digest = this.config.compute.imageDigests[engine === "hosted" ? "simulated" : (engine as Engine | "simulated")];
    return { name: `${repository.repositoryUri}${digest ? `@${digest}` : `:${this.config.compute.imageTag}`}`, digest };
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
    const role = this.role("JobRole", "the runner", "jobs");
    allowPrograms(role, ["batch-runner"], this.data.places);
    allowRunner(role, this.config);
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
}
