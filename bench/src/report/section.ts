import { readFile, writeFile } from "node:fs/promises";

/** A part of a document that a run replaces: the lines between two comments. */
export interface Section {
  readonly document: URL;
  /** The name in the comments. */
  readonly name: string;
  /** The command that writes it. */
  readonly command: string;
}

/** Writes a run's numbers into the documentation, so that they always match the command beside them. */
export async function writeSection({ document, name, command }: Section, lines: readonly string[]): Promise<void> {
  const text = await readFile(document, "utf8");
  const start = `<!-- ${name}: written by ${command} -->`;
  const end = `<!-- end of ${name} -->`;
  const from = text.indexOf(start);
  const to = text.indexOf(end);
  if (from === -1 || to < from) {
    throw new Error(`Expected ${document.pathname} to contain "${start}" and then "${end}".`);
  }
  await writeFile(document, `${text.slice(0, from)}${[start, ...lines, ""].join("\n")}${text.slice(to)}`);
}
