import { defineConfig } from "@playwright/test";
import { LAUNCH } from "./scripts/chromium.mjs";

const ADDING = /(campaign|imports)\.test\.ts$/;

export default defineConfig({
  testDir: "tests/browser",
  globalTimeout: 300_000,
  timeout: 60_000,
  workers: 1,
  // One server and its catalogue for those that only read, and another one for those that add to it.
  projects: [
    { name: "reading", testIgnore: ADDING },
    { name: "adding", testMatch: ADDING },
  ],
  reporter: "list",
  use: { browserName: "chromium", viewport: { width: 1440, height: 900 }, actionTimeout: 10_000, launchOptions: LAUNCH },
});
