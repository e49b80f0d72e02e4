import { readFile, writeFile } from "node:fs/promises";

/** A part of a document that a run writes anew: between two comments that stand in it. */
export interface Section {
  readonly document: URL;
  /** As it stands in the comments. */
  readonly name: string;
  /** The command that writes it. */
  readonly command: string;
}

/** Puts a run's numbers into the documentation, so that they are always those of the command beside them. */
export async function intoSection({ document, name, command }: Section, lines: readonly string[]): Promise<void> {
  const text = await readFile(document, "utf8");
  const start = `<!-- ${name}: written by ${command} -->`;
  const end = `<!-- end of ${name} -->`;
  const from = text.indexOf(start);
  const to = text.indexOf(end);
  if (from === -1 || to < from) {
    throw new Error(`${document.pathname} must have "${start}" and "${end}", in this order.`);
  }
  await writeFile(document, `${text.slice(0, from)}${[start, ...lines, ""].join("\n")}${text.slice(to)}`);
}
