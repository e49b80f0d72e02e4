const TRANSLATIONS: ReadonlyMap<string, string> = new Map([
  ["hello", "hola"],
  ["goodbye", "adiós"],
  ["good morning", "buenos días"],
  ["good night", "buenas noches"],
  ["thank you", "gracias"],
  ["please", "por favor"],
  ["world", "mundo"],
]);

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
  const translation = TRANSLATIONS.get(content.trim().toLowerCase());
  const result = translation === undefined ? "a phrase that is not in the phrase book" : `'${translation}'`;
  return `🌍 Translated: '${content}' → ${result}`;
}

function analyze(content: string): string {
  const letters = content.match(/[a-z]/gi) ?? [];
  const vowels = letters.filter((letter) => /[aeiou]/i.test(letter));
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
  const answer = /weather/i.test(content)
    ? "The weather is looking great today! Perfect for a walk outside."
    : `That's an interesting point about '${content}'. Let me think about that... Based on my analysis, I would ` +
      "suggest exploring this topic further through research and practical application.";
  return `🤖 AI Response to '${content}':\n${answer}`;
}
