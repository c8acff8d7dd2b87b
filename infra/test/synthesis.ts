/** A **synthesis** of an environment in a folder of its own, made once for all tests of a file. */

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";

import { App, Validations } from "aws-cdk-lib";
import { AwsSolutionsChecks } from "cdk-nag";

import { environments, type Environment } from "../config/index.ts";
import { installation } from "../lib/installation.ts";

export const STACKS = ["Network", "Data", "Cluster", "Compute", "Functions", "Api", "Schedule", "Observability", "Budget"] as const;
export type StackName = (typeof STACKS)[number];

export interface Resource {
  readonly Type: string;
  // What a template has is JSON.
  readonly Properties: any;
  readonly DeletionPolicy?: string;
}

export interface Template {
  readonly Resources: { readonly [id: string]: Resource };
  readonly Outputs?: { readonly [id: string]: { readonly Value: unknown } };
  readonly Rules?: object;
  readonly Metadata?: { readonly [name: string]: string };
}

export interface Finding {
  readonly ruleName: string;
  readonly constructs: readonly string[];
}

export interface Synthesis {
  readonly environment: Environment;
  readonly templates: { readonly [stack in StackName]: Template };
  readonly findings: readonly Finding[];
  /** Reasons of findings that were explained. */
  readonly explained: readonly string[];
  /** Resources of a type in a stack, by what their ids begin with. */
  of(stack: StackName, type: string): [string, Resource][];
}

const made = new Map<string, Synthesis>();

export function synthesis(name: string): Synthesis {
  const known = made.get(name);
  if (known) return known;
  const environment = environments[name]!;
  const folder = mkdtempSync(join(tmpdir(), "assay-infra-"));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const app = new App({ outdir: folder });
  installation(app, environment);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  quietly(() => app.synth());
  const json = (file: string) => JSON.parse(readFileSync(join(folder, file), "utf8"));
  // Not every environment has a cluster.
  const template = (stack: StackName) => (stack === "Cluster" && !environment.cluster ? { Resources: {} } : json(`${stack}.template.json`));
  const templates = Object.fromEntries(STACKS.map((stack) => [stack, template(stack)])) as Synthesis["templates"];
  const reports = json("validation-report.json").pluginReports as {
    violations: { ruleName: string; violatingConstructs: { constructPath: string }[] }[];
    suppressedViolations?: { reason: string }[];
  }[];
  const found: Synthesis = {
    environment,
    templates,
    findings: reports.flatMap((report) =>
      report.violations.map((violation) => ({
        ruleName: violation.ruleName,
        constructs: violation.violatingConstructs.map((construct) => construct.constructPath),
      })),
    ),
    explained: reports.flatMap((report) => (report.suppressedViolations ?? []).map((violation) => violation.reason)),
    of: (stack, type) => Object.entries(templates[stack].Resources).filter(([, resource]) => resource.Type === type),
  };
  made.set(name, found);
  return found;
}

/** Findings are told by the tests, and not twice. An app with findings ends its process with an error code of its own. */
function quietly(synthesise: () => void): void {
  const { error } = console;
  console.error = () => undefined;
  try {
    synthesise();
  } finally {
    console.error = error;
    process.exitCode = 0;
  }
}

/** Everything in a part of a template that a test may look for as text: ARNs are joined, what is looked up is `<Id>`. */
export function text(value: unknown): string {
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return value.map(text).join(",");
  if (value === null || typeof value !== "object") return String(value);
  const { "Fn::Join": join, "Fn::GetAtt": attribute, "Fn::ImportValue": imported, Ref: reference } = value as Record<string, unknown>;
  if (join) {
    const [by, parts] = join as [string, unknown[]];
    return parts.map(text).join(by);
  }
  if (attribute) return `<${(attribute as string[]).join(".")}>`;
  if (imported) return `<${text(imported)}>`;
  if (reference) return `<${reference as string}>`;
  return JSON.stringify(value);
}
