/** The cluster is the one that infra/kubernetes is written for, and jobs of AWS Batch may have it as their home. */

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { App } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";

import { environments, type Environment } from "../config/index.ts";
import { installation } from "../lib/installation.ts";
import { machines } from "../lib/machines.ts";
import { BATCH_NAMESPACE, bucketName, clusterRepositoryName, clusterTableName, karpenterNodeRoleName, karpenterQueueName, repositoryName, tableName } from "../lib/names.ts";
import { checkStorePolicy } from "../lib/store-policy.ts";
import { synthesis, text } from "./synthesis.ts";

const source = (path: string) => readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), "utf8");

const production = environments["production"]!;
const cluster = production.cluster!;
const made = synthesis("production");
const all = (type: string) => made.of("Cluster", type).map(([, resource]) => resource.Properties);

test("the API of Kubernetes is private but for named addresses, its secrets are encrypted, and all that it does is logged", () => {
  const [{ Name, ResourcesVpcConfig, AccessConfig, EncryptionConfig, Logging, DeletionProtection }] = all("AWS::EKS::Cluster") as [any];
  assert.equal(Name, cluster.name);
  assert.equal(ResourcesVpcConfig.EndpointPrivateAccess, true);
  assert.deepEqual(ResourcesVpcConfig.PublicAccessCidrs, cluster.apiFrom);
  assert.ok(!cluster.apiFrom.includes("0.0.0.0/0"));
  assert.deepEqual(AccessConfig, { AuthenticationMode: "API", BootstrapClusterCreatorAdminPermissions: false });
  assert.deepEqual(EncryptionConfig[0].Resources, ["secrets"]);
  assert.equal(Logging.ClusterLogging.EnabledTypes.length, 5);
  assert.equal(DeletionProtection, production.onDeletion === "keep");
  const [log] = all("AWS::Logs::LogGroup");
  assert.equal(log.LogGroupName, `/aws/eks/${cluster.name}/cluster`);
});

test("without addresses to ask from, its API is in the network alone", () => {
  const { cluster: stack } = stacks({ ...production, cluster: { ...cluster, apiFrom: [] } });
  stack!.hasResourceProperties("AWS::EKS::Cluster", { ResourcesVpcConfig: { EndpointPrivateAccess: true, EndpointPublicAccess: false } });
});

test("an environment without a cluster has no such stack", () => {
  assert.equal(environments["trial"]!.cluster, undefined);
  assert.equal(stacks(environments["trial"]!).cluster, undefined);
});

test("the add-ons that docs/kubernetes.md wants are there, the network before nodes and the rest after", () => {
  const addOns = Object.fromEntries(made.of("Cluster", "AWS::EKS::Addon").map(([id, { Properties, ...rest }]) => [Properties.AddonName, { ...Properties, id, ...rest }]));
  assert.deepEqual(Object.keys(addOns).sort(), ["aws-ebs-csi-driver", "coredns", "eks-pod-identity-agent", "kube-proxy", "vpc-cni"]);
  assert.deepEqual(JSON.parse(addOns["vpc-cni"].ConfigurationValues), { enableNetworkPolicy: "true" });
  const [[nodes, operators]] = made.of("Cluster", "AWS::EKS::Nodegroup") as [[string, any]];
  for (const first of ["vpc-cni", "kube-proxy", "eks-pod-identity-agent"]) assert.ok(operators.DependsOn.includes(addOns[first].id), first);
  for (const second of ["coredns", "aws-ebs-csi-driver"]) assert.ok((addOns[second] as any).DependsOn.includes(nodes), second);
  // Nodes with GPUs are Karpenter's and AWS Batch's.
  assert.ok(operators.Properties.InstanceTypes.every((type: string) => !/^(g|p)\d/.test(type)));
});

