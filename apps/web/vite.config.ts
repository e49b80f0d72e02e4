import { readdir, readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import { defaultClientConditions, defineConfig, type Plugin } from "vite";
import { PREACT_ALIASES } from "./preact-aliases.ts";

/** The chat server that `vite dev` proxies to. */
const SERVER = "http://127.0.0.1:8000";

/** Preloads the text font with the page, so that no text is laid out without it and shifts. */
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

/**
 * Moves the style sheet behind what is shown at first, so that this is painted before the style sheet has arrived. The script waits
 * for it in any case.
 */
function paintBeforeStyles(): Plugin {
  const link = /\s*<link rel="stylesheet"[^>]*>/g;
  return {
    name: "paint-before-styles",
    apply: "build",
    transformIndexHtml: {
      order: "post",
      handler: (html) => {
        const links = html.match(link) ?? [];
        return html.replace(link, "").replace(/\s*<\/body>/, `${links.join("")}$&`);
      },
    },
  };
}

/** Writes a .br and a .gz beside every compressible file, so that the server never compresses one per request. */
function precompress(): Plugin {
  const compressible = /\.(?:js|css|html|svg|json)$/;
  return {
    name: "precompress",
    apply: "build",
    async writeBundle({ dir }) {
      if (dir === undefined) return;
      const names = await readdir(dir, { recursive: true });
      const files = names.filter((name) => compressible.test(name) && !name.startsWith(".vite"));
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

/** Names a CSS class after its file and its name there. The names are unique, since no two style sheets share a file name. */
function scopeClassName(className: string, file: string): string {
  return `${basename(file, ".module.css")}_${className}`;
}

/** Imports the classes of a style sheet one by one, so that the names that scripts do not use are left out of them. */
function importClassesByName(): Plugin {
  return {
    name: "import-classes-by-name",
    apply: "build",
    enforce: "pre",
    transform: (code, id) =>
      id.endsWith(".tsx")
        ? { code: code.replace(/^import (\w+) from (?="[^"]+\.module\.css";$)/gm, "import * as $1 from "), map: null }
        : undefined,
  };
}

export default defineConfig({
  plugins: [
    importClassesByName(),
    preloadFont(/figtree-latin-wght-normal.*\.woff2$/),
    paintBeforeStyles(),
    precompress(),
  ],
  // Resolves our packages to their sources, so that none has to be built first.
  resolve: {
    conditions: ["@multichat/source", ...defaultClientConditions],
    alias: PREACT_ALIASES,
  },
  // Scripts and styles find each other by relative addresses, and the server adapts the page's: one build for every path.
  experimental: { renderBuiltUrl: (_file, { hostType }) => (hostType === "html" ? undefined : { relative: true }) },
  // A worker's parts are loaded when they are needed, like those of the page.
  worker: { format: "es" },
  css: { modules: { generateScopedName: scopeClassName } },
  build: {
    // Browsers with `light-dark()`, nesting and container queries; no syntax is lowered for older ones.
    target: ["chrome123", "edge123", "firefox121", "safari17.5"],
    // All of these browsers preload modules themselves.
    modulePreload: { polyfill: false },
    // The content security policy allows no `data:` outside images.
    assetsInlineLimit: 0,
    sourcemap: true,
    reportCompressedSize: false,
    // One file for everything that the first page needs, one for each feature, one for what features share: many small files
    // compress worse, and the first file lists the names of all others.
    rolldownOptions: {
      // A style sheet whose classes were all inlined would be left out.
      optimization: { inlineConst: false },
      // Neither the code nor its dependencies rely on getters that do something.
      treeshake: { propertyReadSideEffects: false },
      output: {
        // The first file lists the names of all others.
        chunkFileNames: "assets/[name]-[hash:6].js",
        assetFileNames: "assets/[name]-[hash:6][extname]",
        codeSplitting: {
          groups: [
            { name: "chat", tags: ["$initial"], priority: 3 },
            { name: "shared", test: /\/web\/src\/(?:components|hooks\/(?!password-strength)|connection)/, priority: 2 },
            // Other features compose these two, and would take them into their own files.
            { name: (file) => /\/web\/src\/features\/(rooms|search)\//.exec(file)?.[1] ?? null, priority: 1 },
            { name: (file) => /\/web\/src\/features\/([a-z]+)\//.exec(file)?.[1] ?? null },
          ],
        },
      },
    },
    // scripts/size.mjs reads the files of the first load from it.
    manifest: true,
  },
  server: {
    proxy: {
      "/api": SERVER,
      "/ws": { target: SERVER, ws: true },
    },
  },
});
