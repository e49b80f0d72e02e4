/** The same characters that the protocol's schema refuses: controls, but tab and line breaks. */
const CONTROL_CHARACTERS = /[\p{Cc}--[\t\n\r]]/gv;

/** What is sent of what was typed: without invisible control characters and without space around it. */
export function normalizeBody(typed: string): string {
  return typed
    .toWellFormed()
    .replace(CONTROL_CHARACTERS, "")
    .replace(/^(?:[ \t]*\n)+/, "")
    .trimEnd();
}

/** Characters as the server counts them: code points. */
export function countCodePoints(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}
