import { expect, test } from "./served";
import { expectAccessible } from "./axe";

const VIEWS = ["catalogue", "recommend", "compare", "campaigns", "imports"];

test("every view fits a phone, in the dark too", async ({ browser, served }) => {
  const phone = await browser.newContext({ viewport: { width: 390, height: 844 }, colorScheme: "dark", hasTouch: true });
  const page = await phone.newPage();
  for (const view of VIEWS) {
    await page.goto(`${served.url}/#/${view}`);
    await expect(page.getByRole("main")).toBeVisible();
    await expect(page.locator("[aria-busy=true]")).toHaveCount(0);
    const tooWide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(tooWide, view).toBeLessThanOrEqual(0);
    await expectAccessible(page);
  }
  await phone.close();
});

test("the keyboard reaches the content and every view", async ({ page }) => {
  await page.goto("/");
  await expect(page.getByRole("main")).toBeVisible();
  await page.keyboard.press("Tab");
  await expect(page.getByText("Skip to content")).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("main")).toBeFocused();
  await page.getByRole("link", { name: "Recommend" }).focus();
  await page.keyboard.press("Enter");
  await expect(page).toHaveTitle("Recommend · Assay");
  await expect(page.getByRole("main")).toBeFocused();
});

test("a key is kept in the tab and sent with questions", async ({ page }) => {
  await page.goto("/");
  await page.getByRole("button", { name: "API key" }).click();
  await page.getByLabel("Key or token").fill("secret-of-a-test");
  const asked = page.waitForRequest((request) => request.url().includes("/v1/catalog") && request.headers().authorization === "Bearer secret-of-a-test");
  await page.getByRole("button", { name: "Use it" }).click();
  await asked;
  expect(await page.evaluate(() => [localStorage.length, sessionStorage.length])).toEqual([0, 1]);
});

test("assets are kept for ever, the page is asked for anew, and nothing else may run", async ({ request }) => {
  const first = await request.get("/");
  const { etag, "content-security-policy": policy } = first.headers();
  expect(policy).toContain("script-src 'self'");
  expect(policy).not.toContain("unsafe");
  expect((await request.get("/", { headers: { "if-none-match": etag ?? "" } })).status()).toBe(304);
  const script = /assets\/[^"]+\.js/.exec(await first.text())?.[0];
  const asset = await request.get(`/${script}`);
  expect(asset.headers()["cache-control"]).toBe("public, max-age=31536000, immutable");
});
