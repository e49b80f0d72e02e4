import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import react from "@vitejs/plugin-react";
import { defaultClientConditions, defineConfig, type Plugin } from "vite";

/** Where `vite dev` finds the chat server. */
const SERVER = "http://127.0.0.1:8000";

/** The text face is asked for with the page, not when the first text is laid out: no page is shown without it and shifts. */
function preloadFont(file: RegExp): Plugin {
  return {
    name: "preload-font",
    transformIndexHtml: {
      order: "post",
      handler: (_html, { bundle }) =>
        Object.keys(bundle ?? {})
          .filter((name) => file.test(name))
          .map((name) => ({
            tag: "link",
            injectTo: "head-prepend" as const,
            attrs: { rel: "preload", as: "font", type: "font/woff2", crossorigin: "", href: `/${name}` },
          })),
    },
  };
}

/** Leaves a .br and a .gz beside everything that shrinks, so that the server need not compress at each request. */
function precompress(): Plugin {
  const shrinks = /\.(?:js|css|html|svg|json)$/;
  return {
    name: "precompress",
    apply: "build",
    async writeBundle({ dir }) {
      if (dir === undefined) return;
      const names = await readdir(dir, { recursive: true });
      const files = names.filter((name) => shrinks.test(name) && !name.startsWith(".vite"));
      await Promise.all(
        files.map(async (name) => {
          const bytes = await readFile(join(dir, name));
          const params = { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
          await writeFile(join(dir, `${name}.br`), await promisify(brotliCompress)(bytes, { params }));
          await writeFile(join(dir, `${name}.gz`), await promisify(gzip)(bytes, { level: 9 }));
        }),
      );
    },
  };
}

export default defineConfig({
  plugins: [react(), preloadFont(/figtree-latin-wght-normal.*\.woff2$/), precompress()],
  // The sources of our own packages, without a build of each first.
  resolve: { conditions: ["@multichat/source", ...defaultClientConditions] },
  build: {
    // Browsers with `light-dark()`, nesting and container queries; nothing is compiled down for older ones.
    target: ["chrome123", "edge123", "firefox121", "safari17.5"],
    // The content security policy allows no `data:` outside images.
    assetsInlineLimit: 0,
    sourcemap: true,
    reportCompressedSize: false,
    // What the first page needs in one file, and not cut up by what is opened later: many small files compress worse than one.
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: "chat", tags: ["$initial"] }] } } },
    // scripts/size.mjs reads which files the chat route loads.
    manifest: true,
  },
  server: {
    proxy: {
      "/api": SERVER,
      "/ws": { target: SERVER, ws: true },
    },
  },
});
