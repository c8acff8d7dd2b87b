import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { defineConfig, type Plugin } from "vite";

/** Where `npm run dev` finds the API: an `assay up` beside it. */
const API = process.env.ASSAY_API ?? "http://127.0.0.1:8700";

/** Writes every text file a second and a third time, compressed, for a server that only hands files out. */
function compressed(): Plugin {
  return {
    name: "compressed",
    apply: "build",
    closeBundle() {
      for (const name of readdirSync("dist", { recursive: true, encoding: "utf8" })) {
        // `config.json` is changed by hand after the build, where the API is elsewhere.
        if (!/\.(js|css|html|svg)$/.test(name)) continue;
        const path = join("dist", name);
        const bytes = readFileSync(path);
        if (bytes.length < 1024) continue;
        writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
        writeFileSync(`${path}.br`, brotliCompressSync(bytes));
      }
    },
  };
}

export default defineConfig({
  build: { target: "es2022", modulePreload: { polyfill: false }, chunkSizeWarningLimit: 700 },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  plugins: [compressed()],
  server: { proxy: { "/v1": API, "/openapi.json": API } },
  preview: { proxy: { "/v1": API, "/openapi.json": API } },
});