test("nodes and pods reach the endpoints in the network, whose names lead nowhere else there", () => {
  const groups = made.of("Network", "AWS::EC2::SecurityGroup").filter(([id]) => id.startsWith("VpcEndpoint"));
  assert.equal(groups.length, production.network.interfaceEndpoints.length);
  for (const [id, { Properties }] of groups) {
    const ranges = Properties.SecurityGroupIngress.map((rule: any) => `${rule.CidrIp} ${rule.FromPort}`);
    assert.deepEqual(ranges, [`${production.network.cidr} 443`], id);
  }
});

test("the control plane has subnets of its own, which the manifests let in", () => {
  const subnets = made.of("Network", "AWS::EC2::Subnet").filter(([id]) => id.startsWith("Vpccontrolplane"));
  assert.equal(subnets.length, production.network.zones);
  const named: unknown[] = all("AWS::EKS::Cluster")[0].ResourcesVpcConfig.SubnetIds;
  assert.equal(named.length, subnets.length);
  for (const [id] of subnets) assert.ok(JSON.stringify(named).includes(id), id);
  // Nodes, and so pods, are in none of them.
  assert.ok(!JSON.stringify(all("AWS::EKS::Nodegroup")).includes("Vpccontrolplane"));
  const policies = source("infra/kubernetes/overlays/production/namespaces/kustomization.yaml");
  const letIn = [...policies.matchAll(/ipBlock: \{cidr: ([\d./]+)\}/g)].map((match) => match[1]);
  assert.deepEqual(letIn, subnets.map(([, subnet]) => subnet.Properties.CidrBlock));
});

test("what the manifests name is there by these names", () => {
  const karpenter = source("infra/kubernetes/apps/karpenter.yaml");
  assert.match(karpenter, new RegExp(`clusterName: ${cluster.name}\\n`));
  assert.match(karpenter, new RegExp(`interruptionQueue: ${karpenterQueueName(cluster.name)}\\n`));
  assert.equal(all("AWS::SQS::Queue")[0].QueueName, karpenterQueueName(cluster.name));
  const pools = source("infra/kubernetes/base/gpu-nodes/pools.yaml");
  const roles = [...pools.matchAll(/^ {2}role: (\S+)$/gm)].map((match) => match[1]);
  assert.deepEqual([...new Set(roles)], [karpenterNodeRoleName(cluster.name)]);
  assert.ok(all("AWS::IAM::Role").some((role) => role.RoleName === karpenterNodeRoleName(cluster.name)));
  const tags = [...pools.matchAll(/tags: \{karpenter\.sh\/discovery: (\S+)\}/g)].map((match) => match[1]);
  assert.deepEqual([...new Set(tags)], [cluster.name]);
  const discovered = ({ Tags }: any) => Tags?.some((tag: any) => tag.Key === "karpenter.sh/discovery" && tag.Value === cluster.name);
  assert.equal(made.of("Network", "AWS::EC2::Subnet").filter(([, subnet]) => discovered(subnet.Properties)).length, production.network.zones);
  assert.equal(all("AWS::EC2::SecurityGroup").filter(discovered).length, 1);

  const places = Object.fromEntries([...source("infra/kubernetes/overlays/production/places.yaml").matchAll(/^ {2}([a-z-]+): (\S+)$/gm)].map((match) => [match[1], match[2]]));
  const account = "123456789012";
  const registry = `${account}.dkr.ecr.${production.region}.amazonaws.com`;
  assert.equal(places["ledger"], `dynamodb://${clusterTableName(production)}`);
  assert.equal(places["objects"], `s3://${bucketName(production, "cluster-objects", account)}`);
  assert.equal(places["backups"], `s3://${bucketName(production, "backups", account)}/results`);
  const repositoryOf = (image: string) => image.split(":")[0]!;
  assert.equal(repositoryOf(places["image"]!), `${registry}/${clusterRepositoryName(production, "assay")}`);
  assert.equal(places["runner-version"], production.compute.imageTag);
  assert.equal(repositoryOf(places["timescaledb-image"]!), `${registry}/${clusterRepositoryName(production, "timescaledb")}`);
  assert.equal(`${places["runner-images"]}batch-runner-vllm`, `${registry}/${repositoryName(production, "vllm")}`);
  assert.equal(places["region"], production.region);
  assert.deepEqual(all("AWS::ECR::Repository").map((repository) => repository.RepositoryName).sort(), [clusterRepositoryName(production, "assay"), clusterRepositoryName(production, "timescaledb")]);
});

