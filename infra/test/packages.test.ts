/** Programs of another processor are refused before they are deployed. */

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { deflateRawSync } from "node:zlib";

import { environments } from "../config/index.ts";
import { architectureOf, packageOf } from "../lib/packages.ts";

/** The beginning of a zip with one file, as far as it is read. */
function zip(machine: number, deflated: boolean): Buffer {
  const program = Buffer.alloc(64);
  program.writeUInt32BE(0x7f454c46, 0);
  program.writeUInt16LE(machine, 18);
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  header.writeUInt16LE(deflated ? 8 : 0, 8);
  header.writeUInt16LE("bootstrap".length, 26);
  return Buffer.concat([header, Buffer.from("bootstrap"), deflated ? deflateRawSync(program) : program]);
}

test("the processor of a program is known by its header", () => {
  for (const deflated of [true, false]) {
    assert.equal(architectureOf(zip(0x3e, deflated)), "x86_64");
    assert.equal(architectureOf(zip(0xb7, deflated)), "arm64");
    assert.equal(architectureOf(zip(0x28, deflated)), undefined);
  }
  assert.equal(architectureOf(Buffer.from("no zip")), undefined);
});

test("a package for another processor is refused, and one that is missing is a placeholder", () => {
  const folder = mkdtempSync(join(tmpdir(), "assay-packages-"));
  try {
    mkdirSync(join(folder, "serve-api"));
    writeFileSync(join(folder, "serve-api", "bootstrap.zip"), zip(0xb7, true));
    assert.throws(() => packageOf("serve-api", environments["trial"]!, folder), /is for arm64, and assay-trial wants x86_64/);
    assert.equal(packageOf("serve-api", environments["production"]!, folder).isPlaceholder, false);
    assert.equal(packageOf("split-batches", environments["production"]!, folder).isPlaceholder, true);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
