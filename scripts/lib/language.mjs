// Extracts names and prose from files, and finds what the language rules ban in them.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { PHRASES, WORDS } from "./language-rules.mjs";

/** @typedef {{ kind: import("./language-rules.mjs").Kind, text: string, line: number }} Passage */
/** @typedef {{ file: string, line: number, word: string, text: string, use: string }} Finding */

const CODE = /\.(?:ts|tsx|mts|mjs|js)$/;
const DOCUMENT = /(?:\.(?:md|css|html|yml|yaml|sh|py)|(?:^|\/)Dockerfile|\.ci\/run)$/;

/** Whether the check reads a file. @param {string} file */
export function isChecked(file) {
  return CODE.test(file) || DOCUMENT.test(file);
}

/**
 * Finds every banned word and phrase in one file.
 * @param {string} root
 * @param {string} file its path from the root
 * @returns {Finding[]}
 */
export function check(root, file) {
  const text = readFileSync(join(root, file), "utf8");
  /** @type {Passage[]} */
  const passages = [
    { kind: "names", text: file, line: 1 },
    ...(CODE.test(file) ? passagesOfCode(file, text) : passagesOfDocument(text)),
  ];
  return passages.flatMap(({ kind, text: passage, line }) =>
    findingsIn(kind, passage).map(({ word, use }) => ({ file, line, word, text: shorten(passage, word), use })),
  );
}

/** @param {Passage["kind"]} kind @param {string} text */
function findingsIn(kind, text) {
  const words = new Set(kind === "names" ? wordsOfName(text) : wordsOfProse(text));
  const found = WORDS.filter((rule) => rule.kinds.includes(kind)).flatMap(({ word, forms = [], use }) =>
    [word, ...forms].filter((form) => words.has(form)).map((form) => ({ word: form, use })),
  );
  if (kind === "names") return found;
  const phrases = PHRASES.flatMap(({ phrase, use }) => {
    const match = phrase.exec(text);
    return match === null ? [] : [{ word: match[0].toLowerCase(), use }];
  });
  return [...found, ...phrases];
}

/** `RoomStore.#isOpen`, `room-store.ts` -> room, store, ... @param {string} name */
function wordsOfName(name) {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z0-9]+/);
}

/** Words between spaces and punctuation; `wall-clock` and "firewall" are words of their own. @param {string} text */
function wordsOfProse(text) {
  return text.toLowerCase().match(/[a-z]+(?:[-'’][a-z]+)*/g) ?? [];
}

/** @param {string} text @param {string} word */
function shorten(text, word) {
  const at = Math.max(0, text.toLowerCase().indexOf(word) - 40);
  return text
    .slice(at, at + 100)
    .replace(/\s+/g, " ")
    .trim();
}

/** Declared names, comments, and texts with a space. @param {string} file @param {string} text @returns {Passage[]} */
function passagesOfCode(file, text) {
  const jsx = /x$/.test(file) ? ts.ScriptKind.TSX : /js$/.test(file) ? ts.ScriptKind.JS : ts.ScriptKind.TS;
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, false, jsx);
  /** @type {Passage[]} */
  const passages = [];
  /** The text with its literals blanked: what looks like a comment in it then is one. */
  let code = text;
  const lineOf = (/** @type {number} */ position) => source.getLineAndCharacterOfPosition(position).line + 1;
  /** @param {ts.Node} node */
  const visit = (node) => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return;
    const name = declaredName(node);
    if (name !== undefined) passages.push({ kind: "names", text: name.text, line: lineOf(name.getStart(source)) });
    if (isText(node) && /\s/.test(node.text.trim())) {
      passages.push({ kind: "prose", text: node.text, line: lineOf(node.getStart(source)) });
    }
    if (isText(node) || ts.isRegularExpressionLiteral(node)) {
      const start = ts.isJsxText(node) ? node.pos : node.getStart(source);
      code = code.slice(0, start) + code.slice(start, node.end).replace(/[^\n]/g, " ") + code.slice(node.end);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  for (const { 0: comment, index } of code.matchAll(/\/\/.*|\/\*[\s\S]*?\*\//g)) {
    passages.push({ kind: "prose", text: comment, line: lineOf(index) });
  }
  return passages;
}

/** @param {ts.Node} node @returns {ts.Identifier | ts.PrivateIdentifier | undefined} */
function declaredName(node) {
  const isDeclaration =
    ts.isVariableDeclaration(node) ||
    ts.isParameter(node) ||
    ts.isBindingElement(node) ||
    ts.isFunctionDeclaration(node) ||
    ts.isFunctionExpression(node) ||
    ts.isClassDeclaration(node) ||
    ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node) ||
    ts.isTypeParameterDeclaration(node) ||
    ts.isEnumDeclaration(node) ||
    ts.isMethodDeclaration(node) ||
    ts.isMethodSignature(node) ||
    ts.isPropertyDeclaration(node) ||
    ts.isPropertySignature(node) ||
    ts.isPropertyAssignment(node) ||
    ts.isGetAccessor(node) ||
    ts.isSetAccessor(node);
  if (!isDeclaration) return undefined;
  const { name } = /** @type {{ name?: ts.Node }} */ (/** @type {unknown} */ (node));
  return name !== undefined && (ts.isIdentifier(name) || ts.isPrivateIdentifier(name)) ? name : undefined;
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

/** Every line of a document is prose. @param {string} text @returns {Passage[]} */
function passagesOfDocument(text) {
  return text.split("\n").map((line, index) => ({ kind: "prose", text: line, line: index + 1 }));
}
