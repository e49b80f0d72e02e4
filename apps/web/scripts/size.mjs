// `npm run size`: prints the compressed size of what the chat page loads first, and fails when its JavaScript exceeds the limit.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";

const LIMIT_BYTES = 110 * 1024;
const HELP = `npm run size -w @multichat/web

Prints the compressed size of what a room's page loads first, of the last build. Exits with 1 when its JavaScript has more
than ${LIMIT_BYTES / 1024} KB.`;

const [argument] = process.argv.slice(2);
if (argument !== undefined) {
  const isHelp = argument === "--help" || argument === "-h";
  console[isHelp ? "log" : "error"](isHelp ? HELP : `Expected no arguments, got ${argument}.\n\n${HELP}`);
  process.exit(isHelp ? 0 : 2);
}

const dist = fileURLToPath(new URL("../dist", import.meta.url));
const manifestFile = join(dist, ".vite/manifest.json");
if (!existsSync(manifestFile)) {
  console.error("expected a build in apps/web/dist, found none; run `npm run build` first");
  process.exit(1);
}

/** @type {Record<string, { file: string, isEntry?: boolean, imports?: string[], css?: string[] }>} */
const manifest = JSON.parse(readFileSync(manifestFile, "utf8"));

/** Returns these chunks and all that they import statically. */
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

let gzipBytes = 0;
for (const file of [...scripts, ...styles]) {
  const bytes = readFileSync(join(dist, file));
  const compressed = gzipSync(bytes, { level: 9 }).length;
  if (file.endsWith(".js")) gzipBytes += compressed;
  const kb = (bytes) => `${(bytes / 1024).toFixed(1).padStart(7)} KB`;
  console.log(`${kb(bytes.length)} raw ${kb(compressed)} gzip ${kb(brotliCompressSync(bytes).length)} brotli  ${file}`);
}
console.log(`chat route: ${(gzipBytes / 1024).toFixed(1)} KB of JavaScript, gzip; at most ${LIMIT_BYTES / 1024} KB`);
if (gzipBytes > LIMIT_BYTES) process.exitCode = 1;
