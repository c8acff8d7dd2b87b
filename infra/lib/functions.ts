/**
 * **Functions**: each package of functions/ with a role, a queue and a dead-letter queue of its own, told of what docs/aws.md says.
 *
 * What a function is told goes through its queue, so that nothing is lost while it is throttled or cannot do its work: of ten
 * messages only those come again that failed, and after five receipts they wait in the dead-letter queue for a person.
 */

import { CfnOutput, CfnRule, Duration, Fn, Stack, type StackProps } from "aws-cdk-lib";
import * as ec2 from "aws-cdk-lib/aws-ec2";
import * as events from "aws-cdk-lib/aws-events";
import * as targets from "aws-cdk-lib/aws-events-targets";
import * as iam from "aws-cdk-lib/aws-iam";
import * as lambda from "aws-cdk-lib/aws-lambda";
import * as sources from "aws-cdk-lib/aws-lambda-event-sources";
import * as logs from "aws-cdk-lib/aws-logs";
import * as sns from "aws-cdk-lib/aws-sns";
import * as subscriptions from "aws-cdk-lib/aws-sns-subscriptions";
import * as sqs from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";

import type { Environment } from "../config/index.ts";
import type { Data } from "./data.ts";
import { explainWildcards } from "./explain.ts";
import { onDeletion, retention } from "./keeping.ts";
import { ledgerKeyStatement } from "./ledger.ts";
import {
  FUNCTIONS,
  SOURCE,
  aloneName,
  bucketName,
  busName,
  dispatcherAddress,
  functionName,
  secretName,
  spentTopicName,
  toldName,
  type FunctionName,
  type ToldName,
} from "./names.ts";
import type { Network } from "./network.ts";
import { packageOf } from "./packages.ts";
import { CALLS, actionsOf } from "./permissions.ts";

interface Shape {
  readonly timeoutS: number;
  readonly memoryMb: number;
  /** Most invocations at once, which no other function of the account can take. */
  readonly concurrency: number;
  /** Events of ours that it is told, by type. */
  readonly told?: readonly string[];
  /** Those that it is told one in an invocation, by another queue: what they ask for may take an invocation's time. */
  readonly toldAlone?: readonly string[];
  /** Uploads under these keys. */
  readonly uploads?: string;
  /** Ends of jobs. */
  readonly jobs?: boolean;
  /** That the month's money is spent. */
  readonly spent?: boolean;
  /** Asks the results store or the cache, so that it must be in the network. */
  readonly inNetwork?: boolean;
}

/** docs/aws.md has the same table in words. An API waits 30 s for an answer, and a call of S3 takes 2 min at most. */
export const SHAPES: { readonly [name in FunctionName]: Shape } = {
  "trigger-campaign": { timeoutS: 150, memoryMb: 512, concurrency: 5, uploads: "specs/" },
  "generate-matrix": { timeoutS: 300, memoryMb: 1024, concurrency: 5, told: ["campaign.requested.v1"], inNetwork: true },
  "split-batches": { timeoutS: 600, memoryMb: 1024, concurrency: 5, told: ["matrix.generated.v1"] },
  "track-progress": {
    timeoutS: 150,
    memoryMb: 512,
    concurrency: 20,
    told: ["batches.submitted.v1", "campaign.held.v1"],
    toldAlone: ["campaign.unsettled.v1"],
    jobs: true,
    spent: true,
  },
  "publish-catalog": { timeoutS: 600, memoryMb: 2048, concurrency: 2, told: ["campaign.completed.v1", "campaign.failed.v1"], inNetwork: true },
  "ingest-results": { timeoutS: 300, memoryMb: 1024, concurrency: 5, uploads: "imports/", inNetwork: true },
  "serve-api": { timeoutS: 29, memoryMb: 2048, concurrency: 20, inNetwork: true },
};

const MESSAGES_AT_ONCE = 10;
/** Invocations at once for what is told alone, beside those of the other queue. */
const ALONE_AT_ONCE = 5;
const RECEIPTS = 5;
/** A pod that does not run by then never will; the longest that SQS keeps a message back. */
const MAX_START = Duration.minutes(15);

export interface FunctionsProps extends StackProps {
  readonly environment: Environment;
  readonly network: Network;
  readonly data: Data;
}

