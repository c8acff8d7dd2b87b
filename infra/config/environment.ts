/** An **environment** is one installation of Assay in one account and region: everything that differs between two. */

import type { Engine, Machines } from "../lib/machines.ts";

export interface Environment {
  /**
   * Begins the name of everything: `assay-trial`. No environment's name begins with another's: what one may do is said by the
   * beginning of names.
   */
  readonly name: string;
  /** Twelve digits; left out, the account that deploys. */
  readonly account?: string;
  readonly region: string;
  /** What becomes of the ledger, the objects and the secrets when their stack is deleted. */
  readonly onDeletion: "keep" | "destroy";

  readonly network: {
    readonly cidr: string;
    /**
     * Availability zones: how many, or which, such as `["us-east-1a", "us-east-1d"]`. GPUs are where there are any: the more zones, the
     * sooner a spot instance is found. Large ones are in few zones (docs/operate.md says how to look them up).
     */
    readonly zones: number | readonly string[];
    readonly natGateways: number;
    /** Services that are reached without the internet, for about 7 USD a month each in each zone. */
    readonly interfaceEndpoints: readonly InterfaceEndpoint[];
  };

  /** The PostgreSQL or TimescaleDB, which is not made here: its address is the secret `NAME/store`. */
  readonly store: {
    /** Where it is, as functions may connect to it. */
    readonly cidr: string;
    readonly port: number;
  };

  readonly functions: {
    /** What the packages in target/lambda are built for; `make functions ENVIRONMENT=...` reads it here. */
    readonly architecture: "arm64" | "x86_64";
    /** As `ASSAY_LOG` takes it. */
    readonly log: string;
    readonly logDays: 7 | 30 | 90 | 365;
  };

  readonly compute: {
    /**
     * The machines that there are queues for, and how many of each a queue may have at once, on spot and on demand: what an outage of
     * our own can cost. What needs another machine is refused by name when its campaign is split.
     */
    readonly machines: Machines;
    /** The engines that there are images for, beside the simulated one. */
    readonly engines: readonly Engine[];
    /** The tag of the images, and their digests where they are known, which go with every result. */
    readonly imageTag: string;
    readonly imageDigests: { readonly [engine in Engine | "simulated"]?: string };
    /** Buckets with weights that runners may read, beside the hub. */
    readonly weightBuckets: readonly string[];
    /** Whether jobs get the hub's key from the secret `NAME/hub-token`. */
    readonly hubToken: boolean;
  };

  /** An EKS cluster: for infra/kubernetes, whose manifests name it, and perhaps for jobs of AWS Batch. Left out, there is none. */
  readonly cluster?: {
    /** In the manifests `assay`, and so in the names of what they need beside it. */
    readonly name: string;
    /** Of Kubernetes, such as `1.35`; infra/kubernetes/tests check the manifests against another. */
    readonly version: string;
    /** Whence people may ask its API, as ranges of addresses, beside the network; empty: from nowhere else. */
    readonly apiFrom: readonly string[];
    /** ARNs of the roles of people who may everything in it. */
    readonly administrators: readonly string[];
    /** Machines for the operators; all others come and go with what runs on them. */
    readonly nodes: { readonly instanceTypes: readonly string[]; readonly count: number };
    /**
     * What jobs of AWS Batch have to do with it: `none`; `ready`, so that queues and job definitions are there and jobs run on
     * machines of AWS Batch's own; `home`, so that they run here.
     */
    readonly batch: "none" | "ready" | "home";
  };

  readonly api: {
    readonly authoriser:
      /** Tokens of an identity provider, with the address of its keys; API Gateway checks them, and serve-api once more. */
      | { readonly kind: "jwt"; readonly issuer: string; readonly audience: string; readonly jwks: string }
      /** Keys of our own, as `assay key new` writes them, hashed; serve-api checks them, and API Gateway nothing. */
      | { readonly kind: "keys"; readonly hashed: string }
      /** Signatures of AWS; whoever IAM lets call the API may everything. */
      | { readonly kind: "iam" };
    readonly requestsPerSecond: number;
    readonly burst: number;
    /** ARN of a web ACL of AWS WAF for CloudFront, which is made in us-east-1. */
    readonly webAclArn?: string;
    /** A name of one's own, with the ARN of its certificate in us-east-1. */
    readonly domain?: { readonly name: string; readonly certificateArn: string };
  };

  /** Campaigns that are begun by the clock: each is the spec `schedules/NAME.yaml` of the bucket. */
  readonly schedules: readonly { readonly name: string; readonly expression: string; readonly timezone: string }[];

  /** Who is told of alarms, budgets and ends of campaigns. */
  readonly mailTo: readonly string[];
  /** Whether the webhook in the secret `NAME/slack` is told of the ends of campaigns. */
  readonly slack: boolean;

  /** USD a month, of everything with the tag `assay:environment`. When they are spent, AWS Batch gets no more jobs; a cluster is counted and not stopped. */
  readonly monthlyBudgetUsd: number;
}

export type InterfaceEndpoint = "batch" | "ecr.api" | "ecr.dkr" | "ecs" | "ecs-agent" | "ecs-telemetry" | "events" | "logs" | "secretsmanager" | "sns";
