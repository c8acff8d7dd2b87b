/** **Keeping**: how long logs stay, and what is left when a stack is deleted. */

import { RemovalPolicy } from "aws-cdk-lib";
import { RetentionDays } from "aws-cdk-lib/aws-logs";

import type { Environment } from "../config/index.ts";

export const onDeletion = (environment: Environment): RemovalPolicy =>
  environment.onDeletion === "keep" ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY;

export function retention(environment: Environment): RetentionDays {
  switch (environment.functions.logDays) {
    case 7:
      return RetentionDays.ONE_WEEK;
    case 30:
      return RetentionDays.ONE_MONTH;
    case 90:
      return RetentionDays.THREE_MONTHS;
    case 365:
      return RetentionDays.ONE_YEAR;
  }
}
