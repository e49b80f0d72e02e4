// Reads a Dockerfile into its stages: just the instructions that ours uses; another one is an error, not a guess.

/** @typedef {{ name: string, text: string, line: number }} Instruction */
/** @typedef {{ base: string, name: string | undefined, instructions: Instruction[] }} Stage */

const KNOWN = new Set([
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
    } else if (!KNOWN.has(name)) {
      throw new SyntaxError(`Dockerfile line ${line}: ${name} is not one of ${[...KNOWN].join(", ")}`);
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
  const found = [];
  let open = false;
  for (const [place, raw] of text.split("\n").entries()) {
    if (raw.trim() === "" || raw.trimStart().startsWith("#")) continue;
    const continues = raw.endsWith("\\");
    const part = (continues ? raw.slice(0, -1) : raw).trim();
    const last = found.at(-1);
    if (open && last !== undefined) {
      last.text += ` ${part}`;
    } else {
      const [, name = "", rest = ""] = part.match(/^(\S+)\s*(.*)$/) ?? [];
      found.push({ name: name.toUpperCase(), text: rest, line: place + 1 });
    }
    open = continues;
  }
  return found;
}

/** The words of the exec form, `["node", "x"]`; of the shell form, the shell and its line. @param {string} text */
export function commandWords(text) {
  /** @type {string[]} */
  const words = text.startsWith("[") ? JSON.parse(text) : ["/bin/sh", "-c", text];
  return words;
}

/**
 * Which files a build may see: `.dockerignore`'s patterns, the last that fits decides.
 * @param {string} text
 * @returns {(path: string) => boolean}
 */
export function readDockerignore(text) {
  const rules = text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => {
      const keep = line.startsWith("!");
      const source = (keep ? line.slice(1) : line)
        .replace(/[.+^${}()|[\]]/g, "\\$&")
        .replace(/\*\*\//g, "\0")
        .replace(/\*/g, "[^/]*")
        .replaceAll("\0", "(?:.*/)?");
      // A pattern that names a folder speaks for everything in it.
      return { keep, pattern: new RegExp(`^${source}(?:/.*)?$`) };
    });
  return (path) => {
    let seen = true;
    for (const rule of rules) if (rule.pattern.test(path)) seen = rule.keep;
    return seen;
  };
}
