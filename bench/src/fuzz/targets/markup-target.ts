import {
  findMentionCandidates,
  mightMentionAll,
  parseMarkup,
  splitMention,
  toPlainText,
} from "@multichat/protocol/markup";
import { isBlank } from "../../../../packages/protocol/src/names/blank-text.ts";
import { DICTIONARY, readCorpus } from "../corpus.ts";
import { randomText } from "../mutate.ts";
import { expectThat, type Target } from "../target.ts";

/** Values inside values. Markup nests 60 levels deep at most, inside at most 8 quotes and lists. */
const MAX_TREE_DEPTH = 200;

/**
 * The parser of messages' markup, and what else reads the text of a message: any text gives a tree, which is not larger than the
 * text allows.
 */
export function markupTarget(): Target {
  return {
    corpus: readCorpus("markup"),
    guidedBy: /\/markup\//,
    generate: (random) => randomText(random, DICTIONARY, 40),
    run(text) {
      const blocks = parseMarkup(text);
      const { nodes, chars } = measureTree(blocks, 0);
      findMentionCandidates(text);
      mightMentionAll(text);
      isBlank(text);
      for (const mention of mentionsIn(blocks)) splitMention(mention, () => false);
      expectThat(
        toPlainText(blocks).length <= 20 * text.length + 200,
        "expected a plain text no longer than its source allows",
      );
      expectThat(nodes <= 20 * text.length + 20, "expected a tree no larger than 20 nodes for each character");
      expectThat(chars <= 20 * text.length + 200, "expected a tree with no more text than its source allows");
    },
  };
}

/** Returns the texts of a tree's mentions, as the page splits them. */
function mentionsIn(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  if ("kind" in value && value.kind === "mention" && "text" in value) return [String(value.text)];
  return Object.values(value).flatMap(mentionsIn);
}

function measureTree(value: unknown, depth: number): { readonly nodes: number; readonly chars: number } {
  expectThat(depth <= MAX_TREE_DEPTH, `expected a tree of at most ${MAX_TREE_DEPTH} levels`);
  if (typeof value === "string") return { nodes: 0, chars: value.length };
  if (typeof value !== "object" || value === null) return { nodes: 0, chars: 0 };
  let nodes = 1;
  let chars = 0;
  for (const part of Object.values(value)) {
    const inner = measureTree(part, depth + 1);
    nodes += inner.nodes;
    chars += inner.chars;
  }
  return { nodes, chars };
}
