// Extracts names and prose from files, and finds what the language rules ban in them.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { COMPOUNDS, PHRASES, WORDS } from "./language-rules.mjs";

/** @typedef {{ kind: import("./language-rules.mjs").Kind, text: string, line: number }} Passage */
/** @typedef {{ file: string, line: number, word: string, text: string, use: string }} Finding */

const CODE = /\.(?:ts|tsx|mts|mjs|js)$/;
const DOCUMENT =
  /(?:\.(?:md|css|html|svg|yml|yaml|json|toml|sh|py|sql|txt)|(?:^|\/)(?:Dockerfile|\.[a-z]+ignore|\.npmrc)|\.ci\/run)$/;

/** Whether the check reads a file's text. Of every other file it reads the name. @param {string} file */
export function isChecked(file) {
  return CODE.test(file) || DOCUMENT.test(file);
}

/**
 * Finds every banned word and phrase in one file and in its name.
 * @param {string} root
 * @param {string} file its path from the root
 * @returns {Finding[]}
 */
export function check(root, file) {
  const text = isChecked(file) ? readFileSync(join(root, file), "utf8") : "";
  /** @type {Passage[]} */
  const passages = [
    { kind: "names", text: file, line: 1 },
    ...(CODE.test(file) ? passagesOfCode(file, text) : passagesOfDocument(file, text)),
  ];
  return passages
    .flatMap(findingsIn)
    .map(({ word, text: passage, line, use }) => ({ file, line, word, text: shorten(passage, word), use }));
}

/** @param {Passage} passage @returns {Omit<Finding, "file">[]} */
function findingsIn({ kind, text, line }) {
  if (kind === "names") return wordFindings("names", wordsOfName(text)).map((found) => ({ ...found, text, line }));
  const lines = text
    .split("\n")
    .flatMap((part, index) =>
      [...wordFindings("prose", wordsOfProse(part)), ...wordFindings("names", wordsOfIdentifiers(part))]
        .filter(({ word }, at, all) => all.findIndex((other) => other.word === word) === at)
        .map((found) => ({ ...found, text: part, line: line + index })),
    );
  return [...lines, ...phraseFindings(text, line)];
}

/** @param {Passage["kind"]} kind @param {readonly string[]} words */
function wordFindings(kind, words) {
  const unique = new Set(words);
  return WORDS.filter((rule) => rule.kinds.includes(kind)).flatMap(({ word, forms = [], use }) =>
    [word, ...forms].filter((form) => unique.has(form)).map((form) => ({ word: form, use })),
  );
}

/** Finds phrases over the ends of lines too. @param {string} text @param {number} line */
function phraseFindings(text, line) {
  const joined = text.replace(LINE_BREAK, (lineBreak) => " ".repeat(lineBreak.length));
  return PHRASES.flatMap(({ phrase, use }) => {
    const match = new RegExp(phrase.source.replaceAll(" ", "\\s+"), phrase.flags).exec(joined);
    if (match === null) return [];
    const word = match[0].replace(/\s+/g, " ").toLowerCase();
    const found = text.slice(0, match.index).split("\n").length - 1;
    return [{ word, use, text: joined.slice(Math.max(0, match.index - 40)), line: line + found }];
  });
}

/** The end of a line with what begins the next one in a comment, a quotation or a list. */
const LINE_BREAK = /[ \t]*\r?\n[ \t]*(?:\/\/|\*|#|>)?[ \t]*/g;

/** `RoomStore.#isOpen2`, `room-store.ts` -> room, store, ... @param {string} name */
function wordsOfName(name) {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z]+/);
}

/**
 * Words between spaces and punctuation; of `room-wide` and `room's` also the parts. "firewall" is a word of its own.
 * @param {string} text
 */
