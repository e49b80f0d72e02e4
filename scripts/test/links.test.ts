import { existsSync, globSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const PAGES = globSync(["*.md", "docs/**/*.md", "{packages,apps,examples,bench}/**/*.md"], {
  cwd: ROOT,
  exclude: (name) => name.includes("node_modules"),
});

/** Returns the targets of a page's links and images, outside of code. */
function targets(page: string): string[] {
  const text = readFileSync(join(ROOT, page), "utf8")
    .replace(/^(`{3,}|~{3,})[\s\S]*?^\1/gm, "")
    .replace(/`[^`\n]*`/g, "");
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g), ...text.matchAll(/(?:src|srcset|href)="([^"]+)"/g)];
  return links.map((match) => match[1] ?? "").filter((target) => !/^[a-z]+:/.test(target));
}

/** Returns the anchors of a page's headings as code hosts derive them. */
function anchors(path: string): string[] {
  return [...readFileSync(path, "utf8").matchAll(/^#+ (.*)$/gm)].map((match) =>
    (match[1] ?? "")
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

test("finds the pages", () => {
  expect(PAGES).toContain("README.md");
  expect(PAGES.length).toBeGreaterThan(10);
});

test.each(PAGES)("%s has no broken link", (page) => {
  const broken = targets(page).filter((target) => {
    const [path = "", anchor] = target.split("#");
    const file = path === "" ? join(ROOT, page) : join(ROOT, dirname(page), path);
    if (!existsSync(file)) return true;
    return anchor !== undefined && statSync(file).isFile() && !anchors(file).includes(anchor);
  });
  expect(broken).toEqual([]);
});
