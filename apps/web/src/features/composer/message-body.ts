/** The characters that the protocol's schema rejects: control characters except tab and line breaks. */
const CONTROL_CHARACTERS = /[\p{Cc}--[\t\n\r]]/gv;

/** Removes control characters, leading blank lines and trailing space. */
export function normalizeBody(typed: string): string {
  return typed
    .toWellFormed()
    .replace(CONTROL_CHARACTERS, "")
    .replace(/^(?:[ \t]*\n)+/, "")
    .trimEnd();
}

/** Counts code points, as the server does. */
export function countCodePoints(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

const SHRUG = "¯\\_(ツ)_/¯";

/** Replaces `/shrug` at the beginning by a face at the end. Anything else after a slash is text. */
export function expandShrug(body: string): string {
  const command = /^\/shrug(?:\s+([\s\S]*))?$/.exec(body);
  if (command === null) return body;
  const [, text = ""] = command;
  return text === "" ? SHRUG : `${text} ${SHRUG}`;
}
