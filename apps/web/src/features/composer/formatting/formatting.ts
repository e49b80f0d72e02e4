/** A change of a text field, made the way a user would type it, so that the browser can undo it. */
export interface FieldEdit {
  readonly from: number;
  readonly to: number;
  readonly insert: string;
  /** What is selected afterwards. */
  readonly selection: readonly [from: number, to: number];
}

interface Selection {
  readonly from: number;
  readonly to: number;
}

/** Longer marks first: `**` is not twice `*`. */
const MARKS = ["**", "~~", "||", "_", "`", "*"] as const;
type Mark = (typeof MARKS)[number];

/** The markers of a quote, list or heading at the beginning of a line: marks around them would be text. */
const LINE_MARKERS = /^[ \t]*(?:(?:>|[-*+]|\d{1,9}[.)]|#{1,6})[ \t]+(?:\[[ xX]\][ \t]+)?)*/;

/** Marks around the text of each selected line; taken away where all of them have them already. */
export function toggleMark(text: string, selection: Selection, mark: Mark): FieldEdit {
  const { from, to } = trimSelection(text, selection);
  const selected = text.slice(from, to);
  if (selected.includes("\n")) return toggleMarkInLines(text, { from, to }, mark);
  const around = findMarkAround(text, { from, to }, mark);
  if (around !== undefined) {
    const [start, end] = [around.from - mark.length, around.to + mark.length];
    const insert = text.slice(around.from, around.to);
    return { from: start, to: end, insert, selection: [from - mark.length, to - mark.length] };
  }
  if (
    selected === "" &&
    text.startsWith(mark, to) &&
    isOpen(text.slice(text.lastIndexOf("\n", to - 1) + 1, to), mark)
  ) {
    return { from: to, to, insert: "", selection: [to + mark.length, to + mark.length] };
  }
  const start = selected === "" ? 0 : skipLineMarkers(text, from, selected);
  const content = toggleWhole(selected.slice(start), mark);
  const at = from + start;
  const { text: insert, isMarked } = content;
  const edge = isMarked ? mark.length : 0;
  return { from: at, to, insert, selection: [at + edge, at + insert.length - edge] };
}

/** Whether a mark in the text before the caret has no end: what is typed there goes behind the mark that follows. */
const isOpen = (before: string, mark: Mark): boolean => before.split(mark).length % 2 === 0;

/** Returns how much of a selection that begins a line are the markers of the line. */
function skipLineMarkers(text: string, from: number, selected: string): number {
  if (from > 0 && text[from - 1] !== "\n") return 0;
  const length = LINE_MARKERS.exec(selected)?.[0].length ?? 0;
  return length < selected.length ? length : 0;
}

/** Finds this mark on both sides of the selection, also outside of others: `**_word_**`. @returns what is inside of it */
function findMarkAround(text: string, { from, to }: Selection, mark: Mark): Selection | undefined {
  let [start, end] = [from, to];
  for (;;) {
    const found = MARKS.find((other) => text.slice(0, start).endsWith(other) && text.startsWith(other, end));
    if (found === undefined) return undefined;
    if (isSameMark(found, mark)) return { from: start, to: end };
    start -= found.length;
    end += found.length;
  }
}

/** An asterisk is italic, too. */
const isSameMark = (found: Mark, mark: Mark): boolean => found === mark || (found === "*" && mark === "_");

/** Takes the mark away from a whole text, also inside of others, or puts it around. */
function toggleWhole(text: string, mark: Mark): { readonly text: string; readonly isMarked: boolean } {
  const cleared = clearMark(text, mark);
  if (cleared !== undefined) return { text: cleared, isMarked: false };
  // The pairs of a part of it would end here what begins here.
  const unmarked = mark.length > 1 ? text.replaceAll(mark, "") : text;
  return { text: mark + unmarked + mark, isMarked: true };
}

function clearMark(text: string, mark: Mark): string | undefined {
  const found = MARKS.find((other) => text.length > 2 * other.length && text.startsWith(other) && text.endsWith(other));
  if (found === undefined) return undefined;
  const inner = text.slice(found.length, -found.length);
  // `**a** and **b**` is not bold as a whole.
  if (inner.includes(found)) return undefined;
  if (isSameMark(found, mark)) return inner;
  const cleared = clearMark(inner, mark);
  return cleared === undefined ? undefined : found + cleared + found;
}

function toggleMarkInLines(text: string, { from, to }: Selection, mark: Mark): FieldEdit {
  const start =
    text.slice(text.lastIndexOf("\n", from - 1) + 1, from).trim() === "" ? text.lastIndexOf("\n", from - 1) + 1 : from;
  const lines = text
    .slice(start, to)
    .split("\n")
    .map((line, index) => {
      const markers =
        index === 0 && start === from && from > 0 && text[from - 1] !== "\n"
          ? ""
          : (LINE_MARKERS.exec(line)?.[0] ?? "");
      const content = line.slice(markers.length);
      const space = content.length - content.trimEnd().length;
      return { markers, content: content.trimEnd(), space: " ".repeat(space) };
    });
  const isOn = lines.every(({ content }) => content === "" || clearMark(content, mark) !== undefined);
  const insert = lines
    .map(({ markers, content, space }) => {
      const cleared = content === "" ? "" : clearMark(content, mark);
      const changed = isOn ? (cleared ?? content) : cleared === undefined ? toggleWhole(content, mark).text : content;
      return markers + changed + space;
    })
    .join("\n");
  return { from: start, to, insert, selection: [start, start + insert.length] };
}

/** Code in the line; lines of their own become a block. */
export function toggleCode(text: string, selection: Selection): FieldEdit {
  const { from, to } = selection;
  const selected = text.slice(from, to);
  if (!selected.includes("\n")) return toggleMark(text, selection, "`");
  const block = /^(`{3,})[^\n`]*\n(.*)\n\1$/s.exec(selected.trim());
  if (block !== null) {
    const [, , content = ""] = block;
    return { from, to, insert: content, selection: [from, from + content.length] };
  }
  const [opening] = /```[^\n`]*\n$/.exec(text.slice(0, from)) ?? [];
  if (opening !== undefined && text.startsWith("\n```", to)) {
    const start = from - opening.length;
    return { from: start, to: to + 4, insert: selected, selection: [start, start + selected.length] };
  }
  const before = from === 0 || text[from - 1] === "\n" ? "" : "\n";
  const after = to === text.length || text[to] === "\n" ? "" : "\n";
  const start = from + before.length + 4;
  return {
    from,
    to,
    insert: `${before}\`\`\`\n${selected}\n\`\`\`${after}`,
    selection: [start, start + selected.length],
  };
}

