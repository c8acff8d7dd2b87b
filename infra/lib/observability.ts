/**
 * **Observability**: what people look at, and what wakes them. Functions say in their logs what became of what they were told, in
 * CloudWatch's embedded metric format; how jobs ended is counted by metric filters on a log of the events of AWS Batch.
 */

import { Duration, Stack, type StackProps } from "aws-cdk-lib";
import * as cloudwatch from "aws-cdk-lib/aws-cloudwatch";
import * as actions from "aws-cdk-lib/aws-cloudwatch-actions";
import * as dynamodb from "aws-cdk-lib/aws-dynamodb";
import * as events from "aws-cdk-lib/aws-events";
import * as logs from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";

import type { Environment } from "../config/index.ts";
import type { Api } from "./api.ts";
import type { Data } from "./data.ts";
import { SHAPES, type Functions } from "./functions.ts";
import { onDeletion, retention } from "./keeping.ts";
import { functionName, functionOf, type FunctionName } from "./names.ts";

const MINUTES_5 = Duration.minutes(5);

/** What the ledger is asked. */
const LEDGER_OPERATIONS = [dynamodb.Operation.GET_ITEM, dynamodb.Operation.QUERY, dynamodb.Operation.PUT_ITEM, dynamodb.Operation.UPDATE_ITEM, dynamodb.Operation.DELETE_ITEM, dynamodb.Operation.TRANSACT_WRITE_ITEMS];

/** A filter compares nothing with what is not there: a job that never had a container has no exit code. */
const isNot = (field: string, value: string) => `(($.detail.${field} NOT EXISTS) || ($.detail.${field} != ${value}))`;
/** An array ends as its jobs do, which are counted already. */
const OF_ONE_JOB = "($.detail.arrayProperties.size NOT EXISTS)";
/** Not of a campaign that was paused or cancelled, and not withdrawn for its budget (crates/store/src/ports/dispatcher.rs). */
const BY_ITSELF = isNot("statusReason", '"stopped on request*"');
/**
 * No spot instance was to be had: the job is submitted again on demand, where none is a failure (crates/cloud/src/batch/report.rs).
 * That a job on EKS is told with its parameters AWS does not say: its queue has the same in its name (names.ts).
 */
const NO_CAPACITY = '"Canceled by JobStateTimeLimit action due to reason: CAPACITY*"';
const ON_SPOT = '"*-spot"';
const NO_SPOT = `(($.detail.statusReason = ${NO_CAPACITY}) && ($.detail.jobQueue = ${ON_SPOT}))`;
/** Of a job on EKS, which has one container, and no `container` of ECS. */
const POD_EXIT = "eksProperties.podProperties.containers[0].exitCode";
/** A pod that ran and was not seen to exit lost its node (crates/cloud/src/batch/pods.rs). */
const LOST_NODE = `(($.detail.container.image NOT EXISTS) && ($.detail.${POD_EXIT} NOT EXISTS) && ($.detail.startedAt > 0))`;
const KEPT_NODE = `(($.detail.container.image != "none") || ($.detail.${POD_EXIT} >= 0) || ($.detail.startedAt NOT EXISTS))`;
/** The host is gone (crates/cloud/src/batch/report.rs), or was about to, so that the runner stopped. */
const LOST = `(($.detail.statusReason = "Host EC2*") || ($.detail.container.exitCode = 75) || ($.detail.${POD_EXIT} = 75) || ${LOST_NODE} || ${NO_SPOT})`;
const NOT_LOST =
  `${isNot("statusReason", '"Host EC2*"')} && ${isNot("container.exitCode", "75")} && ${isNot(POD_EXIT, "75")} && ${KEPT_NODE}` +
  ` && (${isNot("statusReason", NO_CAPACITY)} || ${isNot("jobQueue", ON_SPOT)})`;

export interface ObservabilityProps extends StackProps {
  readonly environment: Environment;
  readonly data: Data;
  readonly functions: Functions;
  readonly api: Api;
}

export class Observability extends Stack {
  private readonly people: actions.SnsAction;
  private readonly namespace: string;

