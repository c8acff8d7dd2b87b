import type { Environment } from "./environment.ts";

/** Small and cheap: processors and machines with one L4, one NAT gateway, gone when it is deleted. */
export const trial: Environment = {
  name: "assay-trial",
  region: "us-east-1",
  onDeletion: "destroy",
  network: { cidr: "10.60.0.0/16", zones: 2, natGateways: 1, interfaceEndpoints: [] },
  store: { cidr: "0.0.0.0/0", port: 5432 },
  functions: { architecture: "x86_64", log: "info", logDays: 30 },
  compute: {
    machines: { cpu: 2, "g6.xlarge": 8 },
    engines: ["vllm"],
    imageTag: "0.1.0",
    imageDigests: {},
    weightBuckets: [],
    hubToken: false,
  },
  api: { authoriser: { kind: "iam" }, requestsPerSecond: 10, burst: 20 },
  schedules: [],
  mailTo: [],
  slack: false,
  monthlyBudgetUsd: 200,
};
