import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "./served";
import { typesOf } from "../../scripts/api-types.mjs";

test("the types of the API are those that it tells", async ({ request }) => {
  const document = await (await request.get("/openapi.json")).json();
  const committed = readFileSync(resolve(import.meta.dirname, "../../src/api/schema.d.ts"), "utf8");
  expect(await typesOf(document), "run `npm run types -- URL` and mend what no longer compiles").toBe(committed);
});
