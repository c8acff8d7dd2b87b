/**
 * **Scanning** the Rust sources for what a program calls and reads. A call is a method of a port that a program names
 * (`ledger.claim(`), or that a helper in crates/store/src/campaigns names which the program calls; contracts/ports.json says
 * what becomes of it at AWS.
 */

import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { FUNCTIONS } from "../lib/names.ts";
import type { Call, Program } from "../lib/permissions.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

export const PROGRAMS: readonly Program[] = [...FUNCTIONS, "batch-runner"];

const CONTRACT = JSON.parse(readFileSync(join(ROOT, "infra/contracts/ports.json"), "utf8"));

export const PORTS: { readonly [method: string]: readonly Call[] } = CONTRACT.ports;

/** Calls that a program does not make where its calls are recorded (tests/integration/calls.rs). */
export const NOT_RECORDED: readonly { readonly calls: readonly Call[]; readonly programs: readonly Program[]; readonly why: string }[] =
  CONTRACT.not_recorded;

/** All Rust of a folder, less comments and modules of tests. */
export function rust(folder: string): string {
  const files = readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true });
  return files
    .filter((file) => file.isFile() && file.name.endsWith(".rs") && file.name !== "tests.rs")
    .map((file) => readFileSync(join(file.parentPath, file.name), "utf8"))
    .map((text) => text.replace(/^\s*\/\/.*$/gm, "").split(/^#\[cfg\(test\)\]\nmod tests \{/m)[0]!)
    .join("\n");
}

/** Folders and files of the adapters in crates/cloud/src, with the service that each calls. */
const ADAPTERS: { readonly [place: string]: string } = {
  s3: "s3",
  dynamodb: "dynamodb",
  batch: "batch",
  "event_bridge/publish.rs": "events",
  "event_bridge/queue.rs": "sqs",
  "sns.rs": "sns",
  "secrets.rs": "secretsmanager",
};

/** Steps of a deployment that has no other way, which no program takes. */
const OF_DEPLOYMENTS = ["CreateTable", "UpdateTimeToLive", "WaitUntilTableExists", "CreateTopic"];

/** Every call of the SDK in the adapters; of a transaction what is in it. */
export function callsOfAdapters(): Call[] {
  const calls = new Set<Call>();
  for (const [place, service] of Object.entries(ADAPTERS)) {
    const path = `crates/cloud/src/${place}`;
    const text = place.endsWith(".rs") ? readFileSync(join(ROOT, path), "utf8") : rust(path);
    for (const [, method] of text.matchAll(/\b(?:client|Client::new\([^)]*\(?\)*\))\s*\.\s*(\w+)\(\)/g)) {
      const operation = method!.replace(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase());
      if (OF_DEPLOYMENTS.includes(operation) || ["Clone"].includes(operation)) continue;
      if (operation !== "TransactWriteItems") calls.add(`${service}:${operation}`);
    }
    if (service === "dynamodb") {
      for (const [, kind] of text.matchAll(/\b(Put|Update|Delete|ConditionCheck)::builder\(\)/g)) {
        calls.add(`dynamodb:${kind === "ConditionCheck" ? "ConditionCheckItem" : `${kind}Item`}`);
      }
    }
  }
  return [...calls].sort();
}

const folderOf = (program: Program) => (program === "batch-runner" ? "batch-runner/src" : `functions/${program}/src`);

/** The bodies of the functions that more than one program calls, by name. */
const HELPERS: ReadonlyMap<string, string> = new Map(
  (rust("crates/store/src/campaigns") + readFileSync(join(ROOT, "crates/store/src/campaigns.rs"), "utf8"))
    .split(/^\s*(?:pub )?async fn /m)
    .slice(1)
    .map((text) => [/^\w+/.exec(text)![0], text]),
);

