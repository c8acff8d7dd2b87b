import { expect, test } from "./served";
import { expectAccessible } from "./axe";

test("what is ticked in the catalogue is compared, number by number", async ({ page }) => {
  await page.goto("/#/catalogue?provenance=measured&hardware=h100x1&engine=vllm&quantisation=fp16");
  const boxes = page.getByRole("checkbox", { name: /^Compare / });
  for (const place of [0, 1, 2]) await boxes.nth(place).check();
  await page.getByRole("button", { name: "Compare" }).click();
  const table = page.getByRole("region", { name: "Comparison" });
  await expect(table.getByRole("columnheader")).toHaveCount(4);
  await expect(table.getByRole("rowheader", { name: /TTFT p90/ })).toBeVisible();
  await expect(table.getByText("best").first()).toBeVisible();
  await expect(table.getByRole("rowheader", { name: /GPU memory/ })).toBeVisible();
  await expect(table.getByRole("rowheader", { name: /Task accuracy/ })).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("button", { name: "Take away number 3" }).click();
  await expect(table.getByRole("columnheader")).toHaveCount(3);
  await page.goBack();
  await expect(table.getByRole("columnheader")).toHaveCount(4);
});

test("a history marks where the engine's version changed", async ({ page, request }) => {
  // One of those that the samples measured three times.
  const sample = "/v1/catalog?provenance=measured&model=llama-3.1-8b-instruct&quantisation=fp16&hardware=l4x1&engine=vllm&load=c4";
  const { entries } = await (await request.get(sample)).json();
  await page.goto(`/#/history?id=${entries[0].config_id}&provenance=measured`);
  await expect(page.getByRole("status")).toHaveText(/^3 runs; the engine's version changed 2 times: 0\.10\.1 on .*, 0\.11\.0 on /);
  await expect(page.getByRole("img", { name: /of 3 runs over time/ })).toHaveAttribute("data-drawn", "yes");
  const rows = page.getByRole("region", { name: "Runs" }).getByRole("row");
  await expect(rows.nth(1)).toContainText("0.11.0 changed");
  await expect(rows.nth(3)).not.toContainText("changed");
  await expectAccessible(page);
});