function wordsOfProse(text) {
  const words = text.toLowerCase().match(/[a-z]+(?:[-'’][a-z]+)*/g) ?? [];
  return words.flatMap((word) => (COMPOUNDS.includes(word) ? [] : [word, ...word.split(/[-'’]/)]));
}

/** The words of every identifier that a text mentions: `roomStore`, `ROOM_STORE`, `room_store`. @param {string} text */
function wordsOfIdentifiers(text) {
  const identifiers = text.match(/[A-Za-z]\w*(?:[a-z0-9][A-Z]|_[A-Za-z])\w*/g) ?? [];
  return identifiers.flatMap(wordsOfName);
}

/** @param {string} text @param {string} word */
function shorten(text, word) {
  const at = Math.max(0, text.toLowerCase().indexOf(word) - 40);
  return text
    .slice(at, at + 100)
    .replace(/\s+/g, " ")
    .trim();
}

/** Declared names, comments, and texts for people. @param {string} file @param {string} text @returns {Passage[]} */
function passagesOfCode(file, text) {
  const jsx = /x$/.test(file) ? ts.ScriptKind.TSX : /js$/.test(file) ? ts.ScriptKind.JS : ts.ScriptKind.TS;
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true, jsx);
  /** @type {Passage[]} */
  const passages = [];
  /** The text with its literals blanked: what looks like a comment in it then is one. */
  let code = text;
  const lineOf = (/** @type {number} */ position) => source.getLineAndCharacterOfPosition(position).line + 1;
  /** @param {ts.Node} node */
  const visit = (node) => {
    const name = declaredName(node);
    if (name !== undefined) passages.push({ kind: "names", text: name.text, line: lineOf(name.getStart(source)) });
    if (isText(node)) {
      const start = ts.isJsxText(node) ? node.pos : node.getStart(source);
      if (SQL.test(node.text)) passages.push({ kind: "names", text: node.text, line: lineOf(start) });
      if (isForPeople(node)) passages.push({ kind: "prose", text: node.text, line: lineOf(start) });
    }
    if (isText(node) || ts.isRegularExpressionLiteral(node)) {
      const start = ts.isJsxText(node) ? node.pos : node.getStart(source);
      code = code.slice(0, start) + code.slice(start, node.end).replace(/[^\n]/g, " ") + code.slice(node.end);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  for (const { 0: comment, index } of code.matchAll(COMMENTS)) {
    passages.push({ kind: "prose", text: comment, line: lineOf(index) });
  }
  return passages;
}

/** A block, or lines one after another: a phrase may run over the end of a line. */
const COMMENTS = /\/\/.*(?:\n[ \t]*\/\/.*)*|\/\*[\s\S]*?\*\//g;

/** A statement whose words are names: tables, columns. */
const SQL = /\b(?:create|alter) (?:table|index|trigger)\b|\binsert into\b|\bselect\b[\s\S]*\bfrom\b/i;

/** @param {ts.Node} node @returns {{ text: string, getStart(source: ts.SourceFile): number } | undefined} */
function declaredName(node) {
  if (ts.isImportSpecifier(node) || ts.isExportSpecifier(node)) {
    return node.propertyName === undefined || !ts.isIdentifier(node.name) ? undefined : node.name;
  }
  if (ts.isJsxAttribute(node))
    return ts.isIdentifier(node.name) && /^data-/.test(node.name.text) ? node.name : undefined;
  if (ts.isLiteralTypeNode(node)) return ts.isStringLiteral(node.literal) ? node.literal : undefined;
  const isDeclaration =
    ts.isVariableDeclaration(node) ||
    ts.isParameter(node) ||
    ts.isBindingElement(node) ||
    ts.isFunctionDeclaration(node) ||
    ts.isFunctionExpression(node) ||
    ts.isClassDeclaration(node) ||
    ts.isClassExpression(node) ||
    ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node) ||
    ts.isTypeParameterDeclaration(node) ||
    ts.isEnumDeclaration(node) ||
    ts.isEnumMember(node) ||
    ts.isModuleDeclaration(node) ||
    ts.isNamespaceImport(node) ||
    ts.isImportClause(node) ||
    ts.isMethodDeclaration(node) ||
    ts.isMethodSignature(node) ||
    ts.isPropertyDeclaration(node) ||
    ts.isPropertySignature(node) ||
    ts.isPropertyAssignment(node) ||
    ts.isGetAccessor(node) ||
    ts.isSetAccessor(node);
  if (!isDeclaration) return undefined;
  const { name } = /** @type {{ name?: ts.Node }} */ (/** @type {unknown} */ (node));
  if (name === undefined || (ts.isModuleDeclaration(node) && ts.isStringLiteral(node.name))) return undefined;
  return ts.isIdentifier(name) || ts.isPrivateIdentifier(name) || ts.isStringLiteral(name) ? name : undefined;
}

/** @param {ts.Node} node @returns {node is ts.Node & { text: string }} */
function isText(node) {
  return (
    ts.isStringLiteralLike(node) ||
    ts.isJsxText(node) ||
    node.kind === ts.SyntaxKind.TemplateHead ||
    node.kind === ts.SyntaxKind.TemplateMiddle ||
    node.kind === ts.SyntaxKind.TemplateTail
  );
}

/**
 * Whether people read a text: it has a space, is a word with a capital, or stands where such texts stand. What else has
 * no space is a code, a key or a path.
 * @param {ts.Node & { text: string }} node
 */
function isForPeople(node) {
  const { parent } = node;
  if (ts.isImportDeclaration(parent) || ts.isExportDeclaration(parent)) return false;
  if (ts.isJsxText(node) || /\s/.test(node.text.trim()) || /^[A-Z][a-z]+\W*$/.test(node.text)) return true;
  if (ts.isJsxAttribute(parent))
    return /^(?:alt|aria-.*|label|placeholder|title|className|id)$/.test(parent.name.getText());
  if (ts.isCallExpression(parent) && parent.arguments[0] === /** @type {ts.Node} */ (node)) {
    return /^(?:it|test|describe)\b/.test(parent.expression.getText());
  }
  return ts.isTemplateSpan(parent) || ts.isTemplateExpression(parent);
}

/** Every line of a document is prose; keys, selectors and code have names. @param {string} file @param {string} text */
function passagesOfDocument(file, text) {
  const pattern = NAMES_OF.find(({ files }) => files.test(file))?.names;
  /** @type {Passage[]} */
  const names = [...(pattern === undefined ? [] : text.matchAll(pattern))].map(({ 0: name, index }) => ({
    kind: "names",
    text: name,
    line: text.slice(0, index).split("\n").length,
  }));
  return [...names, { kind: /** @type {const} */ ("prose"), text, line: 1 }];
}

/** What a document declares: CSS classes and properties, HTML ids, keys, Python's definitions, code in Markdown. */
const NAMES_OF = [
  { files: /\.css$/, names: /(?<=\.)-?[a-zA-Z_][\w-]*(?=[^;]*\{)|--[\w-]+/g },
  { files: /\.(?:html|svg)$/, names: /(?<=\b(?:id|class|name)=")[^"]+/g },
  { files: /\.(?:ya?ml|toml)$/, names: /^[ \t-]*[\w-]+(?=[ \t]*[:=])/gm },
  { files: /\.json$/, names: /"[^"\n]+"(?=[ \t]*:)/g },
  {
    files: /\.py$/,
    names: /\b(?:def|class)\s+\w+|^[ \t]*[\w.]+(?=\s*(?::[^=\n]+)?=[^=])|(?<=[(,]\s*)\w+(?=\s*[:=,)])/gm,
  },
  { files: /\.md$/, names: /`[\w.#/-]+(?:\(\))?`/g },
];
