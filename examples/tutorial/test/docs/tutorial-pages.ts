import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const pages = fileURLToPath(new URL("../../../../docs/tutorial/", import.meta.url));

export interface Listing {
  readonly page: string;
  /** The path in the reader's folder. */
  readonly file: string;
  readonly text: string;
}

/** Returns the listings of the tutorial's pages that name a file, and the one to try out in lesson 1. */
export function tutorialListings(): readonly Listing[] {
  return tutorialPages().flatMap(({ page, text }) => {
    const files = [...text.matchAll(/^`(?<file>src\/\S+)`\n\n```\w+\n(?<text>.*?)\n```$/gms)];
    const tryOuts = [...text.matchAll(/put this into `(?<file>src\/\S+)`.*?```ts try\n(?<text>.*?)\n```/gs)];
    return [...files, ...tryOuts].map(({ groups }) => ({
      page,
      file: groups?.file ?? "",
      text: `${groups?.text ?? ""}\n`,
    }));
  });
}

export function tutorialPages(): readonly { readonly page: string; readonly text: string }[] {
  return readdirSync(pages)
    .filter((name) => name.endsWith(".md"))
    .map((page) => ({ page, text: readFileSync(`${pages}${page}`, "utf8") }));
}
