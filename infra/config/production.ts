import type { Environment } from "./environment.ts";

/** All that there is: L4, A100 of 80 GB and H100, five engines, three zones, and everything kept when deleted. */
export const production: Environment = {
  name: "assay-production",
  region: "us-east-1",
  onDeletion: "keep",
  network: {
    cidr: "10.64.0.0/16",
    zones: 3,
    natGateways: 3,
    interfaceEndpoints: ["batch", "ecr.api", "ecr.dkr", "ecs", "ecs-agent", "ecs-telemetry", "events", "logs", "secretsmanager", "sns"],
  },
  // Put the range of the database here: that of the peered network, or the addresses of the service that hosts it.
  store: { cidr: "10.96.0.0/16", port: 5432 },
  functions: { architecture: "arm64", log: "info", logDays: 365 },
  compute: {
    machines: { cpu: 8, "g6.xlarge": 48, "g6.12xlarge": 8, "g6.48xlarge": 2, "p4de.24xlarge": 4, "p5.4xlarge": 8, "p5.48xlarge": 4 },
    engines: ["vllm", "tgi", "lmdeploy", "sglang", "llama.cpp"],
    imageTag: "0.1.0",
    imageDigests: {},
    weightBuckets: ["assay-weights"],
    hubToken: true,
  },
  cluster: {
    name: "assay",
    version: "1.35",
    // Put the addresses of your office here, and the roles of its administrators.
    apiFrom: ["203.0.113.0/24"],
    administrators: ["arn:aws:iam::111122223333:role/administrators"],
    nodes: { instanceTypes: ["m7i.large", "m7a.large", "m6i.large"], count: 3 },
    batch: "ready",
  },
  api: {
    authoriser: { kind: "jwt", issuer: "https://login.example.com", audience: "assay", jwks: "https://login.example.com/.well-known/jwks.json" },
    requestsPerSecond: 50,
    burst: 100,
  },
  schedules: [{ name: "nightly", expression: "cron(0 2 * * ? *)", timezone: "UTC" }],
  mailTo: ["operations@example.com"],
  slack: true,
  monthlyBudgetUsd: 20_000,
};
