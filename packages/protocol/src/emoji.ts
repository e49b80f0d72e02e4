/** Shown as text unless a variation selector follows. Before a skin tone it is an emoji by itself. */
const TEXT_BY_DEFAULT = /(?!\p{Emoji_Presentation})\p{Emoji}(?!\p{Emoji_Modifier})/gu;

/**
 * Returns the fully-qualified form of an emoji: with U+FE0F after each character that is otherwise shown as text, and nowhere
 * else. `❤` and `❤️` are one reaction.
 */
export function qualifyEmoji(text: string): string {
  return text.replaceAll("\ufe0f", "").replace(TEXT_BY_DEFAULT, "$&\ufe0f");
}
