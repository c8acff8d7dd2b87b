/**
 * Each program's code calls only what its role allows, and each role allows only what the code calls. What the code calls is found
 * in its sources (scan.ts): the methods of ports in those of the program, and that no call of the SDK is forgotten in those of the
 * adapters. tests/integration/on_lambda.rs runs the programs and holds what they call against the same list.
 */

import assert from "node:assert/strict";
import { test } from "node:test";

import { environments } from "../config/index.ts";
import { CALLS, LEDGER_KEY_ACTIONS, actionsOf, servicesOf, type Program } from "../lib/permissions.ts";
import { FUNCTIONS } from "../lib/names.ts";
import { NOT_RECORDED, PORTS, PROGRAMS, callsOf, callsOfAdapters, variablesOf } from "./scan.ts";
import { synthesis, text, type Resource, type StackName } from "./synthesis.ts";

/** What AWS does in the name of a function's role, with the reason. The code calls none of it. */
const BY_LAMBDA: { readonly [action: string]: string } = {
  "logs:CreateLogStream": "Lambda writes the log",
  "logs:PutLogEvents": "Lambda writes the log",
  "xray:PutTelemetryRecords": "Lambda writes the trace",
  "xray:PutTraceSegments": "Lambda writes the trace",
  "ec2:AssignPrivateIpAddresses": "Lambda connects the function to the network",
  "ec2:CreateNetworkInterface": "Lambda connects the function to the network",
  "ec2:DeleteNetworkInterface": "Lambda connects the function to the network",
  "ec2:DescribeNetworkInterfaces": "Lambda connects the function to the network",
  "ec2:DescribeSubnets": "Lambda connects the function to the network",
  "ec2:UnassignPrivateIpAddresses": "Lambda connects the function to the network",
  "kms:Decrypt": "objects, ledger, secrets, queues and the bus are under one key",
  "kms:GenerateDataKey": "objects, ledger, secrets, queues and the bus are under one key",
  ...Object.fromEntries(LEDGER_KEY_ACTIONS.map((action) => [action, "DynamoDB uses the key of the ledger"])),
  "sqs:DeleteMessage": "Lambda takes messages out of the function's queue",
  "sqs:GetQueueAttributes": "Lambda takes messages out of the function's queue",
  "sqs:ReceiveMessage": "Lambda takes messages out of the function's queue",
};

interface Statement {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Resource: unknown;
}

const list = <T>(value: T | T[]): T[] => (Array.isArray(value) ? value : [value]);

/** Every statement of a role: of its own policies and of those that name it. */
function statementsOf(role: string, policies: [string, Resource][]): Statement[] {
  return policies
    .filter(([, policy]) => policy.Properties.Roles.some((named: unknown) => text(named) === `<${role}>`))
    .flatMap(([, policy]) => policy.Properties.PolicyDocument.Statement as Statement[]);
}

test("contracts/calls.json is what the sources call: npm run calls", () => {
  for (const program of PROGRAMS) assert.deepEqual(CALLS[program], callsOf(program), program);
});

test("what is not recorded of running programs is said with its reason, and is in the list", () => {
  for (const { calls, programs, why } of NOT_RECORDED) {
    assert.ok(why.length > 0);
    for (const program of programs) {
      assert.deepEqual(calls.filter((call) => !CALLS[program].includes(call)), [], program);
    }
  }
});

test("contracts/ports.json has every call that the adapters make, and no other", () => {
  const known = [...new Set(Object.values(PORTS).flat())].sort();
  assert.deepEqual(known, callsOfAdapters());
});

