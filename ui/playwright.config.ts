import { defineConfig } from "@playwright/test";

/** The system's Chromium, which asks for nothing but the page. */
const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
];

export default defineConfig({
  testDir: "tests/browser",
  globalTimeout: 180_000,
  timeout: 60_000,
  // One server and one catalogue for all: what one test starts, another must not count.
  workers: 1,
  reporter: "list",
  use: {
    browserName: "chromium",
    viewport: { width: 1440, height: 900 },
    launchOptions: { executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ARGUMENTS },
    trace: "off",
  },
});
