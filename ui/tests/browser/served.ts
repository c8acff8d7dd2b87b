/** **Served**: a real `assay up` with a catalogue of samples, for as long as the tests run. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { test as base } from "@playwright/test";

/** The folder with the programs of the debug profile. */
export const PROGRAMS = process.env.ASSAY_PROGRAMS ?? resolve(import.meta.dirname, "../../../target/debug");

export interface Served {
  url: string;
  stop: () => Promise<void>;
}

/** Serves samples from a folder of its own, on a port that is free. */
export async function serve(...more: string[]): Promise<Served> {
  const folder = mkdtempSync(join(tmpdir(), "assay-page-"));
  execFileSync(join(PROGRAMS, "examples/sample_results"), [folder]);
  const arguments_ = ["--data", folder, "up", "--listen", "127.0.0.1:0", ...more];
  const process_ = spawn(join(PROGRAMS, "assay"), arguments_, { stdio: ["ignore", "ignore", "pipe"] });
  const url = await told(process_);
  const stop = async () => {
    const ended = new Promise((done) => process_.once("exit", done));
    process_.kill("SIGINT");
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  return { url, stop };
}

/** The address that the server tells on standard error. */
function told(process_: ChildProcess): Promise<string> {
  return new Promise((found, failed) => {
    const said: string[] = [];
    if (!process_.stderr) return failed(new Error("no standard error"));
    createInterface({ input: process_.stderr }).on("line", (line) => {
      said.push(line);
      const url = /serving on (http:\/\/\S+?);/.exec(line)?.[1];
      if (url) found(url);
    });
    process_.once("exit", (code) => failed(new Error(`assay up ended with ${code}: ${said.join("\n")}`)));
  });
}

/** Tests of the page of one server. */
export const test = base.extend<object, { served: Served }>({
  served: [
    async ({}, use) => {
      // A server that runs already, with samples of its own, where the address is given.
      const url = process.env.ASSAY_URL;
      const served = url ? { url, stop: async () => undefined } : await serve();
      await use(served);
      await served.stop();
    },
    { scope: "worker" },
  ],
  baseURL: async ({ served }, use) => use(served.url),
  page: async ({ page }, use) => {
    const faults: string[] = [];
    page.on("pageerror", (error) => faults.push(error.message));
    page.on("console", (message) => {
      // A problem that the API tells is an answer.
      if (message.type() === "error" && !/status of 4\d\d/.test(message.text())) faults.push(message.text());
    });
    await use(page);
    if (faults.length > 0) throw new Error(`the page complained: ${faults.join("; ")}`);
  },
});

export { expect } from "@playwright/test";
