// Prints what the chat route loads, compressed as the server sends it, and fails when the JavaScript is over its bound.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";

const LIMIT = 130 * 1024;
const dist = fileURLToPath(new URL("../dist", import.meta.url));
const manifestFile = join(dist, ".vite/manifest.json");
if (!existsSync(manifestFile)) {
  console.error("expected a build in apps/web/dist, found none; run `npm run build` first");
  process.exit(1);
}

/** @type {Record<string, { file: string, isEntry?: boolean, imports?: string[], css?: string[] }>} */
const manifest = JSON.parse(readFileSync(manifestFile, "utf8"));

/** Everything that these chunks import, without what is imported only when it is opened. */
function closure(names) {
  const found = new Set();
  const queue = [...names];
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    if (found.has(name)) continue;
    found.add(name);
    queue.push(...(manifest[name]?.imports ?? []));
  }
  return [...found];
}

const chunks = closure(Object.keys(manifest).filter((name) => manifest[name]?.isEntry));
const scripts = chunks.map((name) => manifest[name]?.file ?? "").filter((file) => file.endsWith(".js"));
const styles = [...new Set(chunks.flatMap((name) => manifest[name]?.css ?? []))];

let gzip = 0;
for (const file of [...scripts, ...styles]) {
  const bytes = readFileSync(join(dist, file));
  const packed = gzipSync(bytes, { level: 9 }).length;
  if (file.endsWith(".js")) gzip += packed;
  const kb = (n) => `${(n / 1024).toFixed(1).padStart(7)} KB`;
  console.log(`${kb(bytes.length)} raw ${kb(packed)} gzip ${kb(brotliCompressSync(bytes).length)} brotli  ${file}`);
}
console.log(`chat route: ${(gzip / 1024).toFixed(1)} KB of JavaScript, gzip; at most ${LIMIT / 1024} KB`);
if (gzip > LIMIT) process.exitCode = 1;
