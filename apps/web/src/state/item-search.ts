import { indexedWordsIn, wordsIn } from "@multichat/protocol/search";

/** A word without signs: what the search of messages would find it by. `C++` and `R&D` are compared as they are. */
const WORD = /^[\p{L}\p{M}\p{N}\p{Cf}'’‘ʻʼ]+$/u;

/** A name in the forms that a query is compared with. */
class SearchableName {
  readonly #plain: string;
  readonly #name: string;
  #folded: string | undefined;

  constructor(name: string) {
    this.#plain = toPlain(name);
    this.#name = name;
  }

  includes(word: string): boolean {
    return this.#plain.includes(toPlain(word)) || (WORD.test(word) && this.#fold().includes(fold(word)));
  }

  startsWith(text: string): boolean {
    return this.#plain.startsWith(toPlain(text)) || (WORD.test(text) && this.#fold().startsWith(fold(text)));
  }

  #fold(): string {
    // Most names are found as they are written.
    this.#folded ??= indexedWordsIn(this.#name).join(" ");
    return this.#folded;
  }
}

function toPlain(text: string): string {
  return text.normalize("NFKC").toLowerCase();
}

/** As the search of messages does: `lodz` for `Łódź`, `dont` for `don’t`. */
function fold(text: string): string {
  return wordsIn(text).join(" ");
}

/** Whether the name contains every word of the query; a number alone also matches the room's number. */
export function matchesQuery({ name, key }: { readonly name: string; readonly key: string }, query: string): boolean {
  const words = query.split(/\s+/).filter(Boolean);
  const searchable = new SearchableName(name);
  return (
    words.every((word) => searchable.includes(word.replace(/^@(?=.)/, ""))) ||
    key === `room-${query.trim().replace(/^#/, "")}`
  );
}

/** Moves names that begin with the query to the front; otherwise the order stays. */
export function sortByRelevance<T extends { readonly name: string }>(items: readonly T[], query: string): readonly T[] {
  const prefix = query.trim().replace(/^[@#]/, "");
  if (prefix === "") return items;
  const [first, others]: [T[], T[]] = [[], []];
  for (const item of items) (new SearchableName(item.name).startsWith(prefix) ? first : others).push(item);
  return [...first, ...others];
}