/** Methods of ports in a text, with those of the helpers that it calls. */
function methodsIn(text: string, seen = new Set<string>()): Set<string> {
  const found = new Set<string>();
  for (const [, port, method] of text.matchAll(/\b(ledger|objects|bus|dispatcher)\s*(?:\.as_ref\(\)\s*)?\.\s*(\w+)\(/g)) {
    if (`${port}.${method}` in PORTS) found.add(`${port}.${method}`);
    else if (!["as_ref", "clone", "is_some", "map"].includes(method!)) throw new Error(`contracts/ports.json does not know ${port}.${method}`);
  }
  for (const [name, body] of HELPERS) {
    const called = name === "of" ? /\bRepetitions::of\(/ : new RegExp(`(?<!fn |\\.|\\w)${name}\\(`);
    if (!seen.has(name) && called.test(text) && isHelperOf(name, text)) {
      for (const method of methodsIn(body, new Set([...seen, name]))) found.add(method);
    }
  }
  return found;
}

/** A helper's name may be another's too: it is ours where it is imported, or named with its module. */
function isHelperOf(name: string, text: string): boolean {
  const imports = [...text.matchAll(/use (?:store|crate)::campaigns::(\{[^}]*\}|\w+)/g)].map((match) => match[1]!);
  const word = new RegExp(`\\b${name === "of" ? "Repetitions" : name}\\b`);
  return imports.some((list) => word.test(list)) || text.includes(`campaigns::${name}(`) || [...HELPERS.values()].some((body) => text === body);
}

/** What a program calls at AWS. */
export function callsOf(program: Program): Call[] {
  const text = rust(folderOf(program));
  const methods = methodsIn(text);
  if (/lambda::run\(Some\(/.test(text)) {
    for (const method of methodsIn("campaigns::give_up(")) methods.add(method);
  }
  if (/lambda::run\(/.test(text)) methods.add("queue.put_off");
  if (/environment\s*\.notifiers\(/.test(text)) methods.add("notifier.tell");
  if (/environment\s*\.result_stores\(/.test(text) || /Secrets::new\(/.test(text)) methods.add("secrets.text");
  if (/S3Folder::new\(/.test(text)) ["folder.files", "folder.read"].forEach((method) => methods.add(method));
  return [...new Set([...methods].flatMap((method) => PORTS[method]!))].sort();
}

export interface Variables {
  readonly required: ReadonlySet<string>;
  readonly optional: ReadonlySet<string>;
}

/** The environment variables that a function reads, by the methods of crates/lambda/src/environment.rs that its main calls. */
export function variablesOf(program: Program): Variables {
  const required = new Set<string>();
  const optional = new Set<string>(["ASSAY_LOG"]);
  if (program === "batch-runner") {
    for (const name of variablesOfRunner()) optional.add(name);
    required.add("ASSAY_STORE");
    return { required, optional };
  }
  const source = rust("crates/lambda/src");
  const constants = new Map([...source.matchAll(/const (\w+): &str = "(\w+)";/g)].map((match) => [match[1]!, match[2]!]));
  constants.set("STORE_VARIABLE", "ASSAY_STORE");
  constants.set("self.objects_address", constants.get("OBJECTS")!);
  for (const [, variable] of rust(folderOf(program)).matchAll(/\bsetting\("(\w+)"\)/g)) optional.add(variable!);
  const methods = new Map(source.split(/\bfn /).slice(1).map((text) => [/^\w+/.exec(text)![0], text]));
  for (const [, method] of rust(folderOf(program)).matchAll(/\benvironment\s*\.(\w+)\(/g)) {
    const body = methods.get(method!);
    if (!body) throw new Error(`crates/lambda has no environment.${method}`);
    for (const [constant, variable] of constants) {
      if (!new RegExp(`${constant.replace(".", "\\.")}\\b`).test(body)) continue;
      (new RegExp(`lookup\\(${constant}\\)`).test(body) ? optional : required).add(variable);
    }
  }
  return { required, optional };
}

/** What `batch-runner run` reads, by its sources: attributes of clap, constants, and direct reads. */
function variablesOfRunner(): string[] {
  const text = rust("batch-runner/src") + rust("crates/store/src") + rust("crates/telemetry/src");
  const attributes = [...text.matchAll(/env = "(\w+)"/g)];
  const constants = [...text.matchAll(/const \w*(?:VARIABLE|ENDPOINT|TOKEN)\w*: &str =\s*"([A-Z0-9_]+)"/g)];
  const direct = [...text.matchAll(/(?:var|var_os|from_env)\("([A-Z0-9_]+)"\)/g), ...text.matchAll(/\bset\("([A-Z0-9_]+)"\)/g)];
  return [...attributes, ...constants, ...direct].map((match) => match[1]!);
}
