// The command lines of scripts that have no options of their own: their help, and an error for what they do not understand.
// Builtins only, and nothing newer than Node 18.

/**
 * Returns the words of the command line, and the accepted options among them. Prints the help and ends the process for --help;
 * for another option, or more words than the script takes, it prints what was expected and ends with 2.
 * @param {string} help
 * @param {{ readonly maxWords?: number, readonly options?: readonly string[] }} [accepted] @default no words, no options
 * @returns {string[]}
 */
export function readWords(help, { maxWords = 0, options = [] } = {}) {
  const words = process.argv.slice(2);
  if (words.includes("--help") || words.includes("-h")) {
    console.log(help);
    process.exit(0);
  }
  const others = words.filter((word) => !options.includes(word));
  const refused = others.find((word) => word.startsWith("-")) ?? others[maxWords];
  if (refused !== undefined) {
    const expected =
      options.length > 0
        ? "the arguments below"
        : maxWords === 0
          ? "no arguments"
          : "the arguments below and no options";
    console.error(`Expected ${expected}; got ${JSON.stringify(refused)}.\n\n${help}`);
    process.exit(2);
  }
  return words;
}
