import { expect, test } from "./served";
import { expectAccessible } from "./axe";

test("sliders rank anew, and the address keeps where they stand", async ({ page }) => {
  await page.goto("/#/recommend");
  const ranking = page.getByRole("region", { name: "Ranking" });
  const first = ranking.locator("tbody").first();
  await expect(first).toContainText("measured");
  await expectAccessible(page);
  const before = await first.getByRole("rowheader").textContent();
  // All weight to what things cost: another configuration is the first.
  for (const [group, value] of [["latency", "0"], ["throughput", "0"], ["accuracy", "0"], ["memory", "0"], ["cost", "100"]]) {
    await page.getByRole("slider", { name: group }).fill(value ?? "");
  }
  await expect(page.getByText(/serving_cost_per_mtok 100.0 %/)).toBeVisible();
  await expect(first.getByRole("rowheader")).not.toHaveText(before ?? "");
  const after = await first.getByRole("rowheader").textContent();
  const address = page.url();
  await page.goto("about:blank");
  await page.goto(address);
  await expect(page.getByRole("slider", { name: "cost" })).toHaveValue("100");
  await expect(first.getByRole("rowheader")).toHaveText(after ?? "");

  await first.getByText("Why").click();
  await expect(first.getByRole("table").getByRole("rowheader", { name: "Cost" })).toBeVisible();
  await expect(first.getByText(/the best of/)).toBeVisible();
});

test("a load is answered with replicas and what they cost a month", async ({ page }) => {
  await page.goto("/#/recommend");
  await page.getByRole("spinbutton", { name: "Target load, requests/s" }).fill("5000");
  const ranking = page.getByRole("region", { name: "Ranking" });
  await expect(ranking.getByRole("columnheader", { name: "Replicas" })).toBeVisible();
  await expect(ranking.getByRole("columnheader", { name: "per month" })).toBeVisible();
  expect(page.url()).toContain("target_rps=5000");
});

test("where nothing fits, what would have to give is a button", async ({ page }) => {
  await page.goto("/#/recommend?slo_ttft_p90=1");
  const alert = page.getByRole("alert");
  await expect(alert.getByRole("heading", { name: "Nothing fits" })).toBeVisible();
  await alert.getByRole("button", { name: /^Ask with/ }).first().click();
  await expect(page.getByRole("region", { name: "Ranking" }).locator("tbody").first()).toBeVisible();
  expect(page.url()).not.toContain("slo_ttft_p90=1&");
});

test("other provenance is offered by name and ranked apart", async ({ page }) => {
  await page.goto("/#/recommend?use_case=qa");
  await page.getByRole("button", { name: "Ask about chatbot" }).click();
  await expect(page.getByRole("region", { name: "Ranking" })).toBeVisible();
  await page.getByLabel("Results").selectOption("simulated");
  await expect(page.locator(".statement .mark")).toHaveText("simulated");
  await expect(page.locator(".ranking .mark").filter({ hasNotText: "simulated" })).toHaveCount(0);
});
