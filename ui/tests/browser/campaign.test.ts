import { expect, test } from "./served";
import { expectAccessible } from "./axe";
import { SPEC } from "./spec";

test("a spec is planned, started and followed to its end", async ({ page }) => {
  await page.goto("/#/campaigns");
  await expectAccessible(page);
  const file = { name: "spec.yaml", mimeType: "application/yaml", buffer: Buffer.from(SPEC) };
  await page.getByLabel("A spec, as YAML or JSON").setInputFiles(file);
  await page.getByRole("button", { name: "Plan" }).click();
  await expect(page.getByRole("heading", { name: /^2 configurations would run, 2 runs forecast/ })).toBeVisible();
  await page.getByRole("button", { name: "Start" }).click();
  await expect(page).toHaveURL(/#\/campaign\?id=from-the-page-/);
  await expect(page.getByText(/2 of 2 runs done/)).toBeVisible({ timeout: 45_000 });
  await expect(page.locator(".state").first()).toHaveText("completed", { timeout: 30_000 });
  await expect(page.getByText("USD that real machines would have cost")).toBeVisible();
  await expect(page.getByRole("region", { name: "Progress" }).locator(".mark", { hasText: "simulated" }).first()).toBeVisible();
  await expect(page.getByRole("link", { name: "as a page" })).toHaveAttribute("href", /report\.html$/);
  await expectAccessible(page);

  await page.getByRole("link", { name: "Campaigns" }).click();
  await expect(page.getByRole("region", { name: "Campaigns so far" })).toContainText("from-the-page");
});

test("a spec that cannot be used is answered with the field", async ({ page }) => {
  await page.goto("/#/campaigns");
  await page.getByLabel("or written here").fill(SPEC.replace("l4x1", "toaster9000"));
  await page.getByRole("button", { name: "Plan" }).click();
  await expect(page.getByRole("alert")).toContainText("hardware");
  await expect(page.getByRole("button", { name: "Start" })).toHaveCount(0);
});

test("a campaign is paused and cancelled", async ({ page, request }) => {
  const slow = SPEC.replace("from-the-page", "to-cancel").replace("requests: 20", "requests: 4000");
  const { id } = await (await request.post("/v1/campaigns", { data: slow, headers: { "content-type": "application/yaml" } })).json();
  await page.goto(`/#/campaign?id=${id}`);
  await page.getByRole("button", { name: "Pause" }).click();
  await expect(page.locator(".state").first()).toHaveText("paused");
  page.on("dialog", (dialog) => void dialog.accept());
  await page.getByRole("button", { name: "Cancel" }).click();
  await expect(page.locator(".state").first()).toHaveText("cancelled");
  await expect(page.getByRole("button", { name: "Pause" })).toHaveCount(0);
});