const NEW_ADDRESS = "https://";

/** A link with the selection as its text, or, if it is an address, as its target. What is missing is selected. */
export function insertLink(text: string, selection: Selection): FieldEdit {
  const { from, to } = trimSelection(text, selection);
  const selected = text.slice(from, to);
  const whole = LINK.exec(selected);
  if (whole !== null && whole[0] === selected) return replaceBy(whole[1] ?? "", { from, to });
  const [opening, label = ""] = /\[([^[\]\n]*)\]\($/.exec(text.slice(0, from)) ?? [];
  if (opening !== undefined && text[to] === ")") return replaceBy(label, { from: from - opening.length, to: to + 1 });
  if (/^https?:\/\/\S+$/i.test(selected)) {
    return { from, to, insert: `[](${selected})`, selection: [from + 1, from + 1] };
  }
  const start = from + selected.length + 3;
  const target: FieldEdit["selection"] = [start, start + NEW_ADDRESS.length];
  return {
    from,
    to,
    insert: `[${selected}](${NEW_ADDRESS})`,
    selection: selected === "" ? [from + 1, from + 1] : target,
  };
}

const LINK = /^\[([^[\]\n]*)\]\([^()\s]*\)/;

function replaceBy(insert: string, { from, to }: Selection): FieldEdit {
  return { from, to, insert, selection: [from, from + insert.length] };
}

const PREFIXES = {
  quote: { pattern: /^> ?/, write: () => "> " },
  list: { pattern: /^[-*+] (?!\[[ x]\] )/, write: () => "- " },
  numbers: { pattern: /^\d+[.)] /, write: (index: number) => `${index + 1}. ` },
  tasks: { pattern: /^[-*+] \[[ xX]\] /, write: () => "- [ ] " },
} as const;

