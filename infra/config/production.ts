import type { Environment } from "./environment.ts";

/** All that the brief names: L4, A100 of 80 GB and H100, four engines, three zones, and everything kept when deleted. */
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
    accelerators: ["cpu", "l4", "a100-80gb", "h100"],
    engines: ["vllm", "tgi", "lmdeploy", "sglang"],
    imageTag: "0.1.0",
    imageDigests: {},
    maxVcpus: { cpu: 64, l4: 768, "a100-80gb": 384, h100: 768 },
    eks: {
      clusterArn: "arn:aws:eks:us-east-1:111122223333:cluster/assay",
      namespace: "gpu-workloads",
      instanceRole: "arn:aws:iam::111122223333:instance-profile/assay-eks-batch",
    },
    weightBuckets: ["assay-weights"],
    hubToken: true,
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
