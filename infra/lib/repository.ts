/** A **repository** of images of ours: tags stay what they are, pushes are scanned, and the last ten releases are kept. */

import { Duration } from "aws-cdk-lib";
import * as ecr from "aws-cdk-lib/aws-ecr";
import type * as kms from "aws-cdk-lib/aws-kms";
import type { Construct } from "constructs";

import type { Environment } from "../config/index.ts";
import { onDeletion } from "./keeping.ts";

export function repositoryOf(scope: Construct, image: string, repositoryName: string, environment: Environment, key: kms.IKey): ecr.Repository {
  return new ecr.Repository(scope, `Repository-${image}`, {
    repositoryName,
    imageScanOnPush: true,
    imageTagMutability: ecr.TagMutability.IMMUTABLE,
    encryption: ecr.RepositoryEncryption.KMS,
    encryptionKey: key,
    removalPolicy: onDeletion(environment),
    // A release is a list with a tag and several manifests without one, which ECR counts as images of their own, and keeps for as
    // long as their list is there.
    lifecycleRules: [
      { rulePriority: 1, description: "ten releases are kept", tagStatus: ecr.TagStatus.TAGGED, tagPatternList: ["*"], maxImageCount: 10 },
      { rulePriority: 2, description: "what no release has goes", tagStatus: ecr.TagStatus.UNTAGGED, maxImageAge: Duration.days(1) },
    ],
  });
}
