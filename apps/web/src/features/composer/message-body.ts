/** The same characters that the protocol's schema refuses: controls, but tab and line breaks. */
const CONTROLS = /[\p{Cc}--[\t\n\r]]/gv;

/** What is sent of what was typed: without invisible control characters and without space around it. */
export function cleanBody(typed: string): string {
  return typed
    .toWellFormed()
    .replace(CONTROLS, "")
    .replace(/^(?:[ \t]*\n)+/, "")
    .trimEnd();
}

/** Characters as the server counts them: code points. */
export function countChars(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}
