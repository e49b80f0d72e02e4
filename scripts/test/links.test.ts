import { existsSync, globSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const PAGES = globSync(["*.md", "docs/**/*.md", "{packages,apps,examples,bench}/**/*.md"], {
  cwd: ROOT,
  exclude: (name) => name.includes("node_modules"),
});

/** Where the repository's files are on the web. A package's README links there: its links have to work on npm, too. */
const { repository } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { repository: { url: string } };
const BLOB = `${repository.url.replace(/^git\+|\.git$/g, "")}/blob/main/`;

/** Returns the targets of a page's links and images, outside of code; those in the repository on the web as paths. */
function targets(page: string): string[] {
  const text = readFileSync(join(ROOT, page), "utf8")
    .replace(/^(`{3,}|~{3,})[\s\S]*?^\1/gm, "")
    .replace(/`[^`\n]*`/g, "");
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g), ...text.matchAll(/(?:src|srcset|href)="([^"]+)"/g)];
  return links
    .map((match) => match[1] ?? "")
    .map((target) => (target.startsWith(BLOB) ? `/${target.slice(BLOB.length)}` : target))
    .filter((target) => !/^[a-z]+:/.test(target));
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

test.each(PAGES.filter((page) => page.startsWith("packages/")))("%s has absolute links", (page) => {
  expect(readFileSync(join(ROOT, page), "utf8")).not.toMatch(/\]\((?!https?:|#)/);
});

test.each(PAGES)("%s has no broken link", (page) => {
  const broken = targets(page).filter((target) => {
    const [path = "", anchor] = target.split("#");
    const folder = path.startsWith("/") ? ROOT : join(ROOT, dirname(page));
    const file = path === "" ? join(ROOT, page) : join(folder, path);
    if (!existsSync(file)) return true;
    return anchor !== undefined && statSync(file).isFile() && !anchors(file).includes(anchor);
  });
  expect(broken).toEqual([]);
});
