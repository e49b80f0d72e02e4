import type { Random } from "../clients/random.ts";
import { DICTIONARY } from "./corpus.ts";
import { randomText } from "./mutate.ts";

/** Values of every type at their edges. */
const EDGE_VALUES: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -0,
  -1,
  1,
  0.5,
  2 ** 31,
  2 ** 53 - 1,
  2 ** 53,
  -(2 ** 63),
  1e308,
  "",
  " ",
  "0",
  "1",
  "null",
  "__proto__",
  "constructor",
  "toString",
  [],
  {},
  [[]],
  { length: 1e9 },
  { toString: 1 },
];

const EDGE_KEYS = ["__proto__", "constructor", "prototype", "toJSON", "then", "id", "do", "room", "", "0", "length"];

/** Returns a copy of a JSON value with one to three parts replaced, removed, added or repeated. */
export function mutateJson(value: unknown, random: Random, dictionary: readonly string[]): unknown {
  let changed = structuredClone(value);
  for (let changes = 1 + random.integerBelow(3); changes > 0; changes -= 1) {
    changed = change(changed, random, dictionary, 0);
  }
  return changed;
}

function change(value: unknown, random: Random, dictionary: readonly string[], depth: number): unknown {
  const isContainer = typeof value === "object" && value !== null;
  if (!isContainer || depth > 6 || random.chance(0.1)) return randomValue(random, dictionary);
  if (Array.isArray(value)) {
    const at = random.integerBelow(value.length + 1);
    if (value.length === 0 || random.chance(0.2)) return value.toSpliced(at, 0, randomValue(random, dictionary));
    if (random.chance(0.1)) return Array.from({ length: 1 + random.integerBelow(600) }, () => value[0]);
    return value.map((item, index) => (index === at ? change(item, random, dictionary, depth + 1) : item));
  }
  const entries = Object.entries(value);
  if (entries.length === 0 || random.chance(0.15)) {
    return Object.fromEntries([...entries, [random.pick(EDGE_KEYS), randomValue(random, dictionary)]]);
  }
  const at = random.integerBelow(entries.length);
  if (random.chance(0.1)) return Object.fromEntries(entries.toSpliced(at, 1));
  return Object.fromEntries(
    entries.map(([key, item], index) => [key, index === at ? change(item, random, dictionary, depth + 1) : item]),
  );
}

function randomValue(random: Random, dictionary: readonly string[]): unknown {
  if (random.chance(0.5)) return random.pick(EDGE_VALUES);
  if (random.chance(0.8)) return randomText(random, dictionary, 6);
  let nested: unknown = random.pick(EDGE_VALUES);
  for (let depth = random.integerBelow(200); depth > 0; depth -= 1)
    nested = depth % 2 === 0 ? [nested] : { id: nested };
  return nested;
}

/** Returns a generator of texts: documents of a corpus with changed values, a few of them cut or written oddly. */
export function jsonGenerator(corpus: readonly string[]): (random: Random) => string {
  const documents = corpus.flatMap((text): unknown[] => {
    try {
      return [JSON.parse(text)];
    } catch {
      return [];
    }
  });
  return (random) => {
    const text = JSON.stringify(mutateJson(random.pick(documents), random, DICTIONARY)) ?? "";
    if (random.chance(0.03)) return text.slice(0, random.integerBelow(text.length + 1));
    // A repeated key, of which the last one counts.
    if (random.chance(0.03)) return text.replace("{", '{"id":1,"id":2,"do":"ping","do":"room.list",');
    return text;
  };
}
