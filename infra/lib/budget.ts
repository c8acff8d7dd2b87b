/**
 * The **budget guard**: people are told when half, four fifths and all of a month's money is spent, and when it will be by the
 * forecast of AWS. When it is all spent, those who submit jobs may not any more, and track-progress, which hears of it, pauses
 * every campaign of its ledger, so that what runs and what waits ends as well. Workflows in a cluster are counted and not stopped
 * (docs/operate.md, "The month's money").
 */

import { Stack, type StackProps } from "aws-cdk-lib";
import * as budgets from "aws-cdk-lib/aws-budgets";
import * as iam from "aws-cdk-lib/aws-iam";
import type { Construct } from "constructs";

import type { Environment } from "../config/index.ts";
import type { Functions } from "./functions.ts";
import type { FunctionName } from "./names.ts";

/** Who submits jobs. */
const SUBMITTERS: readonly FunctionName[] = ["split-batches", "track-progress"];

/** Most addresses that a budget's notice goes to by mail. */
const MAX_MAIL = 10;

export interface BudgetGuardProps extends StackProps {
  readonly environment: Environment;
  readonly functions: Functions;
}

export class BudgetGuard extends Stack {
  constructor(scope: Construct, id: string, { environment, functions, ...props }: BudgetGuardProps) {
    super(scope, id, props);
    const name = `${environment.name}-monthly`;
    const people = { subscriptionType: "SNS", address: functions.people.topicArn };
    const at = (notificationType: string, threshold: number, subscribers: budgets.CfnBudget.SubscriberProperty[]) => ({
      notification: { notificationType, comparisonOperator: "GREATER_THAN", threshold, thresholdType: "PERCENTAGE" },
      subscribers,
    });
    // A notice goes to one topic. The last one goes to whoever stops the jobs; people get it by mail, and from the action below.
    const whoStops = { subscriptionType: "SNS", address: functions.spent.topicArn };
    const mail = environment.mailTo.slice(0, MAX_MAIL).map((address) => ({ subscriptionType: "EMAIL", address }));
    const budget = new budgets.CfnBudget(this, "Budget", {
      budget: {
        budgetName: name,
        budgetType: "COST",
        timeUnit: "MONTHLY",
        budgetLimit: { amount: environment.monthlyBudgetUsd, unit: "USD" },
        // The tag has to be made one for cost allocation once (docs/operate.md).
        costFilters: { TagKeyValue: [`user:assay:environment$${environment.name}`] },
      },
      notificationsWithSubscribers: [
        at("ACTUAL", 50, [people]),
        at("ACTUAL", 80, [people]),
        at("ACTUAL", 100, [whoStops, ...mail]),
        at("FORECASTED", 100, [people]),
      ],
    });

    const roles = SUBMITTERS.map((submitter) => functions.byName.get(submitter)?.role).filter((role) => role !== undefined);
    const noJobs = new iam.ManagedPolicy(this, "NoJobs", {
      description: "Assay: no job is submitted while the budget of the month is spent",
      statements: [new iam.PolicyStatement({ effect: iam.Effect.DENY, actions: ["batch:SubmitJob"], resources: ["*"] })],
    });
    const guard = new iam.Role(this, "Guard", {
      description: "Assay: AWS Budgets, as it stops submissions",
      assumedBy: new iam.ServicePrincipal("budgets.amazonaws.com", { conditions: { StringEquals: { "aws:SourceAccount": this.account } } }),
    });
    guard.addToPolicy(
      new iam.PolicyStatement({
        sid: "StopSubmissions",
        actions: ["iam:AttachRolePolicy", "iam:DetachRolePolicy"],
        resources: roles.map((role) => role.roleArn),
        conditions: { ArnEquals: { "iam:PolicyARN": noJobs.managedPolicyArn } },
      }),
    );
    const action = new budgets.CfnBudgetsAction(this, "StopSubmissions", {
      budgetName: name,
      notificationType: "ACTUAL",
      actionType: "APPLY_IAM_POLICY",
      actionThreshold: { type: "PERCENTAGE", value: 100 },
      approvalModel: "AUTOMATIC",
      executionRoleArn: guard.roleArn,
      definition: { iamActionDefinition: { policyArn: noJobs.managedPolicyArn, roles: roles.map((role) => role.roleName) } },
      subscribers: [{ type: "SNS", address: functions.people.topicArn }],
    });
    action.addResourceDependency(budget);
  }
}
