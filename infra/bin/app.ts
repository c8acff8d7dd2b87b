/** Synthesises an environment: `npx tsx bin/app.ts` or `npx cdk synth -c environment=NAME`. Nothing is asked of AWS. */

import { App, Validations } from "aws-cdk-lib";
import { AwsSolutionsChecks } from "cdk-nag";

import { environmentNamed } from "../config/index.ts";
import { installation } from "../lib/installation.ts";

const app = new App();
const name: string = app.node.tryGetContext("environment") ?? process.env["ASSAY_ENVIRONMENT"] ?? "trial";
installation(app, environmentNamed(name));
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
app.synth();
