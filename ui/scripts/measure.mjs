/**
 * Measures how soon the page can be used and how soon a filter's answer is painted (docs/page.md):
 *
 *     npm run measure -- http://127.0.0.1:8700
 */
import { chromium } from "@playwright/test";
import { LAUNCH } from "./chromium.mjs";

const url = process.argv[2] ?? "http://127.0.0.1:8700";
const STARTS = 7;
const CHANGES = 12;

const browser = await chromium.launch(LAUNCH);
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const tell = (what, values) =>
  console.log(`${what.padEnd(52)} median ${median(values).toFixed(0)} ms, most ${Math.max(...values).toFixed(0)} ms, of ${values.length}`);

/** In the page: from a click until the table that answers it was painted. */
function changed(name) {
  const painted = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0)));
  const status = document.querySelector(".results .found [role=status]");
  const box = [...document.querySelectorAll(".facet label")].find((label) => label.querySelector(".value")?.textContent === name);
  return new Promise((done) => {
    const start = performance.now();
    new MutationObserver(async (_, observer) => {
      observer.disconnect();
      await painted();
      done(performance.now() - start);
    }).observe(status, { subtree: true, characterData: true, childList: true });
    box.querySelector("input").click();
  });
}

const open = async (hash, cold) => {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  if (!cold) await page.goto(url);
  await page.addInitScript(() => {
    // The first instant at which a row of the table is there and the main thread is free to answer a click.
    new MutationObserver((_, observer) => {
      if (!document.querySelector(".results tbody tr")) return;
      observer.disconnect();
      requestAnimationFrame(() => setTimeout(() => (globalThis.usable = performance.now()), 0));
    }).observe(document, { subtree: true, childList: true });
  });
  await page.goto(`${url}/${hash}`);
  await page.waitForFunction(() => globalThis.usable !== undefined);
  return { context, page, usable: await page.evaluate(() => globalThis.usable) };
};

const settled = (page) => page.waitForFunction(() => document.querySelector(".chart[aria-busy=false]") !== null || !document.querySelector(".chart"));

for (const [what, hash] of [
  ["usual", "#/catalogue"],
  ["all points drawn", "#/catalogue?all_points=1"],
]) {
  const usable = [];
  for (let start = 0; start < STARTS; start += 1) {
    const opened = await open(hash, true);
    usable.push(opened.usable);
    await opened.context.close();
  }
  tell(`first interaction, nothing cached, ${what}`, usable);
  const { page, context } = await open(hash, true);
  await page.waitForSelector(".chart[data-drawn=yes]");
  const engines = await page.locator(".facet", { hasText: /^Engine/ }).first().locator(".value").allTextContents();
  const changes = [];
  for (let change = 0; change < CHANGES; change += 1) {
    await settled(page);
    changes.push(await page.evaluate(changed, engines[change % engines.length]));
  }
  tell(`a filter's answer is painted, ${what}`, changes);
  await context.close();
}
await browser.close();