test("the cluster and the functions of AWS share no ledger and no objects", () => {
  const tables = (stack: "Data" | "Cluster") => made.of(stack, "AWS::DynamoDB::GlobalTable").map(([id, { Properties }]) => [id, Properties.TableName]);
  const [[id, name]] = tables("Cluster") as [[string, string]];
  assert.equal(name, clusterTableName(production));
  assert.deepEqual(tables("Data").map(([, other]) => other), [tableName(production)]);
  // It is as AWS' own is.
  const [, own] = made.of("Cluster", "AWS::DynamoDB::GlobalTable")[0]!;
  const [, aws] = made.of("Data", "AWS::DynamoDB::GlobalTable")[0]!;
  for (const property of ["KeySchema", "TimeToLiveSpecification", "BillingMode"]) assert.deepEqual(own.Properties[property], aws.Properties[property], property);
  // Nobody is told of an upload to the cluster's bucket.
  for (const [bucket, { Properties }] of made.of("Cluster", "AWS::S3::Bucket")) assert.ok(!("NotificationConfiguration" in Properties), bucket);
  const [, objectsOfCluster] = made.of("Cluster", "AWS::S3::Bucket").find(([bucket]) => bucket.startsWith("Objects"))!;
  const after90 = objectsOfCluster.Properties.LifecycleConfiguration.Rules.filter((rule: any) => rule.ExpirationInDays === 90);
  assert.deepEqual(after90.map((rule: any) => rule.TagFilters ?? rule.Prefix), [[{ Key: "class", Value: "raw" }], "logs/"]);
  assert.match(source("infra/kubernetes/base/workflows/batch.yaml"), /key: "logs\//);
  // Who is in the cluster may use these alone.
  const named = made
    .of("Cluster", "AWS::IAM::Policy")
    .filter(([, { Properties }]) => /^Role(modelcatalog|gpuworkloads)/.test(text(Properties.Roles[0]).slice(1)))
    .flatMap(([, { Properties }]) => Properties.PolicyDocument.Statement)
    .filter(({ Sid }) => ["Ledger", "Objects", "Bucket"].includes(Sid))
    .map(({ Resource }) => text(Resource));
  const objects = `arn:<AWS::Partition>:s3:::${production.name}-cluster-objects-<AWS::AccountId>`;
  assert.deepEqual([...new Set(named)].sort(), [`<${id}.Arn>`, objects, `${objects}/*`]);
  // AWS' functions and jobs, those in the cluster too, keep theirs.
  for (const stack of ["Functions", "Compute"] as const) assert.doesNotMatch(JSON.stringify(made.templates[stack].Resources), /cluster-(ledger|objects)/, stack);
  for (const overlay of ["production", "staging"]) {
    const places = source(`infra/kubernetes/overlays/${overlay}/places.yaml`);
    assert.match(places, /ledger: dynamodb:\/\/\S+-cluster-ledger\n/, overlay);
    assert.match(places, /objects: s3:\/\/\S+-cluster-objects-\d{12}\n/, overlay);
  }
});

test("the budget counts nodes of the cluster by the tag that it goes by", () => {
  const [, tag] = /TagKeyValue: \[`user:(\S+)\$\$\{environment\.name\}`\]/.exec(source("infra/lib/budget.ts"))!;
  const [template] = made.of("Cluster", "AWS::EC2::LaunchTemplate").map(([, { Properties }]) => Properties.LaunchTemplateData.TagSpecifications[0].Tags);
  assert.ok(template.some(({ Key, Value }: any) => Key === tag && Value === production.name));
  for (const [overlay, environment] of [["production", production], ["staging", environments["trial"]!]] as const) {
    const kustomization = source(`infra/kubernetes/overlays/${overlay}/kustomization.yaml`);
    assert.ok(kustomization.includes(`{op: add, path: "/spec/tags/${tag}", value: ${environment.name}}`), overlay);
    // Disks of the stores, which the driver of EBS makes, and the load balancer.
    assert.ok(kustomization.includes(`/parameters/tagSpecification_1, value: "${tag}=${environment.name}"}`), overlay);
    if (kustomization.includes("components/ingress")) assert.ok(kustomization.includes(`io~1tags, value: "${tag}=${environment.name}"}`), overlay);
  }
});

test("what an hour of everything in the cluster can cost is what docs/kubernetes.md says", () => {
  const prices = new Map(
    [...source("crates/domain/data/instances.yaml").matchAll(/^  ([\w.-]+): .*gpus: (\d+).*usd_per_hour: ([\d.]+)/gm)].map(([, name, gpus, usd]) => [name, Number(usd) / Number(gpus)]),
  );
  const pools = source("infra/kubernetes/base/gpu-nodes/pools.yaml").split(/^---$/m);
  const bounds = pools.flatMap((pool) => {
    const gpus = /^ {4}nvidia\.com\/gpu: "(\d+)"$/m.exec(pool)?.[1];
    const types = /instance-type\n +operator: In\n +values: \[([^\]]+)\]/.exec(pool)?.[1]?.split(", ");
    return gpus && types ? [Number(gpus) * Math.max(...types.map((type) => prices.get(type)!))] : [];
  });
  assert.equal(bounds.length, 3);
  const usd = bounds.reduce((sum, bound) => sum + bound, 0);
  const said = source("docs/kubernetes.md").replaceAll(/\s+/g, " ");
  assert.ok(said.includes(`**${usd.toFixed(0)} USD an hour on demand**`), `${usd}`);
});

