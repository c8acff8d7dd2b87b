import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "./served";
import { expectAccessible } from "./axe";

const FILE = resolve(import.meta.dirname, "../../../crates/formats/tests/fixtures/vllm_bench_on_vllm.json");

test("a file of another tool is asked about, taken, and shown as imported", async ({ page }) => {
  await page.goto("/#/imports");
  await page.getByLabel("Files of results").setInputFiles(FILE);
  const outcome = page.getByRole("article", { name: "vllm_bench_on_vllm.json" });
  const asked = outcome.getByRole("list", { name: "Asked for" });
  await expect(asked).toContainText("hardware");
  await expectAccessible(page);
  const stated: [string, string][] = [
    ["Model", "tiny-llama"],
    ["Precision", "fp16"],
    ["Hardware", "h100x1"],
    ["Engine", "vllm"],
    ["Use case", "chatbot"],
  ];
  for (const [label, value] of stated) await page.getByLabel(new RegExp(`^${label}( asked for)?$`)).fill(value);
  await outcome.getByRole("button", { name: "Try again" }).click();
  await expect(outcome).toContainText("1 taken from vllm");
  await outcome.getByRole("link", { name: "Imported results in the catalogue" }).click();
  await expect(page.getByRole("region", { name: "Results" }).last()).toContainText("tiny-llama");
  await expect(page.getByRole("checkbox", { name: /^imported / })).toBeChecked();
});

test("a file is dropped, and one that cannot be read is refused with the place", async ({ page }) => {
  await page.goto("/#/imports");
  const broken = readFileSync(FILE, "utf8").slice(0, 2000);
  const transfer = await page.evaluateHandle((text) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([text], "broken.json"));
    return transfer;
  }, broken);
  await page.locator(".drop").dispatchEvent("drop", { dataTransfer: transfer });
  const outcome = page.getByRole("article", { name: "broken.json" });
  await expect(outcome.getByRole("alert")).toContainText(/line 2/);
  await expect(outcome).not.toContainText("taken");
});
