import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findSbomProblems } from "../lib/packaging/sbom.mjs";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const lock = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8"));

let folder: string;
let text: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "multichat-sbom-"));
  const file = join(folder, "build", "sbom.cdx.json");
  execFileSync(process.execPath, [join(ROOT, "scripts", "sbom.mjs"), file], { stdio: "pipe" });
  text = readFileSync(file, "utf8");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const read = () => JSON.parse(text);

test("lists what production runs, with the hashes of the lock file, and none of the tools", () => {
  const sbom = read();
  expect(findSbomProblems(sbom, lock)).toEqual([]);
  expect(sbom.metadata.component).toMatchObject({ name: "multichat", type: "application" });
  const names = sbom.components.map(({ purl }: { purl: string }) => decodeURIComponent(purl));
  for (const name of ["fastify", "better-auth", "ioredis", "preact", "@multichat/server", "@multichat/web"]) {
    expect(
      names.some((purl: string) => purl.startsWith(`pkg:npm/${name}@`)),
      name,
    ).toBe(true);
  }
  for (const name of ["vitest", "typescript", "@biomejs/biome", "playwright-core", "vite"]) {
    expect(
      names.some((purl: string) => purl.startsWith(`pkg:npm/${name}@`)),
      name,
    ).toBe(false);
  }
});

// biome-ignore lint/suspicious/noExplicitAny: each row breaks another part of the document.
const packageOf = (sbom: any) => sbom.components.find((component: { name: string }) => component.name === "fastify");

describe("a planted violation is found", () => {
  // biome-ignore lint/suspicious/noExplicitAny: each row breaks another part of the document.
  const violations: [string, (sbom: any) => void][] = [
    ["another format", (sbom) => (sbom.bomFormat = "SPDX")],
    ["no packages", (sbom) => (sbom.components = [])],
    ["another hash", (sbom) => (packageOf(sbom).hashes[0].content = "00")],
    ["no hash", (sbom) => delete packageOf(sbom).hashes],
    ["another version", (sbom) => (sbom.components.at(-1)["bom-ref"] += "1")],
    [
      "a package that is not in the lock file",
      (sbom) => sbom.components.push({ "bom-ref": "evil@1.0.0", purl: "pkg:npm/evil@1.0.0" }),
    ],
    ["a package twice", (sbom) => sbom.components.push(sbom.components.at(-1))],
    ["no purl", (sbom) => delete sbom.components.at(-1).purl],
    ["a dependency that is not listed", (sbom) => sbom.dependencies[0].dependsOn.push("evil@1.0.0")],
  ];
  test.each(violations)("%s", (_what, plant) => {
    const sbom = read();
    plant(sbom);
    expect(findSbomProblems(sbom, lock).length).toBeGreaterThan(0);
  });
});