test("each service account of docs/kubernetes.md has a role that nobody else takes, and no other has one", () => {
  const table = source("docs/kubernetes.md").split("| service account | what it may |")[1]!.split("\n\n")[0]!;
  const documented = [...table.matchAll(/`([a-z-]+)\/([a-z-]+)`/g)].map((match) => `${match[1]}/${match[2]}`);
  const associations = [...made.of("Cluster", "AWS::EKS::PodIdentityAssociation"), ...made.of("Compute", "AWS::EKS::PodIdentityAssociation")];
  const there = associations.map(([, { Properties }]) => `${Properties.Namespace}/${Properties.ServiceAccount}`);
  assert.deepEqual(there.sort(), documented.sort());
  for (const stack of ["Cluster", "Compute"] as const) {
    for (const [id, { Properties }] of made.of(stack, "AWS::EKS::PodIdentityAssociation")) {
      const [, role] = made.of(stack, "AWS::IAM::Role").find(([found]) => text(Properties.RoleArn) === `<${found}.Arn>`)!;
      const [{ Principal, Action, Condition }] = role.Properties.AssumeRolePolicyDocument.Statement;
      assert.deepEqual(Principal, { Service: "pods.eks.amazonaws.com" }, id);
      assert.deepEqual([Action].flat(), ["sts:AssumeRole", "sts:TagSession"], id);
      assert.deepEqual(
        Condition.StringEquals,
        { "aws:RequestTag/kubernetes-namespace": Properties.Namespace, "aws:RequestTag/kubernetes-service-account": Properties.ServiceAccount },
        id,
      );
    }
  }
});

