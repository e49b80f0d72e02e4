const TRANSLATIONS: ReadonlyMap<string, string> = new Map([
  ["hello", "hola"],
  ["world", "mundo"],
  ["good morning", "buenos días"],
  ["thank you", "gracias"],
]);

/** Answers of `generate`, each with the words that ask for it; the first match counts. */
const ANSWERS: readonly (readonly [words: readonly string[], answer: string])[] = [
  [["weather"], "The weather is looking great today! Perfect for a walk outside."],
  [["food", "eat"], "I'd recommend trying that new restaurant downtown. Their pasta is excellent!"],
  [["help"], "I'm here to help! Feel free to ask me anything you'd like to know."],
];

/** The kinds of job, each a function from content to result. */
const KINDS: ReadonlyMap<string, (content: string) => string> = new Map([
  ["translate", translate],
  ["analyze", analyze],
  ["generate", generate],
]);

/** Processes content by the kind of job; an unknown kind is processed the default way. */
export function processContent(type: string, content: string): string {
  const kind = KINDS.get(type);
  return kind === undefined ? `✅ Processed: ${content.toUpperCase()}` : kind(content);
}

function translate(content: string): string {
  return `🌍 Translated: '${content}' → '${TRANSLATIONS.get(content.toLowerCase()) ?? `[TRANSLATED: ${content}]`}'`;
}

function analyze(content: string): string {
  const letters = content.toLowerCase().match(/\p{L}/gu) ?? [];
  const vowels = letters.filter((letter) => "aeiou".includes(letter));
  const words = content.split(/\s+/).filter((word) => word !== "");
  return [
    `📊 Analysis of '${content}':`,
    `• Characters: ${[...content].length}`,
    `• Words: ${words.length}`,
    `• Vowels: ${vowels.length}`,
    `• Consonants: ${letters.length - vowels.length}`,
  ].join("\n");
}

function generate(content: string): string {
  const text = content.toLowerCase();
  const answer =
    ANSWERS.find(([words]) => words.some((word) => text.includes(word)))?.[1] ??
    `That's an interesting point about '${content}'. Let me think about that... Based on my analysis, I would ` +
      "suggest exploring this topic further through research and practical application.";
  return `🤖 AI Response to '${content}':\n${answer}`;
}
