/**
 * **Packages** are the programs of the functions as `make functions` makes them. Where one is not there, a placeholder stands
 * for it, so that everything else can be looked at and tested; a stack with placeholders is refused by CloudFormation.
 */

import { readFileSync, existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { inflateRawSync } from "node:zlib";

import * as lambda from "aws-cdk-lib/aws-lambda";

import type { Environment } from "../config/index.ts";
import type { FunctionName } from "./names.ts";

const HERE = dirname(fileURLToPath(import.meta.url));

/** Where packages are: `ASSAY_PACKAGES`, or the target folder of cargo. */
export function packagesFolder(): string {
  const target = process.env["CARGO_TARGET_DIR"] ?? join(HERE, "..", "..", "target");
  return process.env["ASSAY_PACKAGES"] ?? join(target, "lambda");
}

export interface Package {
  readonly code: lambda.Code;
  readonly isPlaceholder: boolean;
}

export function packageOf(name: FunctionName, environment: Environment, folder = packagesFolder()): Package {
  const path = join(folder, name, "bootstrap.zip");
  if (!existsSync(path)) {
    return { code: lambda.Code.fromAsset(join(HERE, "..", "placeholder")), isPlaceholder: true };
  }
  const wanted = environment.functions.architecture;
  const found = architectureOf(readFileSync(path));
  if (found !== wanted) {
    throw new Error(
      `${path} is for ${found ?? "no processor of AWS Lambda"}, and ${environment.name} wants ${wanted}; ` +
        `build it anew: make functions LAMBDA_ARCH=${wanted === "arm64" ? "arm64" : "x86-64"}`,
    );
  }
  return { code: lambda.Code.fromAsset(path), isPlaceholder: false };
}

/** The processor of a program in a package, by its ELF header: Lambda would only say that the program cannot start. */
export function architectureOf(zip: Buffer): Environment["functions"]["architecture"] | undefined {
  const LOCAL_HEADER = 0x04034b50;
  if (zip.length < 30 || zip.readUInt32LE(0) !== LOCAL_HEADER) return undefined;
  const method = zip.readUInt16LE(8);
  const start = 30 + zip.readUInt16LE(26) + zip.readUInt16LE(28);
  const STORED = 0;
  const program = method === STORED ? zip.subarray(start) : inflateRawSync(zip.subarray(start), { finishFlush: 2 });
  if (program.length < 20 || program.readUInt32BE(0) !== 0x7f454c46) return undefined;
  switch (program.readUInt16LE(18)) {
    case 0x3e:
      return "x86_64";
    case 0xb7:
      return "arm64";
    default:
      return undefined;
  }
}
