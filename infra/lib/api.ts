/**
 * The **API**: CloudFront in front of the page, which is files in a bucket, and of the HTTP API, which asks serve-api. Who asks is
 * checked by the API's authoriser before any of our code runs; what is checked of them is in docs/threat-model.md.
 */

import { CfnOutput, Duration, Fn, Stack, type StackProps } from "aws-cdk-lib";
import * as apigateway from "aws-cdk-lib/aws-apigatewayv2";
import * as authorizers from "aws-cdk-lib/aws-apigatewayv2-authorizers";
import * as integrations from "aws-cdk-lib/aws-apigatewayv2-integrations";
import * as acm from "aws-cdk-lib/aws-certificatemanager";
import * as cloudfront from "aws-cdk-lib/aws-cloudfront";
import * as origins from "aws-cdk-lib/aws-cloudfront-origins";
import * as logs from "aws-cdk-lib/aws-logs";
import * as s3 from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";

import type { Environment } from "../config/index.ts";
import { uploadsGo } from "./bucket.ts";
import type { Data } from "./data.ts";
import { explain } from "./explain.ts";
import type { Functions } from "./functions.ts";
import { onDeletion, retention } from "./keeping.ts";

/** What anybody may ask: whether the server runs, and what it can be asked. */
export const OPEN_ROUTES = ["/healthz", "/openapi.json"];

/** What changes something, and so needs more than reading. */
export const RUN_ROUTES: readonly [apigateway.HttpMethod, string][] = [
  [apigateway.HttpMethod.POST, "/v1/campaigns"],
  [apigateway.HttpMethod.POST, "/v1/campaigns/{id}/pause"],
  [apigateway.HttpMethod.POST, "/v1/campaigns/{id}/resume"],
  [apigateway.HttpMethod.POST, "/v1/campaigns/{id}/cancel"],
  [apigateway.HttpMethod.POST, "/v1/imports"],
];

/** Both forms of scopes that serve-api knows (functions/serve-api/src/access/jwt.rs): API Gateway compares them as texts. */
const bothForms = (scopes: readonly string[]) => scopes.flatMap((scope) => [scope, `assay:${scope}`]);
/** Scopes of a token, each of which has those after it. */
const READ = bothForms(["read", "run", "admin"]);
const RUN = bothForms(["run", "admin"]);

function authorizerOf(authoriser: Environment["api"]["authoriser"]): apigateway.IHttpRouteAuthorizer {
  switch (authoriser.kind) {
    case "jwt":
      return new authorizers.HttpJwtAuthorizer("Tokens", authoriser.issuer, { jwtAudience: [authoriser.audience] });
    case "keys":
      return new apigateway.HttpNoneAuthorizer();
    case "iam":
      return new authorizers.HttpIamAuthorizer();
  }
}

export interface ApiProps extends StackProps {
  readonly environment: Environment;
  readonly data: Data;
  readonly functions: Functions;
}

export class Api extends Stack {
  readonly api: apigateway.HttpApi;
  readonly distribution: cloudfront.Distribution;

  constructor(scope: Construct, id: string, { environment, data, functions, ...props }: ApiProps) {
    super(scope, id, props);
    const handler = functions.byName.get("serve-api");
    if (!handler) throw new Error("functions/serve-api is missing");
    this.api = new apigateway.HttpApi(this, "HttpApi", {
      apiName: environment.name,
      description: "Assay: which model, engine and hardware to run",
      createDefaultStage: false,
    });
    this.addStage(environment, data);
    this.addRoutes(environment, new integrations.HttpLambdaIntegration("ServeApi", handler));
    const page = this.page(environment, data);
    this.distribution = this.distribute(environment, data, page);
    new CfnOutput(this, "PageBucket", { value: page.bucketName, description: "where `make deploy-page` puts the page" });
    new CfnOutput(this, "DistributionId", { value: this.distribution.distributionId });
    new CfnOutput(this, "ApiUrl", { value: this.api.apiEndpoint, description: "for those who sign with IAM: a signature is for one host" });
    new CfnOutput(this, "Url", { value: `https://${environment.api.domain?.name ?? this.distribution.distributionDomainName}` });
  }

