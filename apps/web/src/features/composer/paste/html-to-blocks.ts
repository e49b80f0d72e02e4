import { type Format, isSameAddress, type PastedBlock, type PastedItem, type Span } from "./pasted-block.ts";

/** Deeper elements are text. */
const MAX_DEPTH = 60;
const MAX_HREF_CHARS = 2_000;
const DROPPED: ReadonlySet<string> = new Set(
  "SCRIPT STYLE HEAD TITLE META LINK TEMPLATE NOSCRIPT IFRAME OBJECT EMBED SVG MATH CANVAS AUDIO VIDEO SELECT TEXTAREA INPUT BUTTON".split(
    " ",
  ),
);
const BLOCKS =
  "address,article,aside,blockquote,dd,details,div,dl,dt,figure,footer,form,h1,h2,h3,h4,h5,h6,header,hr,li,main,nav,ol,p,pre,section,table,ul";

/** As it stands in the document. */
interface RawSpan extends Span {
  /** A line break; every other one in the text is a space. */
  readonly isBreak?: boolean;
}

/** Returns what a copied document shows. It is only read. */
export function htmlToBlocks(body: Element): PastedBlock[] {
  return new BlockReader().read(body, {}, 0);
}

class BlockReader {
  #blocks: PastedBlock[] = [];
  #spans: RawSpan[] = [];

  read(parent: Element, format: Format, depth: number): PastedBlock[] {
    this.#readChildren(parent, format, depth);
    this.#endParagraph();
    return this.#blocks;
  }

  #endParagraph(): void {
    const spans = tidySpans(this.#spans);
    if (spans.length > 0) this.#blocks.push({ kind: "paragraph", spans });
    this.#spans = [];
  }

  #readChildren(parent: Element, format: Format, depth: number): void {
    for (const child of parent.childNodes) {
      if (child.nodeType === Node.TEXT_NODE) this.#spans.push({ ...format, text: child.nodeValue ?? "" });
      else if (child instanceof Element) this.#readElement(child, format, depth + 1);
    }
  }

  #readElement(element: Element, outer: Format, depth: number): void {
    const name = element.tagName.toUpperCase();
    if (DROPPED.has(name)) return;
    if (depth > MAX_DEPTH) {
      this.#spans.push({ ...outer, text: element.textContent });
      return;
    }
    if (name === "BR") this.#spans.push({ text: "\n", isBreak: true });
    else if (name === "IMG") this.#spans.push({ ...outer, text: element.getAttribute("alt") ?? "" });
    else if (!element.matches(BLOCKS)) this.#readChildren(element, getFormat(element, name, outer), depth);
    else {
      this.#endParagraph();
      this.#readBlock(element, name, getFormat(element, name, outer), depth);
      this.#endParagraph();
    }
  }

  #readBlock(element: Element, name: string, format: Format, depth: number): void {
    const level = /^H([1-6])$/.exec(name)?.[1];
    if (level !== undefined) {
      // A heading is bold by itself.
      const spans = readSpans(element, format, depth).map((span) => ({ ...span, strong: false }));
      this.#blocks.push({ kind: "heading", level: Number(level), spans });
      return;
    }
    switch (name) {
      case "HR":
        this.#blocks.push({ kind: "rule" });
        return;
      case "PRE":
        this.#blocks.push(readCode(element));
        return;
      case "BLOCKQUOTE":
        this.#blocks.push({ kind: "quote", children: new BlockReader().read(element, format, depth) });
        return;
      case "UL":
      case "OL":
        this.#blocks.push(readList(element, format, depth));
        return;
      case "TABLE":
        this.#readTable(element, format, depth);
        return;
      default:
        if (!this.#readWordItem(element, format, depth)) this.#readChildren(element, format, depth);
    }
  }

  /** One row or column is a layout, not a table. */
  #readTable(table: Element, format: Format, depth: number): void {
    const rows = [...table.querySelectorAll("tr")].filter((row) => row.closest("table") === table);
    const cells = rows.map((row) => [...row.children].filter(({ tagName }) => /^T[DH]$/.test(tagName)));
    if (rows.length > 1 && cells.some(({ length }) => length > 1)) {
      const read = (cell: Element, row: number): Span[] =>
        // A header is bold by itself.
        readSpans(cell, format, depth).map((span) => (row === 0 ? { ...span, strong: false } : span));
      this.#blocks.push({ kind: "table", rows: cells.map((row, index) => row.map((cell) => read(cell, index))) });
      return;
    }
    for (const cell of cells.flat()) this.#blocks.push(...new BlockReader().read(cell, format, depth));
  }

  /** Word copies the items of a list as paragraphs, with their level and their marker in the style. */
  #readWordItem(element: Element, format: Format, depth: number): boolean {
    const level = Number(/\blevel(\d)/.exec(getStyle(element, "mso-list"))?.[1] ?? 0);
    if (level === 0) return false;
    const isMarker = (child: Element): boolean => /ignore/i.test(getStyle(child, "mso-list"));
    const marker = [...element.querySelectorAll("span")].find(isMarker);
    const number = /^\s*(\d{1,9})[.)]/.exec(marker?.textContent ?? "")?.[1];
    const copy = element.cloneNode(true) as Element;
    for (const child of copy.querySelectorAll("span")) if (isMarker(child)) child.remove();
    const item: PastedItem = { children: new BlockReader().read(copy, format, depth) };
    addToList(this.#blocks, level, number === undefined ? null : Number(number), item);
    return true;
  }
}

