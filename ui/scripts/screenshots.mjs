/**
 * Takes pictures of every view at two widths, light and dark, to be looked at by eye:
 *
 *     npm run screenshots -- http://127.0.0.1:8700 FOLDER
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "@playwright/test";
import { LAUNCH } from "./chromium.mjs";

const [url = "http://127.0.0.1:8700", folder = "screenshots"] = process.argv.slice(2);
const SIZES = [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
];

const ask = async (path) => (await fetch(url + path)).json();
const { entries } = await ask("/v1/catalog?limit=4&use_case=chatbot&engine=vllm");
const listed = await ask("/v1/campaigns");
const ids = entries.map(({ config_id }) => `id=${config_id}`).join("&");
const campaign = listed.campaigns[0]?.id;
const provenance = entries[0]?.provenance ?? "measured";
const VIEWS = {
  catalogue: "#/catalogue",
  filtered: "#/catalogue?engine=vllm&min_ttft_p90_ms=20&max_ttft_p90_ms=200",
  recommend: `#/recommend?target_rps=500&provenance=${provenance}`,
  "nothing-fits": `#/recommend?slo_ttft_p90=1&provenance=${provenance}`,
  compare: `#/compare?${ids}`,
  history: `#/history?id=${entries[0]?.config_id}`,
  campaigns: "#/campaigns",
  campaign: `#/campaign?id=${campaign}`,
  imports: "#/imports",
};

mkdirSync(folder, { recursive: true });
const browser = await chromium.launch(LAUNCH);
for (const viewport of SIZES) {
  for (const colorScheme of ["light", "dark"]) {
    const context = await browser.newContext({ viewport, colorScheme, reducedMotion: "reduce" });
    const page = await context.newPage();
    for (const [name, hash] of Object.entries(VIEWS)) {
      await page.goto(`${url}/${hash}`);
      await page.waitForLoadState("networkidle");
      await page.waitForFunction(() => !document.querySelector(".chart[data-drawn=no], [aria-busy=true]"));
      // What was drawn is painted with the next frame.
      await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
      await page.screenshot({ path: join(folder, `${name}-${viewport.width}-${colorScheme}.png`) });
    }
    await context.close();
  }
}
await browser.close();
