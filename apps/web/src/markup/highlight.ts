import { createLowlight } from "lowlight";
import { loadCodeLanguage } from "./code-languages.ts";
import { type CodeLanguage, findCodeLanguage } from "./code-names.ts";

/** A piece of code and what it is; "" for what has no color. */
export interface CodePiece {
  readonly text: string;
  readonly kind: CodeKind;
}

export type CodeKind = "" | "comment" | "keyword" | "string" | "number" | "name" | "meta" | "added" | "removed";

/** What the highlighter calls a part of code, and how it is shown; the first that fits. */
const KINDS: readonly (readonly [scope: RegExp, kind: CodeKind])[] = [
  [/^(?:comment|quote|doctag)$/, "comment"],
  [/^addition$/, "added"],
  [/^deletion$/, "removed"],
  [/^(?:keyword|selector-tag|tag|name|built_in|section|selector-pseudo)$/, "keyword"],
  [/^(?:string|regexp|char|link|symbol|bullet|template-variable|selector-attr)/, "string"],
  [/^(?:number|literal|variable)/, "number"],
  [/^(?:title|type|attr|attribute|property|selector-class|selector-id|function|class)/, "name"],
  [/^(?:meta|operator|prompt)/, "meta"],
];

/** A longer code is shown without colors. */
const MAX_CHARS = 10_000;

const lowlight = createLowlight();
const loading = new Map<CodeLanguage, Promise<void>>();

/** Loads what highlights code in a language. @returns false if it is not highlighted */
export async function loadHighlighting(name: string): Promise<boolean> {
  const language = findCodeLanguage(name);
  if (language === undefined) return false;
  if (!loading.has(language)) {
    const load = loadCodeLanguage(language).then((grammars) => lowlight.register(Object.fromEntries(grammars)));
    loading.set(language, load);
    // The next code in it tries again.
    load.catch(() => loading.delete(language));
  }
  await loading.get(language);
  return true;
}

/**
 * Splits code into pieces of one kind; undefined before its language is loaded. Takes more than linear time in some languages, so
 * it runs in a worker that can be ended.
 */
export function highlight(code: string, name: string): readonly CodePiece[] | undefined {
  const language = findCodeLanguage(name);
  if (language === undefined || !lowlight.registered(language) || code.length > MAX_CHARS) return undefined;
  const pieces: CodePiece[] = [];
  collect(lowlight.highlight(language, code), "", pieces);
  return pieces;
}

/** The part of the highlighter's tree that is used. */
interface CodeNode {
  readonly type: string;
  readonly value?: string;
  readonly properties?: { readonly className?: unknown };
  readonly children?: readonly CodeNode[];
}

function collect(node: CodeNode, kind: CodeKind, pieces: CodePiece[]): void {
  if (node.value !== undefined) pieces.push({ text: node.value, kind });
  const own = readKind(node.properties?.className) ?? kind;
  for (const child of node.children ?? []) collect(child, own, pieces);
}

function readKind(className: unknown): CodeKind | undefined {
  const [first] = Array.isArray(className) ? className : [];
  const scope = String(first ?? "").replace(/^hljs-/, "");
  if (scope === "" || /^(?:subst|punctuation|params|code|emphasis|strong|formula)/.test(scope)) return undefined;
  return KINDS.find(([pattern]) => pattern.test(scope))?.[1];
}