export class Functions extends Stack {
  readonly bus: events.EventBus;
  readonly byName: ReadonlyMap<FunctionName, lambda.Function>;
  /** Of every function but serve-api, which is asked and not told; and those of what is told alone. */
  readonly queues: ReadonlyMap<ToldName, sqs.Queue>;
  readonly deadLetters: ReadonlyMap<ToldName, sqs.Queue>;
  /** Who is told of alarms, budgets and the ends of campaigns. */
  readonly people: sns.Topic;
  /** Tells that the month's money is spent. */
  readonly spent: sns.Topic;

  private readonly environmentConfig: Environment;
  private readonly network: Network;
  private readonly data: Data;

  constructor(scope: Construct, id: string, { environment, network, data, ...props }: FunctionsProps) {
    super(scope, id, props);
    this.environmentConfig = environment;
    this.network = network;
    this.data = data;
    this.bus = new events.EventBus(this, "Bus", { eventBusName: busName(environment), kmsKey: data.key });
    this.people = this.topic("People", `${environment.name}-people`);
    // A policy of one's own takes the place of that of SNS, which lets the services of the account in.
    for (const service of ["cloudwatch", "budgets"]) this.letPublish(this.people, service);
    for (const address of environment.mailTo) this.people.addSubscription(new subscriptions.EmailSubscription(address));
    this.spent = this.topic("Spent", spentTopicName(environment));
    this.letPublish(this.spent, "budgets");
    const byName = new Map<FunctionName, lambda.Function>();
    const queues = new Map<ToldName, sqs.Queue>();
    const deadLetters = new Map<ToldName, sqs.Queue>();
    const placeholders: FunctionName[] = [];
    for (const name of FUNCTIONS) {
      const { code, isPlaceholder } = packageOf(name, environment);
      if (isPlaceholder) placeholders.push(name);
      const handler = this.function(name, code);
      byName.set(name, handler);
      const shape = SHAPES[name];
      if (name === "serve-api") continue;
      const [queue, dead] = this.queue(name, shape);
      queues.set(name, queue);
      deadLetters.set(name, dead);
      this.tell(name, shape, queue, dead);
      const hears = (from: sqs.Queue, batchSize: number, maxConcurrency: number) =>
        handler.addEventSource(new sources.SqsEventSource(from, { batchSize, reportBatchItemFailures: true, maxConcurrency }));
      const onEks = (environment.cluster?.batch ?? "none") !== "none";
      const ofStarting = shape.jobs && onEks ? 2 : 0;
      hears(queue, MESSAGES_AT_ONCE, Math.max(2, shape.concurrency - ofStarting));
      if (ofStarting > 0) hears(this.starting(name, shape, dead), MESSAGES_AT_ONCE, ofStarting);
      if (!shape.toldAlone) continue;
      const alone = aloneName(name);
      const [queueAlone, deadAlone] = this.queue(alone, shape);
      queues.set(alone, queueAlone);
      deadLetters.set(alone, deadAlone);
      this.tell(alone, { ...shape, told: shape.toldAlone, jobs: false, spent: false }, queueAlone, deadAlone);
      hears(queueAlone, 1, ALONE_AT_ONCE);
    }
    this.byName = byName;
    this.queues = queues;
    this.deadLetters = deadLetters;
    this.refusePlaceholders(placeholders);
  }

  private function(name: FunctionName, code: lambda.Code): lambda.Function {
    const environment = this.environmentConfig;
    const shape = SHAPES[name];
    const group = new logs.LogGroup(this, `${name}-logs`, {
      logGroupName: `/aws/lambda/${functionName(environment, name)}`,
      encryptionKey: this.data.key,
      retention: retention(environment),
      removalPolicy: onDeletion(environment),
    });
    const arm = environment.functions.architecture === "arm64";
    return new lambda.Function(this, name, {
      functionName: functionName(environment, name),
      description: `Assay: functions/${name}`,
      runtime: lambda.Runtime.PROVIDED_AL2023,
      architecture: arm ? lambda.Architecture.ARM_64 : lambda.Architecture.X86_64,
      handler: "bootstrap",
      code,
      role: this.role(name, group),
      timeout: Duration.seconds(shape.timeoutS),
      memorySize: shape.memoryMb,
      reservedConcurrentExecutions: shape.concurrency + (shape.toldAlone ? ALONE_AT_ONCE : 0),
      logGroup: group,
      tracing: lambda.Tracing.ACTIVE,
      environment: this.variables(name),
      environmentEncryption: this.data.key,
      ...(shape.inNetwork
        ? {
            vpc: this.network.vpc,
            vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
            securityGroups: [this.network.functions],
          }
        : {}),
    });
  }