/** Adds an item to the list at the end, or to the list at the end of its last item. */
function addToList(blocks: PastedBlock[], level: number, start: number | null, item: PastedItem): void {
  const last = blocks.at(-1);
  if (last?.kind !== "list" || (level === 1 && (last.start === null) !== (start === null))) {
    blocks.push({ kind: "list", start, items: [item] });
    return;
  }
  const previous = last.items.at(-1);
  if (level === 1 || previous === undefined) {
    blocks[blocks.length - 1] = { ...last, items: [...last.items, item] };
    return;
  }
  const children = [...previous.children];
  addToList(children, level - 1, start, item);
  blocks[blocks.length - 1] = { ...last, items: [...last.items.slice(0, -1), { ...previous, children }] };
}

function readList(list: Element, format: Format, depth: number): PastedBlock {
  const items: PastedItem[] = [];
  for (const child of list.children) {
    const children = new BlockReader().read(child, format, depth);
    if (child.tagName === "LI") items.push({ isDone: readBox(child), children });
    else {
      // A list that stands between the items belongs to the one before it.
      const nested = /^[OU]L$/.test(child.tagName) ? [readList(child, format, depth + 1)] : children;
      const previous = items.pop();
      items.push({ ...previous, children: [...(previous?.children ?? []), ...nested] });
    }
  }
  const start = Number(list.getAttribute("start") ?? 1);
  const isNumber = Number.isInteger(start) && start >= 0 && start < 1e8;
  return { kind: "list", start: list.tagName === "UL" ? null : isNumber ? start : 1, items };
}

function readBox(item: Element): boolean | undefined {
  const box = item.querySelector(
    ":scope > input[type=checkbox], :scope > label > input[type=checkbox], :scope > p > input[type=checkbox]",
  );
  if (box !== null) return box.hasAttribute("checked");
  const checked = item.getAttribute("role") === "checkbox" ? item.getAttribute("aria-checked") : null;
  return checked === null ? undefined : checked === "true";
}

