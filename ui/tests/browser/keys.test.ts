import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SPEC } from "./spec";
import { expect, PROGRAMS, serve, test } from "./served";

test("an API that wants a key asks for it, and what a key may not do is told", async ({ browser }) => {
  const folder = mkdtempSync(join(tmpdir(), "assay-keys-"));
  const file = join(folder, "keys.json");
  const key = execFileSync(join(PROGRAMS, "assay"), ["key", "new", "reader", "--file", file], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  const served = await serve("--keys", file);
  const page = await browser.newPage();
  try {
    await page.goto(served.url);
    const dialog = page.getByRole("dialog", { name: "API key" });
    await expect(dialog).toContainText("wants a key");
    await dialog.getByLabel("Key or token").fill(key.trim());
    await dialog.getByRole("button", { name: "Use it" }).click();
    await expect(page.getByRole("status").filter({ hasText: "results" })).toHaveText("449 results");
    await expect(dialog).toBeHidden();

    // No link can carry the key.
    const saved = page.waitForEvent("download");
    await page.getByRole("button", { name: "Download CSV" }).click();
    const csv = await saved;
    expect(csv.suggestedFilename()).toBe("assay-catalog.csv");
    expect(readFileSync(await csv.path(), "utf8").trim().split("\n")).toHaveLength(1 + 449);
    await page.route("**/v1/catalog.parquet", (route) => route.fulfill({ status: 503, json: { detail: "The results are away." } }));
    await page.getByRole("button", { name: "Download Parquet" }).click();
    await expect(page.getByRole("alert")).toContainText("The results are away.");
    await expect(page.getByRole("button", { name: "Download Parquet" })).toBeEnabled();

    await page.goto(`${served.url}/#/campaigns`);
    await page.getByLabel("or written here").fill(SPEC);
    await page.getByRole("button", { name: "Plan" }).click();
    await page.getByRole("button", { name: "Start" }).click();
    await expect(page.getByRole("alert")).toContainText("run");
    await expect(page).toHaveURL(/campaigns$/);
  } finally {
    await page.close();
    await served.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});