export type LinePrefix = keyof typeof PREFIXES;

/** A list becomes one of another kind. */
const ANY_ITEM = /^(?:[-*+] (?:\[[ xX]\] )?|\d+[.)] )/;

/** The marker before each line of the selection; taken away where every line has it already. */
export function togglePrefix(text: string, { from, to }: Selection, kind: LinePrefix): FieldEdit {
  const start = text.lastIndexOf("\n", from - 1) + 1;
  const lineEnd = text.indexOf("\n", to);
  const end = lineEnd === -1 ? text.length : lineEnd;
  const lines = text.slice(start, end).split("\n");
  const { pattern, write } = PREFIXES[kind];
  // A blank line between others has no marker, except for that of a quote.
  const hasMarker = (line: string): boolean => kind === "quote" || lines.length === 1 || line.trim() !== "";
  const isOn = lines.every((line) => !hasMarker(line) || pattern.test(line));
  let count = 0;
  const insert = lines
    .map((line) => {
      if (!hasMarker(line)) return line;
      if (isOn) return line.replace(pattern, "");
      count += 1;
      return write(count - 1) + (kind === "quote" ? line : line.replace(ANY_ITEM, ""));
    })
    .join("\n");
  const caret = start + insert.length;
  return { from: start, to: end, insert, selection: lines.length === 1 ? [caret, caret] : [start, caret] };
}

/** Leaves out space at the edges: beside it, marks would be text. */
function trimSelection(text: string, { from, to }: Selection): Selection {
  let [start, end] = [from, to];
  while (start < end && /\s/.test(text[start] ?? "")) start += 1;
  while (end > start && /\s/.test(text[end - 1] ?? "")) end -= 1;
  return { from: start, to: end };
}

export const FORMATS = [
  "bold",
  "italic",
  "strikethrough",
  "code",
  "link",
  "spoiler",
  "quote",
  "list",
  "numbers",
  "tasks",
] as const;
export type Format = (typeof FORMATS)[number];

export function applyFormat(text: string, selection: Selection, format: Format): FieldEdit {
  switch (format) {
    case "bold":
      return toggleMark(text, selection, "**");
    case "italic":
      return toggleMark(text, selection, "_");
    case "strikethrough":
      return toggleMark(text, selection, "~~");
    case "spoiler":
      return toggleMark(text, selection, "||");
    case "code":
      return toggleCode(text, selection);
    case "link":
      return insertLink(text, selection);
    default:
      return togglePrefix(text, selection, format);
  }
}

interface Key {
  readonly key: string;
  readonly code: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly shiftKey: boolean;
  readonly altKey: boolean;
}

interface KeyOptions {
  /** Without one, Ctrl+K goes to another room, as everywhere. */
  readonly hasSelection: boolean;
  /** On a Mac, Cmd is the key for it, and Ctrl moves the caret. */
  readonly isApple: boolean;
}

/** Returns what a key does to the text. */
export function findFormat(event: Key, { hasSelection, isApple }: KeyOptions): Format | undefined {
  const isMod = isApple ? event.metaKey && !event.ctrlKey : event.ctrlKey && !event.metaKey;
  if (!isMod || event.altKey) return undefined;
  // A keyboard with other letters has these at the same place.
  const key = /^[a-z]$/i.test(event.key) ? event.key.toLowerCase() : event.code.replace(/^Key/, "").toLowerCase();
  if (event.shiftKey) return key === "x" ? "strikethrough" : undefined;
  if (key === "b") return "bold";
  if (key === "i") return "italic";
  if (key === "e") return "code";
  return key === "k" && hasSelection ? "link" : undefined;
}