function readCode(element: Element): PastedBlock {
  const code = element.querySelector("code");
  const name = `${element.getAttribute("class") ?? ""} ${code?.getAttribute("class") ?? ""}`;
  const language = element.getAttribute("data-language") ?? /\blanguage-([\w+#-]{1,30})/.exec(name)?.[1] ?? "";
  const copy = element.cloneNode(true) as Element;
  for (const line of copy.querySelectorAll("br")) line.replaceWith("\n");
  return {
    kind: "code",
    language: /^[\w+#-]{1,30}$/.test(language) ? language : "",
    text: copy.textContent.replace(/\r\n?/g, "\n").replace(/\n$/, ""),
  };
}

/** Reads an element as one line. */
function readSpans(element: Element, format: Format, depth: number): Span[] {
  const spans = new BlockReader().read(element, format, depth).flatMap(listSpans);
  return tidySpans(spans.map((span) => ({ ...span, text: span.text.replaceAll("\n", " ") })));
}

function listSpans(block: PastedBlock): Span[] {
  const space: Span = { text: " " };
  switch (block.kind) {
    case "paragraph":
    case "heading":
      return [...block.spans, space];
    case "code":
      return [{ text: block.text, code: true }, space];
    case "quote":
      return block.children.flatMap(listSpans);
    case "list":
      return block.items.flatMap(({ children }) => children.flatMap(listSpans));
    case "table":
      return block.rows.flat().flatMap((cell) => [...cell, space]);
    default:
      return [];
  }
}

/** From the element, and from the style that word processors write in its place. The document's own styles are not applied. */
function getFormat(element: Element, name: string, outer: Format): Format {
  const weight = getStyle(element, "font-weight");
  const slant = getStyle(element, "font-style");
  const decoration = `${getStyle(element, "text-decoration")} ${getStyle(element, "text-decoration-line")}`;
  const isLight = /^(?:normal|lighter|[1-4]00)$/.test(weight);
  const isBold = /^(?:B|STRONG)$/.test(name) || /^(?:bold|bolder|[6-9]00)$/.test(weight);
  const isItalic = /^(?:I|EM|CITE|DFN|VAR)$/.test(name) || /^(?:italic|oblique)/.test(slant);
  const isStruck = /^(?:S|DEL|STRIKE)$/.test(name) || decoration.includes("line-through");
  return {
    strong: !isLight && (isBold || outer.strong === true),
    emphasis: slant !== "normal" && (isItalic || outer.emphasis === true),
    strikethrough: isStruck || outer.strikethrough === true,
    code: /^(?:CODE|KBD|SAMP|TT)$/.test(name) || outer.code === true,
    href: name === "A" ? (getAddress(element) ?? outer.href) : outer.href,
  };
}

/**
 * Reads the attribute: a page that allows no styles in its markup has none in `element.style` of a document that it parses.
 */
function getStyle(element: Element, property: string): string {
  const style = element.getAttribute("style");
  if (style === null) return "";
  let value = "";
  for (const declaration of style.split(";")) {
    const colon = declaration.indexOf(":");
    if (declaration.slice(0, colon).trim().toLowerCase() !== property) continue;
    value = declaration
      .slice(colon + 1)
      .replace(/!important/i, "")
      .trim()
      .toLowerCase();
  }
  return value;
}

/** Returns the address of a link; undefined for one that the parser would not take, and for one that is its own text. */
function getAddress(link: Element): string | undefined {
  const address = (link.getAttribute("href") ?? "").trim();
  if (!/^(?:https?:\/\/|mailto:)/i.test(address) || !URL.canParse(address)) return undefined;
  const { href, username, password } = new URL(address);
  if (href.length > MAX_HREF_CHARS || username !== "" || password !== "") return undefined;
  if (isSameAddress(link.textContent.trim(), href)) return undefined;
  const encoded = href.replaceAll("(", "%28").replaceAll(")", "%29").replaceAll("\\", "%5C");
  return URL.canParse(encoded) ? new URL(encoded).href : undefined;
}

/** Collapses spaces as a browser shows them. A space between two formats has what both have. */
function tidySpans(spans: readonly RawSpan[]): Span[] {
  const tidied: Span[] = [];
  let previous: RawSpan | undefined;
  let space = "";
  for (const span of spans) {
    for (const [piece] of span.text.matchAll(/\s+|\S+/g)) {
      if (span.isBreak === true) space = space.startsWith("\n") ? "\n\n" : "\n";
      else if (piece.trim() === "") space ||= " ";
      else {
        if (space !== "" && previous !== undefined) {
          tidied.push({ ...(previous === span ? span : intersect(previous, span)), text: space });
        }
        space = "";
        tidied.push({ ...span, text: piece });
        previous = span;
      }
    }
  }
  return tidied;
}

function intersect(a: Format, b: Format): Format {
  return {
    strong: a.strong === true && b.strong === true,
    emphasis: a.emphasis === true && b.emphasis === true,
    strikethrough: a.strikethrough === true && b.strikethrough === true,
    href: a.href === b.href ? a.href : undefined,
  };
}
