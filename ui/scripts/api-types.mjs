/** Writes `src/api/schema.d.ts`: the API's shapes as types, from `/openapi.json` of a running server. */
import { writeFileSync } from "node:fs";
import openapi, { astToString } from "openapi-typescript";

/** The types of an OpenAPI document. */
export async function typesOf(document) {
  return `// Written by \`npm run types\`; not by hand.\n${astToString(await openapi(document))}`;
}

if (process.argv[1] === import.meta.filename) {
  const url = process.argv[2] ?? "http://127.0.0.1:8700";
  const answer = await fetch(new URL("/openapi.json", url));
  writeFileSync(new URL("../src/api/schema.d.ts", import.meta.url), await typesOf(await answer.json()));
}
