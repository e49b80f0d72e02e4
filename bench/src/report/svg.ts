/** One file for light and dark pages: the viewer's color scheme decides. Applies to texts, and to `page` and `grid`. */
export const SVG_THEME: string = [
  "<style>",
  "text { fill: #333 } .grid { stroke: #e4e6ea } .page { fill: #fff }",
  "@media (prefers-color-scheme: dark) { text { fill: #d5d9de } .grid { stroke: #373d45 } .page { fill: #0d1117 } }",
  "</style>",
].join("\n");

/** Escapes a text for an SVG. */
export function escapeSvg(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