  constructor(scope: Construct, id: string, { environment, data, functions, api, ...props }: ObservabilityProps) {
    super(scope, id, props);
    this.people = new actions.SnsAction(functions.people);
    this.namespace = environment.name;
    const ends = this.jobEnds(environment, data);
    const widgets = [
      this.functionAlarms(functions, environment),
      this.queueAlarms(functions),
      this.apiAlarms(api),
      [
        new cloudwatch.GraphWidget({ title: "Jobs that ended", left: [ends.failed, ends.lost, ends.succeeded], width: 12 }),
        new cloudwatch.GraphWidget({
          title: "Ledger",
          left: [data.ledger.metricConsumedReadCapacityUnits(), data.ledger.metricConsumedWriteCapacityUnits()],
          right: [data.ledger.metricThrottledRequestsForOperations({ operations: LEDGER_OPERATIONS })],
          width: 12,
        }),
      ],
    ];
    this.alarm("LedgerThrottled", "the ledger is throttled", data.ledger.metricThrottledRequestsForOperations({ operations: LEDGER_OPERATIONS, period: MINUTES_5 }), 1);
    new cloudwatch.Dashboard(this, "Dashboard", { dashboardName: environment.name, widgets });
  }

  private functionAlarms(functions: Functions, environment: Environment): cloudwatch.IWidget[] {
    const errors: cloudwatch.IMetric[] = [];
    const durations: cloudwatch.IMetric[] = [];
    const messages: cloudwatch.IMetric[] = [];
    const lost: cloudwatch.IMetric[] = [];
    for (const [name, handler] of functions.byName) {
      const failed = handler.metricErrors({ period: MINUTES_5, label: name });
      errors.push(failed);
      durations.push(handler.metricDuration({ period: MINUTES_5, statistic: "p95", label: name }));
      this.alarm(`${name}-errors`, `functions/${name} fails`, failed, 1);
      this.alarm(`${name}-throttles`, `functions/${name} is asked more than it may do at once`, handler.metricThrottles({ period: MINUTES_5 }), 5);
      const mostMs = SHAPES[name].timeoutS * 1000 * 0.8;
      this.alarm(`${name}-slow`, `functions/${name} comes near its timeout`, handler.metricDuration({ period: MINUTES_5, statistic: "Maximum" }), mostMs);
      if (name === "serve-api") continue;
      messages.push(this.told(name, environment, "handled"));
      const givenUp = this.told(name, environment, "given_up");
      lost.push(this.told(name, environment, "failed"), givenUp);
      this.alarm(`${name}-given-up`, `functions/${name} gave up an event, and its campaign failed`, givenUp, 1);
    }
    return [
      new cloudwatch.GraphWidget({ title: "Errors", left: errors, width: 12 }),
      new cloudwatch.GraphWidget({ title: "Duration, p95", left: durations, width: 12 }),
      new cloudwatch.GraphWidget({ title: "Messages handled", left: messages, width: 12 }),
      new cloudwatch.GraphWidget({ title: "Messages that failed, and events given up", left: lost, width: 12 }),
    ];
  }

  /** What became of what a function was told, as it says itself (crates/lambda/src/metrics.rs). */
  private told(name: FunctionName, environment: Environment, metricName: string): cloudwatch.Metric {
    const dimensionsMap = { function: functionName(environment, name) };
    return new cloudwatch.Metric({ namespace: "Assay", metricName, dimensionsMap, period: MINUTES_5, statistic: "Sum", label: `${name} ${metricName}` });
  }

  private queueAlarms(functions: Functions): cloudwatch.IWidget[] {
    const ages: cloudwatch.IMetric[] = [];
    const dead: cloudwatch.IMetric[] = [];
    for (const [name, queue] of functions.queues) {
      const age = queue.metricApproximateAgeOfOldestMessage({ period: MINUTES_5, label: name });
      ages.push(age);
      this.alarm(`${name}-late`, `what functions/${functionOf(name)} is told waits for half an hour`, age, 1800);
    }
    for (const [name, queue] of functions.deadLetters) {
      const waiting = queue.metricApproximateNumberOfMessagesVisible({ period: MINUTES_5, label: name });
      dead.push(waiting);
      this.alarm(`${name}-dead`, `functions/${functionOf(name)} could not handle a message: docs/operate.md`, waiting, 1);
    }
    return [
      new cloudwatch.GraphWidget({ title: "Age of the oldest message, s", left: ages, width: 12 }),
      new cloudwatch.GraphWidget({ title: "Messages nobody could handle", left: dead, width: 12 }),
    ];
  }

