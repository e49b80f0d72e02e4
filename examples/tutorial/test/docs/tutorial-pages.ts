import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const pages = fileURLToPath(new URL("../../../../docs/tutorial/", import.meta.url));

export interface Listing {
  readonly page: string;
  /** Where the page tells the reader to put it, below the reader's folder. */
  readonly file: string;
  readonly text: string;
}

/** The listings of the tutorial's pages that name a file, and the one that is only to be tried. */
export function tutorialListings(): readonly Listing[] {
  return tutorialPages().flatMap(({ page, text }) => {
    const named = [...text.matchAll(/^`(?<file>src\/\S+)`\n\n```\w+\n(?<text>.*?)\n```$/gms)];
    const tried = [...text.matchAll(/put this into `(?<file>src\/\S+)`.*?```ts try\n(?<text>.*?)\n```/gs)];
    return [...named, ...tried].map(({ groups }) => ({
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
