import { isBlank } from "../names/blank-text.ts";
import { parseMarkup } from "./blocks.ts";
import { toPlainText } from "./plain-text.ts";

/** Anything but white space and the signs of markup that is drawn without them; what consists of signs alone stays as typed. */
const CONTENT = /[^\s*_~`>]/u;

/** Whether a message shows something: also what stands in bold, in code or in a quote has to be visible. */
export function showsText(text: string): boolean {
  if (isBlank(text)) return false;
  const [first = "-"] = CONTENT.exec(text) ?? [];
  // Parsed only where something invisible comes first, which is rare.
  return !isBlank(first) || !isBlank(toPlainText(parseMarkup(text)));
}
