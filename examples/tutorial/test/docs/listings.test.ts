import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { tutorialListings } from "./tutorial-pages.ts";

const src = fileURLToPath(new URL("../../src/", import.meta.url));
const listings = tutorialListings().filter(({ file }) => file !== "src/try.ts");

it("lists every file of the example, once", () => {
  const files = readdirSync(src, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `src/${`${entry.parentPath}/${entry.name}`.slice(src.length).replace(/^\//, "")}`);
  expect(listings.map(({ file }) => file).toSorted()).toEqual(files.toSorted());
});

for (const { page, file, text } of listings) {
  it(`${page} shows ${file} verbatim`, () => {
    expect(text).toBe(readFileSync(`${src}${file.slice("src/".length)}`, "utf8"));
  });
}
