const translations: ReadonlyMap<string, string> = new Map([
  ["hello", "hola"],
  ["goodbye", "adiós"],
  ["good morning", "buenos días"],
  ["good night", "buenas noches"],
  ["thank you", "gracias"],
  ["please", "por favor"],
  ["world", "mundo"],
]);

/** The kinds of job, each a function from what was asked to what is answered. */
const kinds: ReadonlyMap<string, (content: string) => string> = new Map([
  ["translate", translate],
  ["analyze", analyze],
  ["generate", generate],
]);

/** Does a job of any kind; one that is not known is done the default way. */
export function workOn(type: string, content: string): string {
  const kind = kinds.get(type);
  return kind === undefined ? `✅ Processed: ${content.toUpperCase()}` : kind(content);
}

function translate(content: string): string {
  const found = translations.get(content.trim().toLowerCase());
  return `🌍 Translated: '${content}' → ${found === undefined ? "a phrase that is not in the phrase book" : `'${found}'`}`;
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