  private addRoutes(environment: Environment, integration: integrations.HttpLambdaIntegration): void {
    const { authoriser } = environment.api;
    const jwt = authoriser.kind === "jwt";
    const authorizer = authorizerOf(authoriser);
    const guarded = (scopes: string[]) => ({ authorizer, ...(jwt ? { authorizationScopes: scopes } : {}) });
    if (authoriser.kind === "keys") explain(this.api, { "AwsSolutions-APIG4": "serve-api checks the keys that it is given (docs/api.md), and is not deployed without any" });
    this.api.addRoutes({ path: "/{proxy+}", methods: [apigateway.HttpMethod.ANY], integration, ...guarded(READ) });
    for (const [method, path] of RUN_ROUTES) {
      this.api.addRoutes({ path, methods: [method], integration, ...guarded(RUN) });
    }
    for (const path of OPEN_ROUTES) {
      const routes = this.api.addRoutes({
        path,
        methods: [apigateway.HttpMethod.GET],
        integration,
        authorizer: new apigateway.HttpNoneAuthorizer(),
      });
      for (const route of routes) explain(route, { "AwsSolutions-APIG4": "it tells nothing that is not in the source of Assay" });
    }
  }

  private addStage(environment: Environment, data: Data): void {
    const group = new logs.LogGroup(this, "AccessLogs", {
      logGroupName: `/${environment.name}/api`,
      encryptionKey: data.key,
      retention: retention(environment),
      removalPolicy: onDeletion(environment),
    });
    const format = Object.fromEntries(
      ["requestId", "identity.sourceIp", "requestTime", "httpMethod", "routeKey", "status", "responseLength", "responseLatency", "integrationErrorMessage"].map(
        (field) => [field, `$context.${field}`],
      ),
    );
    new apigateway.CfnStage(this, "Stage", {
      apiId: this.api.apiId,
      stageName: "$default",
      autoDeploy: true,
      accessLogSettings: { destinationArn: group.logGroupArn, format: JSON.stringify(format) },
      defaultRouteSettings: {
        throttlingRateLimit: environment.api.requestsPerSecond,
        throttlingBurstLimit: environment.api.burst,
        detailedMetricsEnabled: true,
      },
    });
  }

  private page(environment: Environment, data: Data): s3.Bucket {
    return new s3.Bucket(this, "Page", {
      // CloudFront reads files that S3 encrypts itself; they are public all the same.
      encryption: s3.BucketEncryption.S3_MANAGED,
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      versioned: true,
      serverAccessLogsBucket: data.accessLogs,
      serverAccessLogsPrefix: "page/",
      removalPolicy: onDeletion(environment),
      lifecycleRules: [
        { id: "releases-that-were-replaced-go", noncurrentVersionExpiration: Duration.days(30) },
        uploadsGo,
      ],
    });
  }

  private distribute(environment: Environment, data: Data, page: s3.Bucket): cloudfront.Distribution {
    const { domain, webAclArn } = environment.api;
    const host = Fn.select(2, Fn.split("/", this.api.apiEndpoint));
    const ofApi: cloudfront.BehaviorOptions = {
      origin: new origins.HttpOrigin(host, { originSslProtocols: [cloudfront.OriginSslPolicy.TLS_V1_2], readTimeout: Duration.seconds(30) }),
      viewerProtocolPolicy: cloudfront.ViewerProtocolPolicy.HTTPS_ONLY,
      allowedMethods: cloudfront.AllowedMethods.ALLOW_ALL,
      cachePolicy: cloudfront.CachePolicy.CACHING_DISABLED,
      originRequestPolicy: cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
      responseHeadersPolicy: cloudfront.ResponseHeadersPolicy.SECURITY_HEADERS,
    };
    const distribution = new cloudfront.Distribution(this, "Distribution", {
      comment: environment.name,
      defaultRootObject: "index.html",
      httpVersion: cloudfront.HttpVersion.HTTP2_AND_3,
      enableLogging: true,
      logBucket: data.accessLogs,
      logFilePrefix: "cloudfront/",
      defaultBehavior: {
        origin: origins.S3BucketOrigin.withOriginAccessControl(page),
        viewerProtocolPolicy: cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
        responseHeadersPolicy: cloudfront.ResponseHeadersPolicy.SECURITY_HEADERS,
      },
      additionalBehaviors: Object.fromEntries(["/v1/*", ...OPEN_ROUTES].map((path) => [path, ofApi])),
      ...(webAclArn ? { webAclId: webAclArn } : {}),
      ...(domain
        ? {
            domainNames: [domain.name],
            minimumProtocolVersion: cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021,
            certificate: acm.Certificate.fromCertificateArn(this, "Certificate", domain.certificateArn),
          }
        : {}),
    });
    explain(distribution, {
      "AwsSolutions-CFR1": "who may ask is decided by their token, not by their country",
      ...(webAclArn ? {} : { "AwsSolutions-CFR2": "a web ACL of one's own is put into api.webAclArn of the environment; requests are throttled without one too" }),
      ...(domain ? {} : { "AwsSolutions-CFR4": "CloudFront decides the protocol of its own name; api.domain sets TLS 1.2 for a name of one's own" }),
    });
    return distribution;
  }
}