test("nodes that Karpenter and AWS Batch add may join, which AWS makes for managed nodes itself", () => {
  const entries = all("AWS::EKS::AccessEntry");
  assert.equal(entries.filter((entry) => entry.Type === "EC2_LINUX").length, 1);
  assert.deepEqual(entries.filter((entry) => entry.Type !== "EC2_LINUX").map((entry) => entry.PrincipalArn), cluster.administrators);
  for (const [id, { Properties }] of made.of("Compute", "AWS::Batch::ComputeEnvironment").filter(([id]) => id.startsWith("Eks"))) {
    assert.deepEqual(Properties.EksConfiguration.AccessEntry, { DesiredState: "ENABLED" }, id);
    assert.equal(Properties.EksConfiguration.KubernetesNamespace, BATCH_NAMESPACE, id);
  }
});

test("pods of AWS Batch are what their namespace allows, and their container is the one that the dispatcher overrides", () => {
  const [, container] = /CONTAINER: &str = "(\w+)"/.exec(source("crates/cloud/src/batch/pods.rs"))!;
  const manifests = source("infra/kubernetes/aws-batch/namespace.yaml");
  assert.match(manifests, new RegExp(`name: ${BATCH_NAMESPACE}\\n`));
  const definitions = made.of("Compute", "AWS::Batch::JobDefinition").filter(([, { Properties }]) => Properties.EksProperties);
  assert.ok(definitions.length > 0);
  for (const [id, { Properties }] of definitions) {
    // AWS Batch refuses both on EKS.
    assert.ok(!("PlatformCapabilities" in Properties) && !("PropagateTags" in Properties), id);
    const pod = Properties.EksProperties.PodProperties;
    assert.equal(pod.HostNetwork, false, id);
    assert.equal(pod.ServiceAccountName, "batch-runner", id);
    assert.equal(pod.Metadata.Labels["app.kubernetes.io/name"], "batch-runner", id);
    assert.ok(pod.Volumes.every((volume: object) => !("HostPath" in volume)), id);
    // The same secret as in workflows (infra/kubernetes/base/workflows/batch.yaml).
    assert.deepEqual(pod.Volumes.find((volume: any) => volume.Secret).Secret, { SecretName: "hub", Optional: true }, id);
    assert.match(source("infra/kubernetes/base/workflows/batch.yaml"), /secretKeyRef: \{name: hub, key: token, optional: true\}/);
    const [runner] = pod.Containers;
    assert.equal(runner.Env.find((variable: any) => variable.Name === "HF_TOKEN_PATH").Value, "/run/secrets/hub/token", id);
    assert.equal(runner.Name, container, id);
    assert.ok(!("Command" in runner), "the entrypoint is that of the image");
    assert.equal(runner.SecurityContext.RunAsNonRoot, true, id);
    const { Requests, Limits } = runner.Resources;
    assert.equal(Requests.memory, Limits.memory, id);
    assert.equal(Requests["nvidia.com/gpu"], Limits["nvidia.com/gpu"], id);
    const gpus = Number(/-(?:l4|a100-80gb|h100)x(\d+)-/.exec(Properties.JobDefinitionName)?.[1] ?? 0);
    assert.equal(Number(Requests["nvidia.com/gpu"] ?? 0), gpus, id);
    // No second job fits on its node, and it does beside what the node keeps.
    const [, { vcpus, memoryGib }] = Object.entries(machines).find(([machine]) => Properties.JobDefinitionName.endsWith(`-${machine.replaceAll(".", "-")}-eks`))!;
    assert.equal(Number(Requests.cpu), vcpus - 1, id);
    assert.equal(Limits.cpu, undefined, "a measurement is not throttled");
    assert.ok(parseInt(Limits.memory) > 0.8 * 1024 * memoryGib && parseInt(Limits.memory) < 0.87 * 1024 * memoryGib, id);
  }
});