  /** What the function reads, and no more. */
  private variables(name: FunctionName): Record<string, string> {
    const environment = this.environmentConfig;
    const store = { ASSAY_STORE: `aws-sm:${secretName(environment, "store")}` };
    const ledger = { ASSAY_LEDGER: `dynamodb://${this.data.ledger.tableName}` };
    const objects = { ASSAY_OBJECTS: `s3://${bucketName(environment, "objects", this.account)}` };
    const bus = { ASSAY_BUS: `eventbridge://${busName(environment)}` };
    const dispatcher = { ASSAY_DISPATCHER: dispatcherAddress(environment) };
    const log = { ASSAY_LOG: environment.functions.log };
    switch (name) {
      case "trigger-campaign":
        return { ...ledger, ...objects, ...bus, ...log };
      case "generate-matrix":
        return { ...store, ...ledger, ...objects, ...bus, ...log };
      case "split-batches":
      case "track-progress":
        return { ...ledger, ...objects, ...bus, ...dispatcher, ...log };
      case "publish-catalog":
        return { ...store, ...ledger, ...objects, ...bus, ...this.notices(), ...log };
      case "ingest-results":
        return { ...store, ...objects, ...log };
      case "serve-api":
        return { ...store, ...ledger, ...objects, ...bus, ...dispatcher, ASSAY_HOT: this.data.cacheAddress, ...this.access(), ...log };
    }
  }

  /** Whom serve-api believes: those that it checks itself, or those that were checked before. */
  private access(): Record<string, string> {
    const { authoriser } = this.environmentConfig.api;
    switch (authoriser.kind) {
      case "jwt":
        return { ASSAY_JWKS: authoriser.jwks, ASSAY_JWT_ISSUER: authoriser.issuer, ASSAY_JWT_AUDIENCE: authoriser.audience };
      case "keys":
        // Without a key serve-api would be open to everybody.
        if (authoriser.hashed.trim() === "") throw new Error(`${this.environmentConfig.name}: api.authoriser has no keys; make one with \`assay key new\``);
        return { ASSAY_API_KEYS: authoriser.hashed };
      case "iam":
        // API Gateway refuses whoever IAM does not let through, and serve-api does not start unless it is told so.
        return { ASSAY_ACCESS: "checked-before" };
    }
  }

  private notices(): Record<string, string> {
    const { domain } = this.environmentConfig.api;
    const slack = this.data.slack ? [`slack:aws-sm:${secretName(this.environmentConfig, "slack")}`] : [];
    return {
      ASSAY_NOTIFY: [`sns:${this.people.topicArn}`, ...slack].join(","),
      ...(domain ? { ASSAY_PUBLIC_URL: `https://${domain.name}` } : {}),
    };
  }

  private role(name: FunctionName, group: logs.LogGroup): iam.Role {
    const role = new iam.Role(this, `${name}-role`, {
      roleName: `${functionName(this.environmentConfig, name)}-${this.region}`,
      description: `Assay: functions/${name}`,
      assumedBy: new iam.ServicePrincipal("lambda.amazonaws.com"),
    });
    role.addToPolicy(
      new iam.PolicyStatement({ sid: "Logs", actions: ["logs:CreateLogStream", "logs:PutLogEvents"], resources: [group.logGroupArn] }),
    );
    if (SHAPES[name].inNetwork) this.allowNetwork(role);
    const calls = CALLS[name];
    const allow = (service: string, resources: string[], sid: string) => {
      const actions = actionsOf(calls, service);
      if (actions.length > 0) role.addToPolicy(new iam.PolicyStatement({ sid, actions, resources }));
    };
    allow("dynamodb", [this.data.ledger.tableArn], "Ledger");
    if (calls.some((call) => call.startsWith("dynamodb:"))) role.addToPolicy(ledgerKeyStatement(this.data.key));
    allow("events", [this.bus.eventBusArn], "Bus");
    allow("sns", [this.people.topicArn], "People");
    this.allowObjects(role, name);
    this.allowSecrets(role, name);
    this.allowJobs(role, name);
    role.addToPolicy(
      new iam.PolicyStatement({ sid: "Key", actions: ["kms:Decrypt", "kms:GenerateDataKey"], resources: [this.data.key.keyArn] }),
    );
    explainWildcards(role, ["*"], "traces, network interfaces and the descriptions of jobs have no ARN that a policy could name");
    return role;
  }