  private apiAlarms({ api }: Api): cloudwatch.IWidget[] {
    const latency = api.metricLatency({ period: MINUTES_5, statistic: "p95", label: "p95" });
    const broken = api.metricServerError({ period: MINUTES_5, statistic: "Sum", label: "5xx" });
    const asked = api.metricCount({ period: MINUTES_5, statistic: "Sum", label: "requests" });
    // The target of the brief.
    this.alarm("api-slow", "p95 of the API is above 100 ms", latency, 100, 3);
    this.alarm("api-broken", "the API answers with 5xx", broken, 5);
    return [
      new cloudwatch.GraphWidget({ title: "API: latency, ms", left: [latency], width: 12 }),
      new cloudwatch.GraphWidget({ title: "API: requests", left: [asked, broken], width: 12 }),
    ];
  }

  /** AWS Batch counts nothing: its events go into a log, and filters count them there. */
  private jobEnds(environment: Environment, data: Data): { [end in "failed" | "lost" | "succeeded"]: cloudwatch.Metric } {
    const group = new logs.LogGroup(this, "JobEnds", {
      logGroupName: `/aws/events/${environment.name}-jobs`,
      encryptionKey: data.key,
      retention: retention(environment),
      removalPolicy: onDeletion(environment),
    });
    const queues = this.formatArn({ service: "batch", resource: "job-queue", resourceName: `${environment.name}-` });
    const rule = new events.CfnRule(this, "JobEndsRule", {
      description: "ends of jobs, to be counted",
      eventPattern: { source: ["aws.batch"], "detail-type": ["Batch Job State Change"], detail: { status: ["SUCCEEDED", "FAILED"], jobQueue: [{ prefix: queues }] } },
      targets: [{ id: "log", arn: this.formatArn({ service: "logs", resource: `log-group:${group.logGroupName}` }) }],
    });
    const deliver = { Effect: "Allow", Principal: { Service: ["events.amazonaws.com", "delivery.logs.amazonaws.com"] }, Resource: group.logGroupArn };
    new logs.CfnResourcePolicy(this, "JobEndsPolicy", {
      policyName: `${environment.name}-job-ends`,
      policyDocument: this.toJsonString({
        Version: "2012-10-17",
        Statement: [
          // EventBridge makes streams in nobody's name: with the condition it makes none, and nothing is counted.
          { ...deliver, Action: "logs:CreateLogStream" },
          { ...deliver, Action: "logs:PutLogEvents", Condition: { ArnEquals: { "aws:SourceArn": rule.attrArn } } },
        ],
      }),
    });
    const undelivered = new cloudwatch.Metric({
      namespace: "AWS/Events",
      metricName: "FailedInvocations",
      dimensionsMap: { RuleName: rule.ref },
      period: MINUTES_5,
      statistic: "Sum",
    });
    this.alarm("jobs-uncounted", "ends of jobs do not reach the log that they are counted in", undelivered, 1);
    const count = (name: string, pattern: string) =>
      new logs.MetricFilter(this, `${name}-filter`, {
        logGroup: group,
        filterPattern: logs.FilterPattern.literal(pattern),
        metricNamespace: this.namespace,
        metricName: name,
        metricValue: "1",
        defaultValue: 0,
      }).metric({ period: MINUTES_5, statistic: "Sum", label: name });
    const ends = {
      succeeded: count("jobs-succeeded", `{ ($.detail.status = "SUCCEEDED") && ${OF_ONE_JOB} }`),
      lost: count("jobs-lost", `{ ($.detail.status = "FAILED") && ${OF_ONE_JOB} && ${BY_ITSELF} && ${LOST} }`),
      failed: count("jobs-failed", `{ ($.detail.status = "FAILED") && ${OF_ONE_JOB} && ${BY_ITSELF} && ${NOT_LOST} }`),
    };
    this.alarm("jobs-failed", "jobs fail, and not because their host was lost or somebody stopped them", ends.failed, 3);
    this.alarm("jobs-lost", "many hosts are lost or not to be had: spot is short", ends.lost, 10);
    return ends;
  }

  private alarm(id: string, what: string, metric: cloudwatch.IMetric, threshold: number, periods = 1): void {
    const alarm = new cloudwatch.Alarm(this, id, {
      alarmName: `${this.namespace}-${id}`,
      alarmDescription: `Assay: ${what}`,
      metric,
      threshold,
      evaluationPeriods: periods,
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(this.people);
    alarm.addOkAction(this.people);
  }
}
