/**
 * The **EKS home** of jobs: queues whose nodes AWS Batch adds to the cluster, and job definitions that are pods, each with a node for
 * itself. The dispatcher submits there under `batch-eks://` (crates/cloud/src/batch/pods.rs).
 *
 * A pod of AWS Batch has no security context of its own, no capabilities and no seccomp profile, and gets no secret into its
 * environment (types `EksPodProperties` and `EksContainer` of its API). So its namespace is held to "baseline", one step below
 * "restricted"; the runner reads the address of the results store from Secrets Manager itself, and the hub's key from a file.
 */

import { CfnOutput, Stack, Tags } from "aws-cdk-lib";
import * as batch from "aws-cdk-lib/aws-batch";
import * as ec2 from "aws-cdk-lib/aws-ec2";
import * as eks from "aws-cdk-lib/aws-eks";
import * as iam from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";

import type { Environment } from "../config/index.ts";
import type { Cluster } from "./cluster.ts";
import type { Data } from "./data.ts";
import { DISK_GIB, disk, diskTags, retries, sharedMemoryMib, type Image } from "./jobs.ts";
import { machines, type Accelerator, type Machine } from "./machines.ts";
import { BATCH_NAMESPACE, RUNNER, podDefinitionName, secretName, type Capacity } from "./names.ts";
import type { Network } from "./network.ts";
import { podRole } from "./pod-role.ts";
import { allowPrograms, allowRunner } from "./programs.ts";
import { queueOf } from "./queue.ts";
import { checkStorePolicy } from "./store-policy.ts";

/** The container's name, by which a submission overrides it. */
const CONTAINER = "runner";

/** Where the namespace's secret of this name is mounted, if there is one: its `token` opens the hub of weights. */
const HUB = "hub";
const HUB_FOLDER = "/run/secrets/hub";

/** The user of the images (infra/images/batch-runner.Dockerfile). */
const USER = 10001;

interface EksHomeProps {
  readonly environment: Environment;
  readonly network: Network;
  readonly data: Data;
  readonly cluster: Cluster;
}

export class EksHome extends Construct {
  private readonly props: EksHomeProps;
  private readonly templates = new Map<Accelerator, ec2.CfnLaunchTemplate>();

  constructor(scope: Construct, props: EksHomeProps) {
    super(scope, "Eks");
    this.props = props;
    checkStorePolicy(props.environment);
    this.identity();
    this.sayWhatIsLeft();
  }

  /** A queue, by its name, and the nodes that it adds, as many as `most` at once. */
  queue(machine: Machine, most: number, capacity: Capacity): [string, batch.CfnJobQueue] {
    const { environment, network, cluster } = this.props;
    return queueOf(this, {
      environment,
      network,
      machine,
      most,
      capacity,
      securityGroup: cluster.nodes,
      profile: cluster.nodeProfile,
      template: this.template(machines[machine].accelerator),
      eks: {
        eksClusterArn: cluster.arn,
        kubernetesNamespace: BATCH_NAMESPACE,
        // AWS Batch makes its own access entry, since the cluster knows no other way; all that use the cluster say the same.
        accessEntry: { desiredState: "ENABLED" },
      },
    });
  }

  /** The job definitions of an engine on a machine: one for each number of GPUs that a hardware config may have of it. */
  definitions(engine: string, machine: Machine, image: Image): void {
    const { accelerator, gpus } = machines[machine];
    if (gpus === 0) this.definition(engine, machine, "cpu", 0, image);
    for (const some of [1, 2, 4, 8].filter((count) => count <= gpus)) this.definition(engine, machine, `${accelerator}x${some}`, some, image);
  }