  private allowObjects(role: iam.Role, name: FunctionName): void {
    const actions = actionsOf(CALLS[name], "s3");
    const ofBucket = actions.filter((action) => action === "s3:ListBucket");
    const ofObjects = actions.filter((action) => action !== "s3:ListBucket");
    const bucket = this.formatArn({ service: "s3", region: "", account: "", resource: bucketName(this.environmentConfig, "objects", this.account) });
    role.addToPolicy(new iam.PolicyStatement({ sid: "Objects", actions: ofObjects, resources: [`${bucket}/*`] }));
    explainWildcards(role, [`${bucket}/*`], "the keys of objects are made of the ids of campaigns");
    if (ofBucket.length > 0) role.addToPolicy(new iam.PolicyStatement({ sid: "Bucket", actions: ofBucket, resources: [bucket] }));
  }

  private allowSecrets(role: iam.Role, name: FunctionName): void {
    const actions = actionsOf(CALLS[name], "secretsmanager");
    if (actions.length === 0) return;
    const webhook = name === "publish-catalog" && this.data.slack ? [this.data.slack.secretArn] : [];
    role.addToPolicy(new iam.PolicyStatement({ sid: "Secrets", actions, resources: [this.data.store.secretArn, ...webhook] }));
  }

  private allowJobs(role: iam.Role, name: FunctionName): void {
    const actions = new Set(actionsOf(CALLS[name], "batch"));
    if (actions.size === 0) return;
    const arn = (resource: string) => this.formatArn({ service: "batch", resource });
    const prefix = this.environmentConfig.name;
    const describing = ["batch:DescribeJobs", "batch:ListJobs"].filter((action) => actions.has(action));
    role.addToPolicy(new iam.PolicyStatement({ sid: "SeeJobs", actions: describing, resources: ["*"] }));
    const resources = {
      "batch:SubmitJob": [arn(`job-definition/${prefix}-*`), arn(`job-queue/${prefix}-*`)],
      "batch:TerminateJob": [arn("job/*")],
    };
    for (const [action, named] of Object.entries(resources)) {
      if (actions.has(action)) {
        role.addToPolicy(new iam.PolicyStatement({ sid: action.replace("batch:", ""), actions: [action], resources: named }));
      }
      explainWildcards(role, named, "jobs and revisions of definitions get their names when they are made, and queues are as many as kinds of machines");
    }
  }

  /** What Lambda does in the role's name to put a function into the network. */
  private allowNetwork(role: iam.Role): void {
    role.addToPolicy(
      new iam.PolicyStatement({
        sid: "Network",
        actions: [
          "ec2:AssignPrivateIpAddresses",
          "ec2:CreateNetworkInterface",
          "ec2:DeleteNetworkInterface",
          "ec2:DescribeNetworkInterfaces",
          "ec2:DescribeSubnets",
          "ec2:UnassignPrivateIpAddresses",
        ],
        resources: ["*"],
      }),
    );
  }

  /** The queue of a function and its dead-letter queue. */
  private queue(name: ToldName, shape: Shape): [sqs.Queue, sqs.Queue] {
    const queueName = toldName(this.environmentConfig, name);
    const dead = new sqs.Queue(this, `${name}-dead`, { ...this.sealed(), queueName: `${queueName}-dead`, retentionPeriod: Duration.days(14) });
    return [new sqs.Queue(this, `${name}-queue`, { ...this.inbox(shape, dead), queueName }), dead];
  }

  private sealed(): sqs.QueueProps {
    return { encryption: sqs.QueueEncryption.KMS, encryptionMasterKey: this.data.key, enforceSSL: true };
  }

