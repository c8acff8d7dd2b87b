/** Every environment, by the name that `-c environment=NAME` or `ASSAY_ENVIRONMENT` gives. */

import type { Environment } from "./environment.ts";
import { production } from "./production.ts";
import { trial } from "./trial.ts";

export type { Environment };

export const environments: { readonly [name: string]: Environment } = { trial, production };

export function environmentNamed(name: string): Environment {
  const found = environments[name];
  if (!found) {
    throw new Error(`there is no environment ${name} in infra/config; there are ${Object.keys(environments).join(", ")}`);
  }
  return found;
}
