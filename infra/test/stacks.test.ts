/** What the stacks must have, in every environment. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { environments } from "../config/index.ts";
import { FUNCTIONS, definitionName, dispatcherAddress, queueName, type Capacity, type Home } from "../lib/names.ts";
import { instanceType, machines, machinesOf, type Machine } from "../lib/machines.ts";
import { SHAPES } from "../lib/functions.ts";
import { RUN_ROUTES } from "../lib/api.ts";
import { disk } from "../lib/jobs.ts";
import { synthesis, text } from "./synthesis.ts";

const source = (path: string) => readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), "utf8");

/** Whether a filter of CloudWatch Logs takes an event, as its documents say: what is not there is neither equal nor unequal. */
function matches(pattern: string, event: object): boolean {
  const valueOf = (path: string) => path.split(/[.[\]]+/).reduce((part: any, name) => part?.[name], event);
  const compare = (path: string, sign: string, wanted: string) => {
    const value = valueOf(path);
    if (value === undefined) return false;
    if (sign === ">") return value > Number(wanted);
    if (sign === ">=") return value >= Number(wanted);
    const text = wanted.replace(/^"|"$/g, "");
    const equal = text.endsWith("*")
      ? String(value).startsWith(text.slice(0, -1))
      : text.startsWith("*")
        ? String(value).endsWith(text.slice(1))
        : String(value) === text;
    return equal === (sign === "=");
  };
  const expression = pattern
    .replace(/^\{|\}$/g, "")
    .replace(/\$\.([\w.[\]]+) NOT EXISTS/g, (_, path: string) => String(valueOf(path) === undefined))
    .replace(/\$\.([\w.[\]]+) (!?=|>=?) ("[^"]*"|\d+)/g, (_, path: string, sign: string, wanted: string) => String(compare(path, sign, wanted)));
  assert.match(expression, /^(true|false|&&|\|\||[() ])+$/, pattern);
  return Function(`return ${expression}`)();
}

for (const name of Object.keys(environments)) {
  const made = synthesis(name);
  const { environment } = made;

  /** The services of this account that may publish to a topic. */
  function publishersOf(topic: string): string[] {
    const [[, policy]] = made.of("Functions", "AWS::SNS::TopicPolicy").filter(([id]) => id.startsWith(topic)) as [[string, (typeof made.templates.Functions.Resources)[string]]];
    const allowed = policy.Properties.PolicyDocument.Statement.filter((s: { Effect: string; Action: string }) => s.Effect === "Allow" && s.Action === "sns:Publish");
    assert.ok(allowed.every((s: { Condition: object }) => text(s.Condition).includes("aws:SourceAccount")));
    return allowed.map((s: { Principal: { Service: string } }) => s.Principal.Service).sort();
  }

  test(`${name}: every finding of cdk-nag is explained`, () => {
    assert.deepEqual(made.findings, []);
    assert.ok(made.explained.every((reason) => reason.length > 20), "a reason is a sentence");
  });

  test(`${name}: data has no public subnet, and jobs no address of their own`, () => {
    const subnets = made.of("Network", "AWS::EC2::Subnet");
    const kinds = subnets.map(([, subnet]) => subnet.Properties.Tags.find((tag: { Key: string }) => tag.Key === "aws-cdk:subnet-name").Value);
    const wanted = [...(environment.cluster ? ["control-plane"] : []), "data", "jobs", "nat"];
    assert.deepEqual([...new Set(kinds)].sort(), wanted);
    const { zones } = environment.network;
    assert.equal(subnets.length, wanted.length * (typeof zones === "number" ? zones : zones.length));
    assert.ok(subnets.every(([, subnet]) => subnet.Properties.MapPublicIpOnLaunch === false));
    const instances = made.of("Network", "AWS::EC2::NatGateway");
    assert.equal(instances.length, environment.network.natGateways);
    const gateways = made.of("Network", "AWS::EC2::VPCEndpoint").filter(([, e]) => e.Properties.VpcEndpointType === "Gateway");
    assert.equal(gateways.length, 2, "S3 and DynamoDB");
    // The routes of the data's subnets lead nowhere outside.
    const outside = made.of("Network", "AWS::EC2::Route").filter(([id]) => /^Vpc(data|controlplane)/.test(id));
    assert.deepEqual(outside, []);
  });

  test(`${name}: objects are private, encrypted, and raw records go after 90 days by the tag that the code writes`, () => {
    const [, objects] = made.of("Data", "AWS::S3::Bucket").find(([id]) => id.startsWith("Objects"))!;
    const { Properties } = objects;
    assert.deepEqual(Object.values(Properties.PublicAccessBlockConfiguration), [true, true, true, true]);
    assert.equal(Properties.BucketEncryption.ServerSideEncryptionConfiguration[0].ServerSideEncryptionByDefault.SSEAlgorithm, "aws:kms");
    assert.equal(Properties.NotificationConfiguration.EventBridgeConfiguration.EventBridgeEnabled, true);
    const after90 = Properties.LifecycleConfiguration.Rules.filter((rule: { ExpirationInDays?: number }) => rule.ExpirationInDays === 90);
    assert.deepEqual(after90.map((rule: { TagFilters?: object; Prefix?: string }) => rule.TagFilters ?? rule.Prefix), [[{ Key: "class", Value: "raw" }]]);
    assert.match(source("crates/cloud/src/s3/upload.rs"), /format!\("class=\{\}", self\.key\.class\(\)/);
    assert.match(source("crates/store/src/ports/objects.rs"), /Self::Raw => "raw"/);
    const uploads = Properties.LifecycleConfiguration.Rules.find((rule: object) => "AbortIncompleteMultipartUpload" in rule);
    assert.equal(uploads.AbortIncompleteMultipartUpload.DaysAfterInitiation, 2);
    for (const [, policy] of [...made.of("Data", "AWS::S3::BucketPolicy"), ...made.of("Api", "AWS::S3::BucketPolicy")]) {
      assert.match(JSON.stringify(policy.Properties), /"aws:SecureTransport":"false"/);
    }
  });

  test(`${name}: releases of images are counted by their tags`, () => {
    for (const [id, { Properties }] of [...made.of("Data", "AWS::ECR::Repository"), ...made.of("Cluster", "AWS::ECR::Repository")]) {
      const { rules } = JSON.parse(Properties.LifecyclePolicy.LifecyclePolicyText) as { rules: { selection: Record<string, unknown> }[] };
      const [tagged, rest] = rules.map((rule) => rule.selection);
      assert.deepEqual([tagged!.tagStatus, tagged!.countType, tagged!.countNumber], ["tagged", "imageCountMoreThan", 10], id);
      assert.deepEqual([rest!.tagStatus, rest!.countType], ["untagged", "sinceImagePushed"], id);
    }
  });

  test(`${name}: the addresses of ledger and objects are told to people`, () => {
    const { Outputs } = made.templates.Data;
    assert.match(text(Outputs!["LedgerAddress"]!.Value), /^dynamodb:\/\/<Ledger/);
    assert.match(text(Outputs!["ObjectsAddress"]!.Value), /^s3:\/\/<Objects/);
  });

  test(`${name}: the ledger has the keys and the time to live of crates/cloud`, () => {
    const [[, table]] = made.of("Data", "AWS::DynamoDB::GlobalTable") as [[string, (typeof made.templates.Data.Resources)[string]]];
    assert.deepEqual(table.Properties.KeySchema, [
      { AttributeName: "pk", KeyType: "HASH" },
      { AttributeName: "sk", KeyType: "RANGE" },
    ]);
    assert.deepEqual(table.Properties.TimeToLiveSpecification, { AttributeName: "expires_at", Enabled: true });
    assert.equal(table.Properties.Replicas[0].PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled, true);
    const keys = source("crates/cloud/src/dynamodb/keys.rs");
    assert.match(keys, /PK: &str = "pk"/);
    assert.match(keys, /SK: &str = "sk"/);
    assert.match(source("crates/cloud/src/dynamodb/table.rs"), /attribute_name\("expires_at"\)/);
    // What AWS does not restore with a table is in the steps by which a person restores it.
    const steps = source("docs/operate.md").split("### The ledger")[1]!.split("\n## ")[0]!;
    assert.ok(steps.includes("Enabled=true,AttributeName=expires_at") && steps.includes("PointInTimeRecoveryEnabled=true"));
    assert.ok(steps.includes("--deletion-protection-enabled") && steps.includes("Key=assay:environment"));
    assert.ok(steps.includes("assay-production-ledger"), "under the same name");
    assert.equal(table.DeletionPolicy, environment.onDeletion === "keep" ? "Retain" : "Delete");
  });

  test(`${name}: every function has its role, its log, its limits, and a queue that gives up into another`, () => {
    const functions = made.of("Functions", "AWS::Lambda::Function");
    assert.equal(functions.length, FUNCTIONS.length);
    const roles = new Set(functions.map(([, f]) => text(f.Properties.Role)));
    assert.equal(roles.size, FUNCTIONS.length, "no role is shared");
    for (const [id, { Properties }] of functions) {
      assert.ok(Properties.ReservedConcurrentExecutions > 0, id);
      assert.equal(Properties.TracingConfig.Mode, "Active", id);
      assert.equal(Properties.Runtime, "provided.al2023", id);
      assert.deepEqual(Properties.Architectures, [environment.functions.architecture], id);
      assert.ok(Properties.LoggingConfig.LogGroup, id);
    }
    const reserved = functions.reduce((sum, [, f]) => sum + f.Properties.ReservedConcurrentExecutions, 0);
    assert.ok(source("docs/operate.md").includes(`at least ${100 + reserved} concurrent executions of Lambda (${reserved} are reserved`));
    const groups = made.of("Functions", "AWS::Logs::LogGroup");
    assert.equal(groups.length, FUNCTIONS.length);
    assert.ok(groups.every(([, group]) => group.Properties.RetentionInDays === environment.functions.logDays && group.Properties.KmsKeyId));
    const starting = (environment.cluster?.batch ?? "none") === "none" ? 0 : 1;
    const queues = made.of("Functions", "AWS::SQS::Queue");
    // track-progress has more than one: what may take an invocation's time is told alone, and what starts on EKS later.
    assert.equal(queues.length, 2 * FUNCTIONS.length + starting);
    for (const [id, { Properties }] of queues.filter(([, queue]) => queue.Properties.RedrivePolicy)) {
      assert.ok(Properties.RedrivePolicy.maxReceiveCount >= 5, id);
      const named = FUNCTIONS.find((f) => [f, `${f}-alone`, `${f}-starting`].some((queue) => Properties.QueueName === `${environment.name}-${queue}`))!;
      assert.equal(Properties.VisibilityTimeout, 6 * SHAPES[named].timeoutS, id);
    }
    const mappings = made.of("Functions", "AWS::Lambda::EventSourceMapping");
    assert.equal(mappings.length, FUNCTIONS.length + starting);
    const [alone, ...others] = mappings.map(([, m]) => m.Properties).sort((a, b) => a.BatchSize - b.BatchSize);
    assert.deepEqual([alone!.BatchSize, others.every((m) => m.BatchSize === 10)], [1, true]);
    assert.match(text(alone!.EventSourceArn), /trackprogressalonequeue/);
    const [, reconciler] = functions.find(([, f]) => f.Properties.FunctionName === `${environment.name}-track-progress`)!;
    const ends = SHAPES["track-progress"].concurrency;
    assert.equal(reconciler.Properties.ReservedConcurrentExecutions, ends + alone!.ScalingConfig.MaximumConcurrency, "the ends of jobs have theirs");
    for (const [, { Properties }] of functions) {
      const own = mappings.map(([, m]) => m.Properties).filter((m) => text(m.FunctionName) === `<${functions.find(([, f]) => f.Properties === Properties)![0]}>`);
      const most = own.reduce((sum, m) => sum + m.ScalingConfig.MaximumConcurrency, 0);
      assert.ok(most <= Properties.ReservedConcurrentExecutions, Properties.FunctionName);
      assert.ok(own.length > 0 || Properties.FunctionName.endsWith("-serve-api"), Properties.FunctionName);
    }
    assert.ok(mappings.every(([, m]) => m.Properties.FunctionResponseTypes[0] === "ReportBatchItemFailures"));
  });

  test(`${name}: each event of the bus is told to the functions of docs/aws.md, and each that is told exists`, () => {
    const types = [...source("events/src/lib.rs").matchAll(/rename = "([\w.]+\.v\d+)"/g)].map((match) => match[1]!);
    const told = made.of("Functions", "AWS::Events::Rule").flatMap(([, rule]) => {
      const pattern = rule.Properties.EventPattern;
      const queue = text(rule.Properties.Targets[0].Arn);
      return (pattern["detail-type"] as string[]).map((type) => ({ type, source: pattern.source[0], queue, pattern }));
    });
    for (const [id, rule] of made.of("Functions", "AWS::Events::Rule")) {
      const [target] = rule.Properties.Targets;
      assert.equal(text(target.DeadLetterConfig.Arn).split("dead")[0], text(target.Arn).split(/(?:starting)?queue/)[0], id);
    }
    const documented = [...source("docs/aws.md").matchAll(/^\| ([a-z-]+) \| ([^|]+) \| `[A-Z]/gm)].filter(([, f]) => (FUNCTIONS as readonly string[]).includes(f!));
    assert.equal(documented.length, FUNCTIONS.length);
    for (const [, f, by] of documented) {
      const id = f!.replaceAll("-", "");
      const ours = told.filter(({ queue }) => [`<${id}queue`, `<${id}alonequeue`].some((own) => queue.startsWith(own)));
      const own = ours.filter(({ source }) => source === "assay").map(({ type }) => type);
      assert.deepEqual(own.sort(), [...by!.matchAll(/`([\w.]+\.v\d)`/g)].map((match) => match[1]).sort(), f);
      assert.ok(own.every((type) => types.includes(type)), f);
      const uploads = ours.find(({ source }) => source === "aws.s3")?.pattern.detail.object.key[0].prefix;
      assert.equal(uploads, /uploads under `([\w/]+)`/.exec(by!)?.[1], f);
      const jobs = ours.find(({ source, queue }) => source === "aws.batch" && !queue.includes("starting"));
      assert.equal(Boolean(jobs), by!.includes("Batch Job State Change"), f);
      if (jobs) assert.deepEqual(jobs.pattern.detail.status, ["SUCCEEDED", "FAILED"]);
    }
  });

  test(`${name}: schedules are named as their specs, and have no input of their own`, () => {
    const schedules = made.of("Schedule", "AWS::Scheduler::Schedule").map(([, schedule]) => schedule.Properties);
    assert.deepEqual(schedules.map((s) => s.Name).sort(), ["catalogue", "reconciler", ...environment.schedules.map((s) => s.name)].sort());
    assert.ok(schedules.every((s) => s.Target.Input === undefined));
    const catalogue = schedules.find((s) => s.Name === "catalogue")!;
    assert.equal(catalogue.ScheduleExpression, "rate(15 minutes)");
    const reconciler = schedules.find((s) => s.Name === "reconciler")!;
    assert.equal(reconciler.ScheduleExpression, "rate(10 minutes)");
    assert.match(text(reconciler.Target.Arn), /trackprogressalonequeue/);
    assert.ok(schedules.every((s) => /dead/.test(text(s.Target.DeadLetterConfig.Arn))), "what cannot be told waits for a person");
    const [[, policy]] = made.of("Schedule", "AWS::IAM::Policy") as [[string, (typeof made.templates.Schedule.Resources)[string]]];
    const [queues] = policy.Properties.PolicyDocument.Statement;
    for (const { Target } of schedules) {
      for (const arn of [Target.Arn, Target.DeadLetterConfig.Arn]) assert.ok(text(queues.Resource).includes(text(arn)));
    }
  });

  test(`${name}: every name that the dispatcher can make is there, and nothing else`, () => {
    const homes: Home[] = (environment.cluster?.batch ?? "none") === "none" ? ["ecs"] : ["ecs", "eks"];
    const dashed = (name: string) => name.replaceAll(".", "-");
    const queues: string[] = [];
    const wanted: string[] = [];
    for (const home of homes) {
      const url = /^(batch|batch-eks):\/\/([^?]+)\?spot=([^&]+)&on-demand=([^&]+)&instances=([^&]+)&engines=(.+)$/.exec(dispatcherAddress(environment, home))!;
      const [scheme, definition, spot, onDemand, instances, engines] = url.slice(1) as [string, string, string, string, string, string];
      assert.match(source("crates/cloud/src/batch/home.rs"), new RegExp(`"${scheme}" => Some\\(\\(Self::${home === "eks" ? "Eks" : "Ecs"}`));
      for (const instance of instances.split(",") as Machine[]) {
        queues.push(...[spot, onDemand].map((queue) => queue.replace("{instance}", dashed(instance))));
        const { accelerator, gpus } = machines[instance];
        const hardware = gpus === 0 ? ["cpu"] : [1, 2, 4, 8].filter((some) => some <= gpus).map((some) => `${accelerator}x${some}`);
        for (const engine of instance === "cpu" ? ["simulated", "hosted"] : engines.split(",")) {
          const filled = definition.replace("{engine}", dashed(engine)).replace("{instance}", dashed(instance));
          wanted.push(...(home === "eks" ? hardware.map((one) => filled.replace("{hardware}", one)) : [filled]));
        }
      }
    }
    const there = made.of("Compute", "AWS::Batch::JobQueue").map(([, queue]) => queue.Properties.JobQueueName as string);
    assert.deepEqual(there.sort(), queues.sort());
    assert.ok(there.includes(queueName(environment, "g6.xlarge", "spot")));
    const definitions = made.of("Compute", "AWS::Batch::JobDefinition").map(([, d]) => d.Properties.JobDefinitionName as string);
    assert.deepEqual(definitions.sort(), wanted.sort());
    assert.ok(definitions.includes(definitionName(environment, "vllm", "g6.xlarge")));
    // Their images are those that are built, and run programs for the processors of the machines.
    const images = source("infra/images/engines.txt");
    const repositories = made.of("Data", "AWS::ECR::Repository").map(([, r]) => r.Properties.RepositoryName as string);
    assert.equal(repositories.length, 1 + environment.compute.engines.length);
    for (const repository of repositories) {
      const engine = repository.replace(`${environment.name}/batch-runner-`, "");
      assert.match(images, new RegExp(`^${engine} `, "m"));
    }
    assert.match(source("infra/images/batch-runner.Dockerfile"), /ENTRYPOINT \["batch-runner"\]/);
    // The names of engines are those of the code, and so are the blanks.
    const named = source("crates/domain/src/framework.rs");
    for (const engine of environment.compute.engines) assert.match(named, new RegExp(`=> "${engine}"`));
    const blanks = source("crates/cloud/src/batch/blanks.rs");
    for (const blank of ["{engine}", "{hardware}", "{instance}"]) assert.ok(blanks.includes(blank));
  });

  test(`${name}: jobs are tried again as the dispatcher says, and asked of spot by price and capacity`, () => {
    const submission = source("crates/cloud/src/batch/submission.rs");
    assert.match(submission, /Retry\)\.on_status_reason\(format!\("\{HOST_LOST\}\*"\)\)/);
    assert.match(source("crates/cloud/src/batch/report.rs"), /HOST_LOST: &str = "Host EC2"/);
    assert.match(source("crates/cloud/src/batch/report.rs"), /NOT_STARTED: &str = "Task failed to start"/);
    assert.match(source("crates/store/src/ports/dispatcher.rs"), /INTERRUPTED: i32 = 75/);
    // What the dispatcher leaves out on EKS: a job without an exit code is tried again there.
    assert.match(submission, /\(home == Home::Ecs\)\.then\(\|\| condition\(RetryAction::Exit\)\.on_reason\("\*"\)\)/);
    for (const [id, { Properties }] of made.of("Compute", "AWS::Batch::JobDefinition")) {
      const conditions = Properties.RetryStrategy.EvaluateOnExit.map((c: object) => Object.keys(c).concat(Object.values(c)).sort().join(" "));
      const anyReason = Properties.EksProperties ? [] : ["* Action EXIT OnReason"];
      assert.deepEqual(conditions, ["Action Host EC2* OnStatusReason RETRY", "Action OnStatusReason RETRY Task failed to start*", "75 Action OnExitCode RETRY", ...anyReason, "* Action EXIT OnExitCode"], id);
      assert.equal((Properties.ContainerProperties ?? Properties.EksProperties.PodProperties.Containers[0].SecurityContext).Privileged, false, id);
    }
    for (const [id, { Properties }] of made.of("Compute", "AWS::Batch::ComputeEnvironment")) {
      const { Type, AllocationStrategy, MinvCpus, MaxvCpus } = Properties.ComputeResources;
      assert.equal(AllocationStrategy, Type === "SPOT" ? "SPOT_PRICE_CAPACITY_OPTIMIZED" : "BEST_FIT_PROGRESSIVE", id);
      assert.ok(MinvCpus === 0 && MaxvCpus > 0, id);
    }
    for (const [id, { Properties }] of made.of("Compute", "AWS::EC2::LaunchTemplate")) {
      const { MetadataOptions, BlockDeviceMappings } = Properties.LaunchTemplateData;
      assert.equal(MetadataOptions.HttpTokens, "required", id);
      // On ECS runners ask for EC2's notices from inside of a container; pods reach no metadata.
      assert.equal(MetadataOptions.HttpPutResponseHopLimit, id.startsWith("Eks") ? 1 : 2, id);
      assert.ok(BlockDeviceMappings[0].Ebs.Encrypted, id);
      const [{ ResourceType, Tags }] = Properties.LaunchTemplateData.TagSpecifications;
      assert.deepEqual([ResourceType, Tags], ["volume", [{ Key: "assay:environment", Value: environment.name }]], "the budget counts disks");
    }
  });

  test(`${name}: a job has a machine for itself, and none waits for ever for one`, () => {
    const queues = new Map(made.of("Compute", "AWS::Batch::JobQueue").map(([, queue]) => [queue.Properties.JobQueueName as string, queue.Properties]));
    const hosts = new Map(made.of("Compute", "AWS::Batch::ComputeEnvironment"));
    const definitions = made.of("Compute", "AWS::Batch::JobDefinition").map(([, definition]) => definition.Properties);
    for (const machine of Object.keys(environment.compute.machines) as Machine[]) {
      const { vcpus, gpus, memoryGib } = machines[machine];
      for (const capacity of ["spot", "on-demand"] as const) {
        const queue = queues.get(queueName(environment, machine, capacity))!;
        assert.equal(queue.ComputeEnvironmentOrder.length, 1);
        const [id] = queue.ComputeEnvironmentOrder[0].ComputeEnvironment["Fn::GetAtt"] as [string];
        const { Type, InstanceTypes, MaxvCpus } = hosts.get(id)!.Properties.ComputeResources;
        assert.equal(Type, capacity === "spot" ? "SPOT" : "EC2");
        assert.deepEqual(InstanceTypes, [instanceType(machine)]);
        assert.equal(MaxvCpus, vcpus * environment.compute.machines[machine]!, "whole machines, one at least");
        const ended = queue.JobStateTimeLimitActions.map((limit: { Reason: string }) => limit.Reason);
        assert.deepEqual(ended.map((reason: string) => reason.split(":")[0]), ["CAPACITY", "MISCONFIGURATION", "MISCONFIGURATION"]);
      }
      const own = definitions.filter((definition) => definition.JobDefinitionName.endsWith(`-${machine.replaceAll(".", "-")}`));
      assert.ok(own.length > 0);
      for (const { ContainerProperties } of own) {
        const asked = Object.fromEntries(ContainerProperties.ResourceRequirements.map((r: { Type: string; Value: string }) => [r.Type, Number(r.Value)]));
        assert.deepEqual([asked.VCPU, asked.GPU ?? 0], [vcpus, gpus], "no second job fits");
        assert.ok(asked.MEMORY > 0.85 * 1024 * memoryGib && asked.MEMORY < 0.95 * 1024 * memoryGib);
      }
    }
  });

  test(`${name}: the API asks who it is on every route but two, and everything is throttled`, () => {
    const routes = made.of("Api", "AWS::ApiGatewayV2::Route").map(([, route]) => route.Properties);
    const open = routes.filter((route) => route.AuthorizationType === "NONE").map((route) => route.RouteKey);
    assert.deepEqual(open.sort(), ["GET /healthz", "GET /openapi.json"]);
    const kind = environment.api.authoriser.kind === "jwt" ? "JWT" : "AWS_IAM";
    assert.ok(routes.filter((route) => !open.includes(route.RouteKey)).every((route) => route.AuthorizationType === kind));
    if (kind === "JWT") {
      const [, api] = made.of("Functions", "AWS::Lambda::Function").find(([, f]) => f.Properties.FunctionName.endsWith("serve-api"))!;
      assert.ok(api.Properties.Environment.Variables.ASSAY_JWKS, "serve-api checks tokens once more");
      const changing = routes.filter((route) => RUN_ROUTES.some(([method, path]) => route.RouteKey === `${method} ${path}`));
      assert.equal(changing.length, RUN_ROUTES.length);
      assert.ok(changing.every((route) => text(route.AuthorizationScopes) === "run,assay:run,admin,assay:admin"));
      const reading = routes.filter((route) => !open.includes(route.RouteKey) && !changing.includes(route));
      assert.ok(reading.length > 0 && reading.every((route) => text(route.AuthorizationScopes) === "read,assay:read,run,assay:run,admin,assay:admin"));
      assert.match(source("functions/serve-api/src/access/jwt.rs"), /strip_prefix\("assay:"\)/);
      assert.match(source("docs/api.md"), /`read`, `run` or\n`admin` \(or `assay:read` and so on\)/);
    }
    const [[, stage]] = made.of("Api", "AWS::ApiGatewayV2::Stage") as [[string, (typeof made.templates.Api.Resources)[string]]];
    assert.equal(stage.Properties.DefaultRouteSettings.ThrottlingRateLimit, environment.api.requestsPerSecond);
    assert.ok(stage.Properties.AccessLogSettings.DestinationArn);
  });

  test(`${name}: people are told of every function, every dead-letter queue and the API`, () => {
    const alarms = made.of("Observability", "AWS::CloudWatch::Alarm").map(([, alarm]) => alarm.Properties);
    const names = alarms.map((alarm) => alarm.AlarmName as string);
    for (const f of FUNCTIONS) {
      for (const what of ["errors", "throttles", "slow"]) assert.ok(names.includes(`${environment.name}-${f}-${what}`), f);
      if (f !== "serve-api") for (const what of ["dead", "late", "given-up"]) assert.ok(names.includes(`${environment.name}-${f}-${what}`), f);
    }
    assert.ok(alarms.every((alarm) => alarm.AlarmActions.length === 1));
    // Each is in docs/operate.md with what to do, and what is there exists.
    const kind = (name: string) => name.replace(`${environment.name}-`, "").replace(new RegExp(`^(?:${FUNCTIONS.join("|")})-(?:alone-)?`), "FUNCTION-");
    const documented = [...source("docs/operate.md").split("| alarm |")[1]!.split("\n\n")[0]!.matchAll(/^\| `([\w-]+)` \|/gm)].map((match) => match[1]!);
    assert.deepEqual([...new Set(names.map(kind))].sort(), documented.sort());
    assert.ok(source("docs/operate.md").includes(`| ${names.length} alarms, less 10 that are free |`));
    // SNS lets nobody in by itself once the topic has a policy.
    assert.deepEqual(publishersOf("People"), ["budgets.amazonaws.com", "cloudwatch.amazonaws.com"]);
    // What functions say of themselves is looked for under the names that they say it by.
    const metrics = source("crates/lambda/src/metrics.rs");
    const said = [...metrics.matchAll(/metric\("(\w+)"\)/g)].map((match) => match[1]);
    const namespace = /NAMESPACE: &str = "(\w+)"/.exec(metrics)![1];
    const dashboard = text(Object.values(made.templates.Observability.Resources).find((r) => r.Type === "AWS::CloudWatch::Dashboard")!.Properties.DashboardBody);
    const shown = [...dashboard.matchAll(/\["Assay","(\w+)","(\w+)"/g)];
    assert.equal(namespace, "Assay");
    assert.deepEqual([...new Set(shown.map((match) => match[1]))].sort(), [...said].sort());
    assert.ok(shown.every((match) => match[2] === "function") && metrics.includes('"Dimensions": [["function"]]'));
  });

  test(`${name}: ends of jobs reach the log that they are counted in, or people are told`, () => {
    const [[, policy]] = made.of("Observability", "AWS::Logs::ResourcePolicy") as [[string, any]];
    const { Statement: statements } = JSON.parse(text(policy.Properties.PolicyDocument)) as { Statement: { Action: string; Condition?: object; Resource: string }[] };
    const conditions = new Map(statements.map(({ Action, Condition }) => [Action, Condition]));
    // AWS' own example has the rule as a condition of the second alone.
    assert.deepEqual([...conditions.keys()], ["logs:CreateLogStream", "logs:PutLogEvents"]);
    assert.equal(conditions.get("logs:CreateLogStream"), undefined);
    assert.match(JSON.stringify(conditions.get("logs:PutLogEvents")), /aws:SourceArn/);
    const [[rule, { Properties }]] = made.of("Observability", "AWS::Events::Rule") as [[string, any]];
    assert.match(text(Properties.Targets[0].Arn), new RegExp(`/aws/events/${environment.name}-jobs$|JobEnds`));
    const alarm = made.of("Observability", "AWS::CloudWatch::Alarm").map(([, { Properties }]) => Properties).find((alarm) => alarm.MetricName === "FailedInvocations");
    assert.deepEqual(alarm.Dimensions, [{ Name: "RuleName", Value: { Ref: rule } }]);
  });

  test(`${name}: jobs are counted by how they ended, each once`, () => {
    const filters = made.of("Observability", "AWS::Logs::MetricFilter").map(([, filter]) => filter.Properties);
    const counted = (detail: object) =>
      filters.filter((filter) => matches(filter.FilterPattern, { detail })).map((filter) => filter.MetricTransformations[0].MetricName as string);
    assert.ok(filters.every((filter) => filter.FilterPattern.length <= 1024), "the most that CloudWatch Logs takes");
    const exited = "Essential container in task exited";
    const queue = (capacity: Capacity, home: Home = "ecs") => ({ jobQueue: `arn:aws:batch:us-east-1:123456789012:job-queue/${queueName(environment, "g6.xlarge", capacity, home)}` });
    const failed = (statusReason: string, exitCode?: number) => ({
      status: "FAILED",
      statusReason,
      container: { image: "runner", ...(exitCode === undefined ? {} : { exitCode }) },
      ...(exitCode === undefined ? {} : { startedAt: 1 }),
      ...queue("spot"),
    });
    assert.deepEqual(counted({ status: "SUCCEEDED", statusReason: exited, container: { exitCode: 0 } }), ["jobs-succeeded"]);
    assert.deepEqual(counted(failed(exited, 1)), ["jobs-failed"]);
    assert.deepEqual(counted({ ...failed(exited, 1), arrayProperties: { index: 3 } }), ["jobs-failed"]);
    assert.deepEqual(counted(failed("Task failed to start")), ["jobs-failed"]);
    assert.deepEqual(counted({ status: "FAILED" }), ["jobs-failed"]);
    assert.deepEqual(counted(failed("Host EC2 (instance i-0a1b) terminated.")), ["jobs-lost"]);
    assert.deepEqual(counted(failed(exited, 75)), ["jobs-lost"]);
    const waited = /WAITED: &str = "([^"]+)"/.exec(source("crates/cloud/src/batch/report.rs"))![1];
    const noMachine = failed(`${waited}CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY`);
    assert.deepEqual(counted(noMachine), ["jobs-lost"]);
    assert.deepEqual(counted({ ...noMachine, ...queue("on-demand") }), ["jobs-failed"]);
    assert.deepEqual(counted(failed(`${waited}MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT`)), ["jobs-failed"]);
    // On EKS, where a container is in a pod, and nothing is said of a node that is lost.
    const pod = (container: object, startedAt?: number) => {
      const eksProperties = { podProperties: { containers: [{ name: "runner", ...container }] } };
      return { status: "FAILED", statusReason: "ended", eksProperties, ...(startedAt ? { startedAt } : {}), ...queue("spot", "eks") };
    };
    assert.deepEqual(counted(pod({ exitCode: 1 }, 1)), ["jobs-failed"]);
    assert.deepEqual(counted(pod({ exitCode: 75 }, 1)), ["jobs-lost"]);
    assert.deepEqual(counted(pod({}, 1)), ["jobs-lost"]);
    assert.deepEqual(counted({ ...pod({}), statusReason: noMachine.statusReason }), ["jobs-lost"]);
    assert.deepEqual(counted({ ...pod({}), statusReason: noMachine.statusReason, ...queue("on-demand", "eks") }), ["jobs-failed"]);
    const stuck = /STILL_STARTING: &str = "([^"]+)"/.exec(source("crates/cloud/src/batch/report.rs"))![1];
    assert.deepEqual(counted({ ...pod({}), statusReason: `${stuck}15 min` }), ["jobs-failed"]);
    assert.deepEqual(counted({ ...pod({}, 1), statusReason: "stopped on request: its campaign was paused" }), []);
    const stopped = /STOPPED: &str = "([^"]+)"/.exec(source("crates/store/src/ports/dispatcher.rs"))![1];
    assert.deepEqual(counted(failed(`${stopped}: its campaign was paused`, 75)), []);
    assert.deepEqual(counted(failed(`${stopped}: the budget is used up`)), []);
    assert.deepEqual(counted({ ...failed("Array Child Job failed"), arrayProperties: { size: 5 } }), [], "its jobs were counted");
  });

  test(`${name}: when the month's money is spent, nothing more is submitted, and track-progress hears of it`, () => {
    const [[, action]] = made.of("Budget", "AWS::Budgets::BudgetsAction") as [[string, (typeof made.templates.Budget.Resources)[string]]];
    assert.equal(action.Properties.ApprovalModel, "AUTOMATIC");
    assert.equal(action.Properties.Definition.IamActionDefinition.Roles.length, 2);
    const [[, policy]] = made.of("Budget", "AWS::IAM::ManagedPolicy") as [[string, (typeof made.templates.Budget.Resources)[string]]];
    assert.deepEqual(policy.Properties.PolicyDocument.Statement, [{ Action: "batch:SubmitJob", Effect: "Deny", Resource: "*" }]);
    // Its notice goes through the topic that track-progress knows by its name, which AWS Budgets may publish to.
    const [topic, resource] = made.of("Functions", "AWS::SNS::Topic").find(([id]) => id.startsWith("Spent"))!;
    const suffix = /SPENT: &str = "([^"]+)"/.exec(source("functions/track-progress/src/spent.rs"))![1]!;
    assert.ok(resource.Properties.TopicName.endsWith(suffix));
    assert.deepEqual(publishersOf("Spent"), ["budgets.amazonaws.com"]);
    const [[, budget]] = made.of("Budget", "AWS::Budgets::Budget") as [[string, (typeof made.templates.Budget.Resources)[string]]];
    const all = budget.Properties.NotificationsWithSubscribers.find(
      ({ Notification: n }: { Notification: { NotificationType: string; Threshold: number } }) => n.NotificationType === "ACTUAL" && n.Threshold === 100,
    );
    const told = all.Subscribers.filter((s: { SubscriptionType: string }) => s.SubscriptionType === "SNS");
    assert.deepEqual(told.map((s: { Address: unknown }) => text(s.Address).includes("Spent")), [true], "AWS Budgets takes one topic");
    const [[, heard]] = made.of("Functions", "AWS::SNS::Subscription").filter(([, s]) => text(s.Properties.TopicArn) === `<${topic}>`) as [[string, (typeof made.templates.Functions.Resources)[string]]];
    assert.match(text(heard.Properties.Endpoint), /^<trackprogressqueue/);
    const queue = text(heard.Properties.Endpoint).slice(1).split(".")[0]!;
    const policies = made.of("Functions", "AWS::SQS::QueuePolicy").filter(([, p]) => text(p.Properties.Queues) === `<${queue}>`);
    assert.match(JSON.stringify(policies), /sns\.amazonaws\.com/);
  });

  test(`${name}: placeholders for programs are said and refused`, () => {
    const { Rules, Metadata } = made.templates.Functions;
    assert.match(Metadata!["assay:packages"]!, process.env["ASSAY_PACKAGES"] ? /built/ : /^placeholders: trigger-campaign/);
    if (!process.env["ASSAY_PACKAGES"]) assert.ok(JSON.stringify(Rules).includes("make functions"));
  });
}

test("no environment's name begins with another's, since roles and rules go by the beginning of names", () => {
  const names = Object.values(environments).map((environment) => environment.name);
  for (const name of names) assert.deepEqual(names.filter((other) => other.startsWith(name)), [name]);
});

test("machines are those by whose prices campaigns are planned", () => {
  const known = source("crates/domain/data/instances.yaml").matchAll(/^  ([\w.-]+): \{accelerator: ([\w-]+), gpus: (\d), vcpus: (\d+), memory_gib: (\d+), usd/gm);
  const priced = new Map([...known].map(([, name, accelerator, ...sizes]) => [name, [accelerator, ...sizes.map(Number)]]));
  const { cpu: _cpu, ...withGpus } = machines;
  for (const [name, { accelerator, gpus, vcpus, memoryGib }] of Object.entries(withGpus)) {
    assert.deepEqual(priced.get(name), [accelerator, gpus, vcpus, memoryGib], name);
  }
  const accelerators = new Set(Object.values(withGpus).map((machine) => machine.accelerator as string));
  const ours = [...priced].filter(([, [accelerator]]) => accelerators.has(accelerator as string)).map(([name]) => name);
  assert.deepEqual(Object.keys(withGpus).sort(), ours.sort(), "every size of an accelerator");
});

test("what an hour of everything can cost is what docs/threat-model.md says", () => {
  const prices = new Map([...source("crates/domain/data/instances.yaml").matchAll(/^  ([\w.-]+): .*usd_per_hour: ([\d.]+)/gm)].map(([, name, usd]) => [name, Number(usd)]));
  const chosen = machinesOf("production", environments["production"]!.compute.machines).filter(([machine]) => machine !== "cpu");
  const usd = chosen.reduce((sum, [machine, count]) => sum + count * prices.get(machine)!, 0);
  const said = source("docs/threat-model.md").replaceAll(/\s+/g, " ");
  assert.ok(said.includes(`**${usd.toFixed(0)} USD an hour on demand**`), `${usd}`);
  for (const [machine, count] of chosen) assert.ok(said.includes(`${count} ${machine}`), machine);
});

test("what an idle installation costs is the sum of what docs/operate.md lists", () => {
  const table = source("docs/operate.md").split("## What it costs when it does nothing")[1]!.split("\n## ")[0]!;
  const rows = [...table.matchAll(/^\| ([^|]+) \|([^|]*)\|([^|]*)\|/gm)].map(([, what, ...usd]) => ({ what: what!, usd: usd.map((cell) => Number(cell.replaceAll("*", "").trim())) }));
  const sums = [0, 0];
  let said = 0;
  for (const { what, usd } of rows) {
    if (!what.startsWith("**")) usd.forEach((some, index) => (sums[index]! += some));
    else {
      said += 1;
      usd.forEach((some, index) => assert.ok(some === 0 || some === Math.round(sums[index]!), `${what}: ${sums[index]}`));
    }
  }
  assert.equal(said, 2);
});

test("disks of machines cost what docs/operate.md says", () => {
  // gp3: a GB and month, and what is asked beyond 125 MiB/s and 3,000 operations a second.
  const price = { gib: 0.08, mibPerS: 0.04, iops: 0.005 };
  const said = source("docs/operate.md");
  for (const [accelerator, where] of [["l4", "for one of L4"], ["a100-80gb", "for one of A100 or"], ["h100", "for one of A100 or"]] as const) {
    const { volumeSize, throughput, iops } = disk(accelerator).ebs as { volumeSize: number; throughput: number; iops: number };
    const usd = (volumeSize * price.gib + (throughput - 125) * price.mibPerS + (iops - 3000) * price.iops) / 730;
    assert.match(said, new RegExp(`${usd.toFixed(3)}(?: USD an hour)? ${where}`), accelerator);
  }
});

test("how many of a machine there may be is a whole number, and the field is named where it is none", () => {
  for (const count of [0, -1, 1.5]) {
    assert.throws(() => machinesOf("assay-x", { "g6.xlarge": count }), /compute\.machines\["g6\.xlarge"\] of assay-x is/);
  }
  assert.deepEqual(machinesOf("assay-x", { cpu: 2 }), [["cpu", 2]]);
});
