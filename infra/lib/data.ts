/**
 * **Data**: the objects, the ledger, the cache of answers, the addresses of what is not made here, and the repositories of the
 * images. All of it is encrypted with one key of its own.
 */

import { CfnOutput, Duration, Stack, type StackProps } from "aws-cdk-lib";
import type * as dynamodb from "aws-cdk-lib/aws-dynamodb";
import type * as ecr from "aws-cdk-lib/aws-ecr";
import * as elasticache from "aws-cdk-lib/aws-elasticache";
import * as iam from "aws-cdk-lib/aws-iam";
import type * as kms from "aws-cdk-lib/aws-kms";
import * as s3 from "aws-cdk-lib/aws-s3";
import * as secrets from "aws-cdk-lib/aws-secretsmanager";
import type { Construct } from "constructs";

import type { Environment } from "../config/index.ts";
import { encryptedBucket, objectsGo, uploadsGo } from "./bucket.ts";
import { explain } from "./explain.ts";
import { onDeletion } from "./keeping.ts";
import { encryptionKey } from "./key.ts";
import { ledgerTable } from "./ledger.ts";
import { bucketName, imageOf, repositoryName, secretName, tableName } from "./names.ts";
import type { Network } from "./network.ts";
import type { Places } from "./programs.ts";
import { repositoryOf } from "./repository.ts";

export interface DataProps extends StackProps {
  readonly environment: Environment;
  readonly network: Network;
}

export class Data extends Stack {
  readonly key: kms.Key;
  readonly objects: s3.Bucket;
  /** Who asked for what of the objects. */
  readonly accessLogs: s3.Bucket;
  readonly ledger: dynamodb.TableV2;
  /** Where the functions of AWS and their jobs keep what they know. */
  readonly places: Places;
  /** `rediss://HOST:PORT`; whoever may reach it may read it. */
  readonly cacheAddress: string;
  /** The address of the results store, with its password. */
  readonly store: secrets.Secret;
  readonly hubToken?: secrets.Secret;
  readonly slack?: secrets.Secret;
  /** Of the images of the runner, by engine. */
  readonly repositories: ReadonlyMap<string, ecr.Repository>;

  constructor(scope: Construct, id: string, { environment, network, ...props }: DataProps) {
    super(scope, id, props);
    this.key = encryptionKey(this, "Key", environment, "objects, ledger, secrets and queues");
    this.letServicesUseKey();
    this.accessLogs = this.logBucket(environment);
    this.objects = this.objectBucket(environment);
    this.ledger = ledgerTable(this, "Ledger", { environment, tableName: tableName(environment), key: this.key });
    this.places = { ledger: this.ledger, objects: bucketName(environment, "objects", this.account), key: this.key };
    this.cacheAddress = this.cache(environment, network);
    this.store = this.secret(environment, "store", "the address of the results store: postgres://USER:PASSWORD@HOST/DATABASE?sslmode=verify-full");
    if (environment.compute.hubToken) {
      this.hubToken = this.secret(environment, "hub-token", "the key for the hub of weights");
    }
    if (environment.slack) {
      this.slack = this.secret(environment, "slack", "the webhook that is told of the ends of campaigns");
    }
    new CfnOutput(this, "LedgerAddress", { value: `dynamodb://${this.ledger.tableName}`, description: "of the ledger, for --ledger and ASSAY_LEDGER" });
    new CfnOutput(this, "ObjectsAddress", { value: `s3://${this.objects.bucketName}`, description: "of the objects, for --objects and ASSAY_OBJECTS" });
    const images = ["simulated", ...environment.compute.engines].map(imageOf);
    this.repositories = new Map(images.map((image) => [image, repositoryOf(this, image, repositoryName(environment, image), environment, this.key)]));
  }

  /** Who puts messages into our encrypted queues and topic in the name of AWS: rules, alarms and budgets of this account. */
  private letServicesUseKey(): void {
    this.key.addToResourcePolicy(
      new iam.PolicyStatement({
        sid: "Services",
        principals: ["budgets", "cloudwatch", "events"].map((service) => new iam.ServicePrincipal(`${service}.amazonaws.com`)),
        actions: ["kms:Decrypt", "kms:GenerateDataKey"],
        resources: ["*"],
        conditions: { StringEquals: { "aws:SourceAccount": this.account } },
      }),
    );
  }

  private objectBucket(environment: Environment): s3.Bucket {
    const bucket = encryptedBucket(this, "Objects", {
      environment,
      what: "objects",
      key: this.key,
      accessLogs: this.accessLogs,
      lifecycleRules: objectsGo,
    });
    // Uploads are told to EventBridge, whose rules put them into queues.
    const resource = bucket.node.defaultChild as s3.CfnBucket;
    resource.addPropertyOverride("NotificationConfiguration.EventBridgeConfiguration.EventBridgeEnabled", true);
    return bucket;
  }

  private logBucket(environment: Environment): s3.Bucket {
    const bucket = new s3.Bucket(this, "AccessLogs", {
      encryption: s3.BucketEncryption.S3_MANAGED,
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      // CloudFront writes its logs with an ACL.
      objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_PREFERRED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      versioned: true,
      removalPolicy: onDeletion(environment),
      lifecycleRules: [
        { id: "logs-go-after-a-year", expiration: Duration.days(365), noncurrentVersionExpiration: Duration.days(1) },
        uploadsGo,
      ],
    });
    explain(bucket, { "AwsSolutions-S1": "it holds the access logs; logging who writes them would log without end" });
    return bucket;
  }

  /** Valkey without servers of our own. It keeps answers that anyone who may ask the API may have. */
  private cache(environment: Environment, network: Network): string {
    const cache = new elasticache.CfnServerlessCache(this, "Cache", {
      engine: "valkey",
      majorEngineVersion: "8",
      serverlessCacheName: `${environment.name}-answers`,
      description: "answers kept close",
      subnetIds: network.vpc.selectSubnets({ subnetGroupName: "data" }).subnetIds,
      securityGroupIds: [network.cache.securityGroupId],
      kmsKeyId: this.key.keyArn,
      cacheUsageLimits: { dataStorage: { maximum: 2, unit: "GB" }, ecpuPerSecond: { maximum: 5_000 } },
    });
    return `rediss://${cache.attrEndpointAddress}:${cache.attrEndpointPort}`;
  }

  /** A secret that a person fills: what is generated is no address, so that whoever reads it before says so. */
  private secret(environment: Environment, name: string, what: string): secrets.Secret {
    const secret = new secrets.Secret(this, `Secret-${name}`, {
      secretName: secretName(environment, name),
      description: what,
      encryptionKey: this.key,
      removalPolicy: onDeletion(environment),
    });
    explain(secret, { "AwsSolutions-SMG4": "it opens what is not made here; docs/operate.md says how a person rotates it" });
    return secret;
  }
}