test("runners of AWS Batch in the cluster reach the results store, wherever it is, or nothing is made", () => {
  const policies = source("infra/kubernetes/aws-batch/network-policies.yaml");
  checkStorePolicy(production, policies);
  const elsewhere = { ...production, store: { cidr: "172.20.0.0/16", port: 6432 } };
  assert.throws(() => stacks(elsewhere), /the results store is at 172\.20\.0\.0\/16, port 6432, and infra\/kubernetes\/aws-batch\/network-policies\.yaml lets runners reach 10\.96\.0\.0\/16, port 5432/);
  checkStorePolicy(elsewhere, policies.replace("10.96.0.0/16", "172.20.0.0/16").replace("port: 5432", "port: 6432"));
  const anywhere = policies.replace("cidr: 10.96.0.0/16\n", "cidr: 0.0.0.0/0\n            except: [169.254.0.0/16]\n");
  checkStorePolicy({ ...production, store: { cidr: "0.0.0.0/0", port: 5432 } }, anywhere);
  // Elsewhere it is nobody's business.
  stacks({ ...elsewhere, cluster: { ...cluster, batch: "none" } });
});

test("where the cluster is the home of jobs, those who submit and who plan are told so, and the former may", () => {
  const { functions } = stacks({ ...production, cluster: { ...cluster, batch: "home" } });
  const addresses = Object.values(functions.findResources("AWS::Lambda::Function")).map((f) => f["Properties"].Environment.Variables.ASSAY_DISPATCHER).filter(Boolean);
  assert.equal(addresses.length, 3);
  for (const address of addresses) {
    assert.match(address, /^batch-eks:\/\/assay-production-\{engine\}-\{hardware\}-\{instance\}-eks\?spot=assay-production-\{instance\}-eks-spot&/);
  }
  assert.match(JSON.stringify(functions.toJSON()), /job-queue\/assay-production-\*/);
});

test("a job on EKS that starts is told of when it should run, and one of ECS, which ends it itself, is not", () => {
  const [, rule] = made.of("Functions", "AWS::Events::Rule").find(([, { Properties }]) => text(Properties.EventPattern.detail?.status) === "STARTING")!;
  const [, queue] = made.of("Functions", "AWS::SQS::Queue").find(([id]) => text(rule.Properties.Targets[0].Arn) === `<${id}.Arn>`)!;
  const [, patience] = /PATIENCE: TimeDelta = TimeDelta::minutes\((\d+)\)/.exec(source("functions/track-progress/src/starting.rs"))!;
  assert.ok(queue.Properties.DelaySeconds > 60 * Number(patience), "who is told too early does nothing");
  const [{ wildcard }] = rule.Properties.EventPattern.detail.jobQueue;
  const pattern = new RegExp(`^${text(wildcard).split("job-queue/")[1]!.replaceAll("*", ".*")}$`);
  const names = made.of("Compute", "AWS::Batch::JobQueue").map(([, { Properties }]) => Properties.JobQueueName as string);
  const onEks = names.filter((name) => /-eks-(spot|on-demand)$/.test(name));
  assert.deepEqual(names.filter((name) => pattern.test(name)).sort(), onEks.sort());
  assert.equal(onEks.length, names.length / 2);
});

test("where AWS Batch has nothing to do with the cluster, it has no queue there", () => {
  const { compute, functions } = stacks({ ...production, cluster: { ...cluster, batch: "none" } });
  assert.ok(!JSON.stringify(functions.toJSON()).includes("STARTING"));
  compute.resourcePropertiesCountIs("AWS::Batch::ComputeEnvironment", { EksConfiguration: { KubernetesNamespace: BATCH_NAMESPACE } }, 0);
});

function stacks(environment: Environment): { cluster: Template | undefined; compute: Template; functions: Template } {
  const folder = mkdtempSync(join(tmpdir(), "assay-cluster-"));
  try {
    const { cluster, compute, functions } = installation(new App({ outdir: folder }), environment);
    return { cluster: cluster && Template.fromStack(cluster), compute: Template.fromStack(compute), functions: Template.fromStack(functions) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
