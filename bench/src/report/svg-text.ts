/** Escapes a text for an SVG. */
export function escapeSvg(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
