/** An **installation** is every stack of an environment, in the order in which they need each other. */

import { Tags, type App, type StackProps } from "aws-cdk-lib";

import type { Environment } from "../config/index.ts";
import { Api } from "./api.ts";
import { BudgetGuard } from "./budget.ts";
import { Cluster } from "./cluster.ts";
import { Compute } from "./compute.ts";
import { Data } from "./data.ts";
import { Functions } from "./functions.ts";
import { Network } from "./network.ts";
import { Observability } from "./observability.ts";
import { Schedule } from "./schedule.ts";

export function installation(app: App, environment: Environment) {
  const common = (name: string, description: string): StackProps & { environment: Environment } => ({
    environment,
    stackName: `${environment.name}-${name}`,
    description: `Assay: ${description}`,
    env: { region: environment.region, ...(environment.account ? { account: environment.account } : {}) },
    terminationProtection: environment.onDeletion === "keep",
  });
  const network = new Network(app, "Network", common("network", "the network"));
  const data = new Data(app, "Data", { ...common("data", "objects, ledger, cache, secrets and images"), network });
  const config = environment.cluster;
  const cluster = config && new Cluster(app, "Cluster", { ...common("cluster", "the cluster on EKS"), config, network, data });
  const compute = new Compute(app, "Compute", { ...common("compute", "AWS Batch"), network, data, ...(cluster ? { cluster } : {}) });
  const functions = new Functions(app, "Functions", { ...common("functions", "functions, queues and the bus"), network, data });
  const api = new Api(app, "Api", { ...common("api", "the HTTP API and the page"), data, functions });
  const schedule = new Schedule(app, "Schedule", { ...common("schedule", "what the clock begins"), data, functions });
  const observability = new Observability(app, "Observability", { ...common("observability", "alarms and the dashboard"), data, functions, api });
  const budget = new BudgetGuard(app, "Budget", { ...common("budget", "the budget guard"), functions });
  functions.addStackDependency(compute);
  Tags.of(app).add("assay:environment", environment.name);
  return { network, data, ...(cluster ? { cluster } : {}), compute, functions, api, schedule, observability, budget };
}
