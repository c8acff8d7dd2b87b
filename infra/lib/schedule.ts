/**
 * **Schedules** of EventBridge: campaigns that are begun by the clock, each from the spec `schedules/NAME.yaml` of the bucket; the
 * catalogue, which is published anew when results came without a campaign; and the reconciler of track-progress.
 *
 * A schedule has no input of its own: AWS then tells its name, by which trigger-campaign finds the spec.
 */

import { Stack, type StackProps } from "aws-cdk-lib";
import * as iam from "aws-cdk-lib/aws-iam";
import * as scheduler from "aws-cdk-lib/aws-scheduler";
import type * as sqs from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";

import type { Environment } from "../config/index.ts";
import type { Data } from "./data.ts";
import type { Functions } from "./functions.ts";
import { aloneName, type ToldName } from "./names.ts";

export interface ScheduleProps extends StackProps {
  readonly environment: Environment;
  readonly data: Data;
  readonly functions: Functions;
}

export class Schedule extends Stack {
  constructor(scope: Construct, id: string, { environment, data, functions, ...props }: ScheduleProps) {
    super(scope, id, props);
    const group = new scheduler.CfnScheduleGroup(this, "Group", { name: environment.name });
    const reconciler = aloneName("track-progress");
    const told: readonly ToldName[] = ["trigger-campaign", "publish-catalog", reconciler];
    const queueOf = (name: ToldName, queues: ReadonlyMap<ToldName, sqs.Queue>): sqs.Queue => {
      const queue = queues.get(name);
      if (!queue) throw new Error(`functions/${name} has no queue`);
      return queue;
    };
    const role = new iam.Role(this, "Role", {
      description: "Assay: schedules, which put messages into queues",
      assumedBy: new iam.ServicePrincipal("scheduler.amazonaws.com", { conditions: { StringEquals: { "aws:SourceAccount": this.account } } }),
    });
    const queues = told.flatMap((name) => [queueOf(name, functions.queues).queueArn, queueOf(name, functions.deadLetters).queueArn]);
    role.addToPolicy(new iam.PolicyStatement({ sid: "Queues", actions: ["sqs:SendMessage"], resources: queues }));
    role.addToPolicy(new iam.PolicyStatement({ sid: "Key", actions: ["kms:Decrypt", "kms:GenerateDataKey"], resources: [data.key.keyArn] }));
    const schedule = (name: string, expression: string, timezone: string, who: ToldName) => {
      const made = new scheduler.CfnSchedule(this, `Schedule-${name}`, {
        name,
        groupName: environment.name,
        scheduleExpression: expression,
        scheduleExpressionTimezone: timezone,
        flexibleTimeWindow: { mode: "OFF" },
        kmsKeyArn: data.key.keyArn,
        target: {
          arn: queueOf(who, functions.queues).queueArn,
          roleArn: role.roleArn,
          deadLetterConfig: { arn: queueOf(who, functions.deadLetters).queueArn },
          retryPolicy: { maximumEventAgeInSeconds: 3600, maximumRetryAttempts: 10 },
        },
      });
      made.addResourceDependency(group);
    };
    for (const { name, expression, timezone } of environment.schedules) schedule(name, expression, timezone, "trigger-campaign");
    schedule("catalogue", "rate(15 minutes)", "UTC", "publish-catalog");
    schedule("reconciler", "rate(10 minutes)", "UTC", reconciler);
  }
}
