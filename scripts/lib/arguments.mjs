// The command lines of scripts that have no options of their own: their help, and an error for what they do not understand.
// Builtins only, and nothing newer than Node 18.

/**
 * Returns the words of the command line. Prints the help and ends the process for --help; for an option, or more words than
 * the script takes, it prints what was expected and ends with 2.
 * @param {string} help
 * @param {{ readonly maxWords?: number }} [accepted] @default no words
 * @returns {string[]}
 */
export function readWords(help, { maxWords = 0 } = {}) {
  const words = process.argv.slice(2);
  if (words.includes("--help") || words.includes("-h")) {
    console.log(help);
    process.exit(0);
  }
  const refused = words.find((word) => word.startsWith("-")) ?? words[maxWords];
  if (refused !== undefined) {
    const expected = maxWords === 0 ? "no arguments" : "the arguments below and no options";
    console.error(`Expected ${expected}; got ${JSON.stringify(refused)}.\n\n${help}`);
    process.exit(2);
  }
  return words;
}
