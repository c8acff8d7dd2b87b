import { readFileSync } from "node:fs";
import { expectAccessible } from "./axe";
import { expect, test } from "./served";

test("filters find, facets count, and the address keeps it all", async ({ page }) => {
  await page.goto("/");
  const status = page.getByRole("status").filter({ hasText: "results" });
  await expect(status).toHaveText("449 results");
  const filters = page.getByRole("complementary", { name: "Filters" });
  await filters.getByRole("checkbox", { name: "sglang" }).check();
  await expect(status).toHaveText("150 results, filtered");
  await filters.getByRole("checkbox", { name: "vllm" }).check();
  await expect(status).toHaveText("301 results, filtered");
  await filters.getByRole("checkbox", { name: "vllm" }).uncheck();
  await expect(status).toHaveText("150 results, filtered");
  await filters.getByRole("spinbutton", { name: "TTFT p90, at most" }).fill("100");
  await expect(status).not.toHaveText("150 results, filtered");
  const found = await status.textContent();
  const first = await page.getByRole("row").nth(1).textContent();
  const address = page.url();
  expect(address).toContain("engine=sglang");
  expect(address).toContain("max_ttft_p90_ms=100");

  // A link to it shows the same to somebody else.
  await page.goto("about:blank");
  await page.goto(address);
  await expect(status).toHaveText(found ?? "");
  await expect(page.getByRole("row").nth(1)).toHaveText(first ?? "");
  await expectAccessible(page);

  await page.getByRole("button", { name: "Clear all filters" }).click();
  await expect(status).toHaveText("449 results");
  await page.goBack();
  await expect(status).toHaveText(found ?? "");
});

test("a column is sorted by its better end first, by keyboard too", async ({ page }) => {
  await page.goto("/");
  await page.getByRole("button", { name: "Output" }).focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("columnheader", { name: "Output" })).toHaveAttribute("aria-sort", "descending");
  const cells = page.locator("tbody tr td:nth-child(6)");
  const values = async () => (await cells.allTextContents()).map((text) => Number(text.replaceAll(",", "")));
  await expect.poll(async () => (await values()).every((value, place, all) => place === 0 || value <= (all[place - 1] ?? 0))).toBe(true);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("columnheader", { name: "Output" })).toHaveAttribute("aria-sort", "ascending");
});

test("where a number comes from is told in words", async ({ page }) => {
  await page.goto("/#/catalogue?provenance=simulated");
  await expect(page.getByRole("status")).toHaveText("12 results, filtered");
  await expect(page.getByRole("region", { name: "Results" }).last().locator("tbody .mark")).toHaveText(Array(12).fill("simulated"));
});

test("what was found is downloaded whole, in the order of the table", async ({ page }) => {
  await page.goto("/#/catalogue?engine=sglang&sort=-output_tps");
  await expect(page.getByRole("status").filter({ hasText: "results" })).toHaveText("150 results, filtered");
  const saved = async (name: string) => {
    const download = page.waitForEvent("download");
    await page.getByRole("link", { name }).click();
    return download;
  };
  const csv = await saved("Download CSV");
  expect(csv.suggestedFilename()).toBe("assay-catalog.csv");
  const [head = "", ...rows] = readFileSync(await csv.path(), "utf8").trim().split("\n");
  const values = rows.map((row) => Number(fields(row)[fields(head).indexOf("output_tps")]));
  expect(values).toHaveLength(150);
  expect(values).toEqual(values.toSorted((a, b) => b - a));
  expect(new Set(rows.map((row) => fields(row)[fields(head).indexOf("engine")]))).toEqual(new Set(["sglang"]));

  const parquet = await saved("Download Parquet");
  expect(parquet.suggestedFilename()).toBe("assay-catalog.parquet");
  expect(readFileSync(await parquet.path()).subarray(0, 4).toString()).toBe("PAR1");
});

/** The fields of a line of CSV, with the quotes of those that have them. */
function fields(line: string): string[] {
  return line.match(/(?<=^|,)("([^"]|"")*"|[^,]*)(?=,|$)/g) ?? [];
}
