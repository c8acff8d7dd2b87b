/**
 * What would be deployed, whole: a change of it is seen when it is reviewed. `UPDATE_CONTRACTS=1 npm test` writes it anew. Hashes of
 * programs are left out, since they change with every build.
 */

import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { test } from "node:test";

import { STACKS, synthesis } from "./synthesis.ts";

const FOLDER = fileURLToPath(new URL("./snapshots/", import.meta.url));

for (const name of ["production"]) {
  for (const stack of STACKS) {
    test(`${name}: the template of ${stack} is as it was`, () => {
      const { Rules: _rules, Metadata: _metadata, ...template } = synthesis(name).templates[stack];
      const { Packages: _packages, ...outputs } = (template as { Outputs?: Record<string, unknown> }).Outputs ?? {};
      const shown = `${JSON.stringify({ ...template, Outputs: outputs }, null, 1).replace(/[0-9a-f]{64}/g, "HASH")}\n`;
      const path = `${FOLDER}${name}.${stack}.json`;
      if (process.env["UPDATE_CONTRACTS"]) {
        mkdirSync(FOLDER, { recursive: true });
        writeFileSync(path, shown);
      }
      assert.ok(existsSync(path), `${path} is missing: UPDATE_CONTRACTS=1 npm test`);
      assert.equal(shown === readFileSync(path, "utf8"), true, `${path} differs: look at it after UPDATE_CONTRACTS=1 npm test`);
    });
  }
}
