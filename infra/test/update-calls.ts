/** Writes contracts/calls.json anew from the sources: `npm run calls`. What changed in it changes what the roles allow. */

import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { PROGRAMS, callsOf } from "./scan.ts";

const programs = Object.fromEntries(PROGRAMS.map((program) => [program, callsOf(program)]));
const about = "What each program calls at AWS, found in its sources by test/scan.ts; written by `npm run calls`. Roles allow this and no more.";
writeFileSync(fileURLToPath(new URL("../contracts/calls.json", import.meta.url)), `${JSON.stringify({ about, programs }, null, 2)}\n`);
