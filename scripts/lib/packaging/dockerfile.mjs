// Parses a Dockerfile into its stages. It knows the instructions that ours uses and refuses any other.

/** @typedef {{ name: string, text: string, line: number }} Instruction */
/** @typedef {{ base: string, name: string | undefined, instructions: Instruction[] }} Stage */

const KNOWN_INSTRUCTIONS = new Set([
  "WORKDIR",
  "COPY",
  "RUN",
  "ENV",
  "USER",
  "VOLUME",
  "EXPOSE",
  "HEALTHCHECK",
  "ENTRYPOINT",
  "CMD",
]);

/** @param {string} text @returns {Stage[]} */
export function readDockerfile(text) {
  /** @type {Stage[]} */
  const stages = [];
  for (const { name, text: rest, line } of instructionsOf(text)) {
    if (name === "FROM") {
      const [base = "", as, stage] = rest.split(/\s+/);
      stages.push({ base, name: as?.toUpperCase() === "AS" ? stage : undefined, instructions: [] });
    } else if (!KNOWN_INSTRUCTIONS.has(name)) {
      throw new SyntaxError(`Dockerfile line ${line}: ${name} is not one of ${[...KNOWN_INSTRUCTIONS].join(", ")}`);
    } else if (stages.length === 0) {
      throw new SyntaxError(`Dockerfile line ${line}: ${name} before the first FROM`);
    } else {
      stages.at(-1)?.instructions.push({ name, text: rest, line });
    }
  }
  return stages;
}

/** @param {string} text @returns {Instruction[]} */
function instructionsOf(text) {
  /** @type {Instruction[]} */
  const instructions = [];
  let isContinued = false;
  for (const [index, raw] of text.split("\n").entries()) {
    if (raw.trim() === "" || raw.trimStart().startsWith("#")) continue;
    const continues = raw.endsWith("\\");
    const part = (continues ? raw.slice(0, -1) : raw).trim();
    const last = instructions.at(-1);
    if (isContinued && last !== undefined) {
      last.text += ` ${part}`;
    } else {
      const [, name = "", rest = ""] = part.match(/^(\S+)\s*(.*)$/) ?? [];
      instructions.push({ name: name.toUpperCase(), text: rest, line: index + 1 });
    }
    isContinued = continues;
  }
  return instructions;
}

/** Returns the words of the exec form (`["node", "x"]`), or a shell and its line for the shell form. @param {string} text */
export function commandWords(text) {
  /** @type {string[]} */
  const words = text.startsWith("[") ? JSON.parse(text) : ["/bin/sh", "-c", text];
  return words;
}

/**
 * Returns whether a build may see a file by the patterns of `.dockerignore`, of which the last match decides.
 * @param {string} text
 * @returns {(path: string) => boolean}
 */
export function readDockerignore(text) {
  const rules = text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => {
      const includes = line.startsWith("!");
      const source = (includes ? line.slice(1) : line)
        .replace(/[.+^${}()|[\]]/g, "\\$&")
        .replace(/\*\*\//g, "\0")
        .replace(/\*/g, "[^/]*")
        .replaceAll("\0", "(?:.*/)?");
      // A pattern that matches a folder matches everything in it.
      return { includes, pattern: new RegExp(`^${source}(?:/.*)?$`) };
    });
  return (path) => {
    let isVisible = true;
    for (const rule of rules) if (rule.pattern.test(path)) isVisible = rule.includes;
    return isVisible;
  };
}