  private inbox(shape: Shape, dead: sqs.Queue): sqs.QueueProps {
    return {
      ...this.sealed(),
      retentionPeriod: Duration.days(4),
      // Six times the timeout, as AWS says.
      visibilityTimeout: Duration.seconds(6 * shape.timeoutS),
      deadLetterQueue: { queue: dead, maxReceiveCount: RECEIPTS },
    };
  }

  /**
   * Tells that a job on EKS began to start when it should long run: who hears of it ends it if it still starts, which nothing else
   * does for a pod whose image is not to be had (crates/cloud/src/batch/starting.rs).
   */
  private starting(name: FunctionName, shape: Shape, dead: sqs.Queue): sqs.Queue {
    const queueName = `${functionName(this.environmentConfig, name)}-starting`;
    const queue = new sqs.Queue(this, `${name}-starting-queue`, { ...this.inbox(shape, dead), queueName, deliveryDelay: MAX_START });
    const jobQueues = this.formatArn({ service: "batch", resource: "job-queue", resourceName: `${this.environmentConfig.name}-*-eks-*` });
    new events.Rule(this, `${name}-starting`, {
      description: `jobs that start, for functions/${name}`,
      eventPattern: { source: ["aws.batch"], detailType: ["Batch Job State Change"], detail: { status: ["STARTING"], jobQueue: [{ wildcard: jobQueues }] } },
      targets: [new targets.SqsQueue(queue, { deadLetterQueue: dead })],
    });
    return queue;
  }

  /** Rules that put what a function is told into its queue; what they cannot put there waits with what nobody could handle. */
  private tell(name: ToldName, shape: Shape, queue: sqs.Queue, dead: sqs.Queue): void {
    const rule = (id: string, pattern: events.EventPattern, eventBus?: events.IEventBus) =>
      new events.Rule(this, `${name}-${id}`, {
        description: `${id} for functions/${name}`,
        eventPattern: pattern,
        ...(eventBus ? { eventBus } : {}),
        targets: [new targets.SqsQueue(queue, { deadLetterQueue: dead })],
      });
    if (shape.told) rule("events", { source: [SOURCE], detailType: [...shape.told] }, this.bus);
    if (shape.uploads) {
      const detail = { bucket: { name: [bucketName(this.environmentConfig, "objects", this.account)] }, object: { key: [{ prefix: shape.uploads }] } };
      rule("uploads", { source: ["aws.s3"], detailType: ["Object Created"], detail });
    }
    if (shape.jobs) {
      const queues = this.formatArn({ service: "batch", resource: "job-queue", resourceName: `${this.environmentConfig.name}-` });
      const detail = { status: ["SUCCEEDED", "FAILED"], jobQueue: [{ prefix: queues }] };
      rule("jobs", { source: ["aws.batch"], detailType: ["Batch Job State Change"], detail });
    }
    if (shape.spent) this.spent.addSubscription(new subscriptions.SqsSubscription(queue, { deadLetterQueue: dead }));
  }

  private topic(id: string, topicName: string): sns.Topic {
    return new sns.Topic(this, id, { topicName, masterKey: this.data.key, enforceSSL: true });
  }

  private letPublish(topic: sns.Topic, service: string): void {
    topic.grantPublish(new iam.ServicePrincipal(`${service}.amazonaws.com`, { conditions: { StringEquals: { "aws:SourceAccount": this.account } } }));
  }

  /** CloudFormation refuses a stack with placeholders, whoever deploys it; everything before that can be tried without programs. */
  private refusePlaceholders(placeholders: readonly FunctionName[]): void {
    const built = placeholders.length === 0;
    const packages = built ? "all built" : `placeholders: ${placeholders.join(", ")}`;
    this.templateOptions.metadata = { "assay:packages": packages };
    new CfnOutput(this, "Packages", { value: packages, description: "whether the programs of the functions are those of this release" });
    if (built) return;
    new CfnRule(this, "ProgramsAreBuilt", {
      assertions: [
        {
          assert: Fn.conditionEquals(Fn.ref("AWS::Region"), "placeholders are never deployed"),
          assertDescription: "functions have placeholders for programs: make functions, synthesise again and deploy that",
        },
      ],
    });
  }
}

