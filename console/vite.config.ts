// Builds the console into dist/console, which the API process serves. Everything it needs is in the build: no page asks
// for anything outside.

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

const ROOT = import.meta.dirname;
const OUT_DIR = join(ROOT, "..", "dist", "console");
const OPENAPI = join(ROOT, "..", "docs", "reference", "openapi.json");
/** Below this, headers cost more than compression saves. */
const GZIP_BYTES_MIN = 1024;
/** Where `npm run console` finds a sandbox. */
const SANDBOX_URL = "http://localhost:8420";

type OpenApi = {
  readonly paths: Readonly<
    Record<
      string,
      Readonly<Record<string, { readonly operationId: string; readonly "x-idempotent"?: boolean }>>
    >
  >;
};

/**
 * `virtual:operations`: method, path and whether it is an act, by operationId, out of the API's own description. The types
 * come from the API's client; this is what of it is needed while running, without the server's schemas in the browser.
 */
function operations(): Plugin {
  const id = "virtual:operations";
  return {
    name: "straitway-operations",
    resolveId: (source) => (source === id ? `\0${id}` : null),
    load(loaded) {
      if (loaded !== `\0${id}`) return null;
      this.addWatchFile(OPENAPI);
      const { paths } = JSON.parse(readFileSync(OPENAPI, "utf8")) as OpenApi;
      const table = Object.entries(paths).flatMap(([path, methods]) =>
        Object.entries(methods)
          .filter(([, route]) => typeof route.operationId === "string")
          .map(([method, route]) => [
            route.operationId,
            [method, path, route["x-idempotent"] === true],
          ]),
      );
      return `export default ${JSON.stringify(Object.fromEntries(table))};`;
    },
  };
}

/** Compresses once here what would otherwise be compressed for each visitor. */
function compressed(): Plugin {
  return {
    name: "straitway-compressed",
    apply: "build",
    closeBundle() {
      const dir = join(OUT_DIR, "assets");
      for (const name of readdirSync(dir)) {
        const bytes = readFileSync(join(dir, name));
        const gzip = gzipSync(bytes, { level: 9 });
        if (bytes.length >= GZIP_BYTES_MIN && gzip.length < bytes.length)
          writeFileSync(join(dir, `${name}.gz`), gzip);
      }
    },
  };
}

export default defineConfig({
  root: ROOT,
  plugins: [react(), operations(), compressed()],
  build: {
    outDir: OUT_DIR,
    emptyOutDir: true,
    target: "es2023",
    // Data URLs would need another rule in the page's policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // ECharts alone is larger; it is loaded with the first chart only. test/first-load.test.ts measures the rest.
    chunkSizeWarningLimit: 1500,
    manifest: "manifest.json",
  },
  server: { proxy: { "^/(v1|sign-in)(/|$)": SANDBOX_URL } },
});
