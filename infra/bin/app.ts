/** Synthesises an environment: `npx tsx bin/app.ts` here, or `make cdk ENVIRONMENT=NAME ARGS=synth` above. Nothing is asked of AWS. */

import { App, Validations } from "aws-cdk-lib";
import { AwsSolutionsChecks } from "cdk-nag";

import { environmentNamed } from "../config/index.ts";
import { installation } from "../lib/installation.ts";

const app = new App();
const name: string = app.node.tryGetContext("environment") ?? process.env["ASSAY_ENVIRONMENT"] ?? "trial";
installation(app, environmentNamed(name));
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
app.synth();
