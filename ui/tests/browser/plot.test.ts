import { expect, test } from "./served";

test("an area of the plot filters the table, and the limits say it too", async ({ page }) => {
  await page.goto("/");
  const chart = page.getByRole("img", { name: /results by TTFT p90 and Output tokens/ });
  await expect(chart).toHaveAttribute("data-drawn", "yes");
  const status = page.getByRole("status").filter({ hasText: "results" });
  await expect(status).toHaveText("449 results");
  const box = await chart.boundingBox();
  if (!box) throw new Error("no plot");
  await page.mouse.move(box.x + box.width * 0.4, box.y + box.height * 0.3);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.6, box.y + box.height * 0.7, { steps: 4 });
  await page.mouse.up();
  await expect(status).toHaveText(/results, filtered$/);
  expect(page.url()).toMatch(/min_ttft_p90_ms=.*max_ttft_p90_ms=.*min_output_tps=.*max_output_tps=/);
  const most = Number(new URL(page.url().replace("#/", "")).searchParams.get("max_ttft_p90_ms"));
  await expect(page.getByRole("spinbutton", { name: "TTFT p90, at most" })).toHaveValue(String(most));
  for (const cell of await page.locator(".results tbody tr td:nth-child(3)").allTextContents()) {
    expect(Number(cell.replaceAll(",", ""))).toBeLessThanOrEqual(most * 1.01);
  }
  await page.getByRole("button", { name: "Clear the area" }).click();
  await expect(status).toHaveText("449 results");
});

test("fronts are of one provenance each, and told as a table", async ({ page }) => {
  await page.goto("/");
  await page.getByText(/on 3 fronts, one for each provenance and traffic/).click();
  const fronts = page.getByRole("region", { name: "Fronts" });
  await expect(fronts.locator(".mark", { hasText: "measured" }).first()).toBeVisible();
  await expect(fronts.locator(".mark", { hasText: "simulated" }).first()).toBeVisible();
  await page.getByLabel("Across").selectOption("task_accuracy");
  await expect(page).toHaveURL(/x=task_accuracy/);
  await expect(page.getByText(/lack one of the two numbers/)).toBeVisible();
});

test("a filter's table is there before the plot is asked for, and keeps its lines meanwhile", async ({ page }) => {
  await page.goto("/");
  const chart = page.getByRole("img", { name: /results by TTFT p90 and Output tokens/ });
  await expect(chart).toHaveAttribute("aria-busy", "false");
  const table = page.getByRole("region", { name: "Results" }).last();
  const wrapped = await table.evaluate((element) => getComputedStyle(element).whiteSpace);
  let answer = () => {};
  const held = new Promise<void>((done) => (answer = done));
  await page.route("**/v1/catalog?*", async (route) => {
    await held;
    await route.continue();
  });
  const plots: string[] = [];
  page.on("request", (request) => request.url().includes("/v1/catalog/points") && plots.push(request.url()));
  await page.getByRole("checkbox", { name: "sglang" }).check();
  await expect(table).toHaveAttribute("aria-busy", "true");
  await expect(chart).toHaveAttribute("aria-busy", "true");
  expect(await table.evaluate((element) => getComputedStyle(element).whiteSpace)).toBe(wrapped);
  await page.evaluate(() => new Promise((done) => setTimeout(done, 200)));
  expect(plots).toEqual([]);
  answer();
  await expect(page.getByRole("status").filter({ hasText: "results" })).toHaveText("150 results, filtered");
  await expect(page.getByText(/^150 points/)).toBeVisible();
  expect(plots).toHaveLength(1);
  await expect(chart).toHaveAttribute("aria-busy", "false");
});