for (const name of Object.keys(environments)) {
  const made = synthesis(name);

  for (const program of FUNCTIONS) {
    test(`${name}: the role of ${program} allows what it calls, and no more`, () => {
      const [role, resource] = made.of("Functions", "AWS::IAM::Role").find(([id]) => id.startsWith(`${program.replaceAll("-", "")}role`))!;
      assert.equal(resource.Properties.ManagedPolicyArns, undefined, "no policy of AWS, which may allow more tomorrow");
      const statements = statementsOf(role, made.of("Functions", "AWS::IAM::Policy"));
      const allowed = [...new Set(statements.flatMap((statement) => list(statement.Action)))];
      assert.ok(statements.every((statement) => statement.Effect === "Allow"));
      const called = servicesOf(program).flatMap((service) => actionsOf(CALLS[program], service));
      const ofCode = allowed.filter((action) => !(action in BY_LAMBDA));
      assert.deepEqual(ofCode.sort(), [...new Set(called)].sort());
      assert.ok(allowed.every((action) => !action.includes("*")), "every action is named");
      const everywhere = statements.filter((statement) => list(statement.Resource).some((named) => named === "*"));
      // These have no resources that a policy could name.
      const unbound = everywhere.flatMap((statement) => list(statement.Action));
      assert.deepEqual(unbound.filter((action) => !/^(ec2|xray):|^batch:(ListJobs|DescribeJobs)$/.test(action)), []);
    });

    test(`${name}: ${program} is told the variables that it reads`, () => {
      const [, resource] = made.of("Functions", "AWS::Lambda::Function").find(([, f]) => f.Properties.FunctionName === `${made.environment.name}-${program}`)!;
      const told = Object.keys(resource.Properties.Environment.Variables);
      const { required, optional } = variablesOf(program);
      assert.deepEqual([...required].filter((variable) => !told.includes(variable)), [], "what it cannot start without");
      assert.deepEqual(told.filter((variable) => !required.has(variable) && !optional.has(variable)), [], "what it does not read");
      assert.ok(!JSON.stringify(resource.Properties.Environment).includes("resolve:secretsmanager"), "no secret is in the settings");
    });
  }

  test(`${name}: roles of programs outside of Lambda allow what they call, and no more`, () => {
    const pods: { [role: string]: readonly Program[] } = {
      "RoleModelCatalogAssay": FUNCTIONS,
      "RoleGpuWorkloadsAssayStage": ["trigger-campaign", "generate-matrix", "split-batches", "track-progress", "publish-catalog"],
      "RoleGpuWorkloadsBatchRunner": ["batch-runner"],
    };
    const roles: [StackName, string, readonly Program[]][] = [["Compute", "JobRole", ["batch-runner"]]];
    const { cluster } = environments[name]!;
    if (cluster) roles.push(...Object.entries(pods).map(([role, programs]): [StackName, string, readonly Program[]] => ["Cluster", role, programs]));
    if (cluster && cluster.batch !== "none") roles.push(["Compute", "EksJobRole", ["batch-runner"]]);
    for (const [stack, id, programs] of roles) {
      const [role] = made.of(stack, "AWS::IAM::Role").find(([found]) => found.toLowerCase().startsWith(id.toLowerCase()))!;
      const statements = statementsOf(role, made.of(stack, "AWS::IAM::Policy"));
      const allowed = [...new Set(statements.flatMap((statement) => list(statement.Action)))].filter((action) => !action.startsWith("kms:"));
      // Stages and `assay up` publish no events of AWS, submit to Argo, and get secrets as variables.
      const services = programs[0] === "batch-runner" ? ["dynamodb", "s3", "secretsmanager"] : ["dynamodb", "s3"];
      const called = programs.flatMap((program) => services.flatMap((service) => actionsOf(CALLS[program], service)));
      assert.deepEqual(allowed.sort(), [...new Set(called)].sort(), id);
      assert.ok(statements.every((statement) => !list(statement.Resource).includes("*")), id);
    }
    // What the runner calls at all is in there.
    assert.deepEqual(servicesOf("batch-runner"), ["dynamodb", "s3", "secretsmanager"]);
  });

  test(`${name}: runners are told variables that they read, and their secrets by reference`, () => {
    const { required, optional } = variablesOf("batch-runner");
    for (const [id, { Properties }] of made.of("Compute", "AWS::Batch::JobDefinition")) {
      const container = Properties.ContainerProperties;
      const told: { Name: string; Value?: unknown }[] = container
        ? [...container.Environment, ...container.Secrets]
        : Properties.EksProperties.PodProperties.Containers[0].Env;
      const names = told.map((variable) => variable.Name);
      assert.deepEqual([...required].filter((variable) => !names.includes(variable)), [], id);
      // The SDK of AWS reads its region by itself.
      const known = (variable: string) => optional.has(variable) || required.has(variable) || variable === "AWS_REGION";
      assert.deepEqual(names.filter((variable) => !known(variable)), [], id);
      const store = told.find((variable) => variable.Name === "ASSAY_STORE")!;
      if (container) assert.ok(container.Secrets.includes(store), id);
      else assert.equal(store.Value, `aws-sm:${made.environment.name}/store`, id);
    }
  });
}