  private definition(engine: string, machine: Machine, hardware: string, gpuCount: number, image: Image): void {
    const { environment } = this.props;
    const { accelerator, vcpus } = machines[machine];
    const gpus = gpuCount > 0 ? { "nvidia.com/gpu": `${gpuCount}` } : {};
    const memory = `${podMib(machine)}Mi`;
    const definition = new batch.CfnJobDefinition(this, `Definition-${engine}-${hardware}-${machine}`, {
      jobDefinitionName: podDefinitionName(environment, engine, hardware, machine),
      type: "container",
      retryStrategy: retries("eks"),
      eksProperties: {
        podProperties: {
          serviceAccountName: RUNNER,
          // The network policies of the namespace hold for pods with a network of their own alone.
          hostNetwork: false,
          dnsPolicy: "ClusterFirst",
          // The first process of the pod buries what an engine leaves behind.
          shareProcessNamespace: true,
          metadata: { labels: { "app.kubernetes.io/name": RUNNER, "assay/engine": engine } },
          containers: [
            {
              name: CONTAINER,
              image: image.name,
              args: ["--version"],
              env: Object.entries(this.variables(image)).map(([name, value]) => ({ name, value })),
              resources: {
                // All but what the node keeps, so that no second job fits; no limit of processor time, by which a measurement would be
                // throttled.
                requests: { cpu: `${vcpus - 1}`, memory, ...gpus },
                limits: { memory, ...gpus },
              },
              securityContext: {
                runAsNonRoot: true,
                runAsUser: USER,
                runAsGroup: USER,
                privileged: false,
                allowPrivilegeEscalation: false,
                readOnlyRootFilesystem: true,
              },
              volumeMounts: [
                { name: "work", mountPath: "/work" },
                { name: "shared-memory", mountPath: "/dev/shm" },
                { name: HUB, mountPath: HUB_FOLDER, readOnly: true },
              ],
            },
          ],
          volumes: [
            // The system, images and logs take the rest of the disk.
            { name: "work", emptyDir: { sizeLimit: `${DISK_GIB[accelerator] - 50}Gi` } },
            { name: "shared-memory", emptyDir: { medium: "Memory", sizeLimit: `${sharedMemoryMib(gpuCount)}Mi` } },
            { name: HUB, secret: { secretName: HUB, optional: true } },
          ],
        },
      },
    });
    Tags.of(definition).add("assay:engine", engine);
  }

  /** What the runner reads beside its command line and what its image says. */
  private variables({ digest }: Image): Record<string, string> {
    const { environment } = this.props;
    return {
      AWS_REGION: Stack.of(this).region,
      ASSAY_LOG: environment.functions.log,
      ASSAY_STORE: `aws-sm:${secretName(environment, "store")}`,
      HF_TOKEN_PATH: `${HUB_FOLDER}/token`,
      ...(digest ? { ASSAY_IMAGE_DIGEST: digest } : {}),
    };
  }

  private template(accelerator: Accelerator): ec2.CfnLaunchTemplate {
    const known = this.templates.get(accelerator);
    if (known) return known;
    const template = new ec2.CfnLaunchTemplate(this, `Host-${accelerator}`, {
      launchTemplateData: {
        // One hop: pods do not reach the metadata of the instance.
        metadataOptions: { httpTokens: "required", httpPutResponseHopLimit: 1, httpEndpoint: "enabled" },
        tagSpecifications: diskTags(this.props.environment),
        blockDeviceMappings: [disk(accelerator)],
      },
    });
    this.templates.set(accelerator, template);
    return template;
  }

  /** Who the runner is at AWS. */
  private identity(): void {
    const { environment, data, cluster } = this.props;
    const role = podRole(this, "JobRole", {
      name: `${environment.name}-eks-jobs-${Stack.of(this).region}`,
      what: "the runner, in pods of AWS Batch",
      namespace: BATCH_NAMESPACE,
      serviceAccount: RUNNER,
    });
    allowPrograms(role, ["batch-runner"], data.places);
    allowRunner(role, environment);
    role.addToPolicy(new iam.PolicyStatement({ sid: "Store", actions: ["secretsmanager:GetSecretValue"], resources: [data.store.secretArn] }));
    new eks.CfnPodIdentityAssociation(this, "Identity", {
      clusterName: cluster.name,
      namespace: BATCH_NAMESPACE,
      serviceAccount: RUNNER,
      roleArn: role.roleArn,
    });
  }

  /** The one thing that comes after: what AWS Batch may in its namespace is said of an access entry that it makes itself. */
  private sayWhatIsLeft(): void {
    const stack = Stack.of(this);
    const batchRole = stack.formatArn({ service: "iam", region: "", resource: "role/aws-service-role/batch.amazonaws.com/AWSServiceRoleForBatch" });
    new CfnOutput(this, "AllowPods", {
      description: "Run this once, else jobs on EKS stay RUNNABLE",
      value:
        `aws eks associate-access-policy --region ${stack.region} --cluster-name ${this.props.cluster.name} --principal-arn ${batchRole}` +
        ` --policy-arn arn:${stack.partition}:eks::aws:cluster-access-policy/AWSBatchNamespacePolicy` +
        ` --access-scope type=namespace,namespaces=${BATCH_NAMESPACE}`,
    });
  }
}

/** What a pod may take of the memory, MiB: the kubelet, the system and the agents of a small node keep a seventh. */
const podMib = (machine: Machine): number => Math.floor(machines[machine].memoryGib * 1024 * 0.85);
