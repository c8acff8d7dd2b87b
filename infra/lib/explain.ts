/** **Explaining** a finding of cdk-nag: why what it warns of is as it should be. What is not explained fails the tests. */

import { Stack, Validations } from "aws-cdk-lib";
import type { IConstruct } from "constructs";

export function explain(construct: IConstruct, reasons: { readonly [finding: string]: string }): void {
  for (const [id, reason] of Object.entries(reasons)) {
    Validations.of(construct).acknowledge({ id, reason });
  }
}

/** Explains why policies of a role name resources by a part of their ARN, or all of them. */
export function explainWildcards(role: IConstruct, resources: readonly string[], reason: string): void {
  for (const resource of resources) explain(role, { [`AwsSolutions-IAM5[Resource::${written(role, resource)}]`]: reason });
}

/** An ARN as cdk-nag writes it: `<AWS::AccountId>` for what is known when it is deployed. */
function written(construct: IConstruct, arn: string): string {
  const resolved: unknown = Stack.of(construct).resolve(arn);
  if (typeof resolved === "string") return resolved;
  const [, parts] = (resolved as { "Fn::Join": [string, (string | { Ref: string })[]] })["Fn::Join"];
  return parts.map((part) => (typeof part === "string" ? part : `<${part.Ref}>`)).join("");
}
