/** An attack on the promise that nothing acknowledged is lost, at a small size. */
export interface ProofPart {
  /** A command of this folder, as `npm run NAME` runs it. */
  readonly name: string;
  readonly about: string;
  readonly args: readonly string[];
  /** Where it has to find losses, since a disk lies: an attack that finds none there could not find any. */
  readonly hasToFail?: boolean;
  /** Says what was tried and found, from the command's output. */
  readonly summarize: (output: string) => string;
}

const lineWith =
  (pattern: RegExp) =>
  (output: string): string =>
    pattern.exec(output)?.[0] ?? "no summary";

/** Returns the cell beside a title in a table of two columns. */
function cell(output: string, title: string): string {
  return new RegExp(`\\| +${title} \\| +(.*?) \\|`).exec(output)?.[1] ?? "?";
}

function summarizeChaos(output: string): string {
  const found = ["lost", "duplicated", "out of order"].map((title) => `${cell(output, title)} ${title}`);
  const faults = /(\d+) faults of servers(?![\s\S]*faults of servers)/.exec(output)?.[1] ?? "0";
  const cuts = cell(output, "connections cut");
  return `${cell(output, "acknowledged")} messages, ${cuts} cuts, ${faults} faults of servers: ${found.join(", ")}.`;
}

const summarizeJitter = (output: string): string => lineWith(/^Dropped .*multichat delivered .*$/m)(output);

const CHAOS = ["--clients", "50", "--rooms", "5", "--act-every", "5"];
const POWER_CUTS = ["--cuts", "20", "--cuts-per-recording", "20", "--work-seconds", "1"];
const summarizePowerCuts = lineWith(/^[\d,]+ cuts, .*states failed\.$/m);

/** In the order in which they run, the shorter ones first. */
export const PROOF_PARTS: readonly ProofPart[] = [
  {
    name: "pull-the-plug",
    about: "power cuts at random moments of a server's work",
    args: POWER_CUTS,
    summarize: summarizePowerCuts,
  },
  {
    name: "pull-the-plug",
    about: "the same on a disk that ignores syncs, where it has to find losses",
    args: [...POWER_CUTS, "--ignore-sync", "wal"],
    hasToFail: true,
    summarize: summarizePowerCuts,
  },
  {
    name: "crash-test",
    about: "processes killed while they open, migrate, serve, back up or close",
    args: ["--runs", "66"],
    summarize: lineWith(/^[\d,]+ runs, .*$/m),
  },
  {
    name: "damage-test",
    about: "databases damaged in each kind of page",
    args: ["--cases", "60"],
    summarize: lineWith(/^[\d,]+ damaged databases, [\d,]+ processes died\./m),
  },
  {
    name: "chaos",
    about: "a bad network, and kill -9 of the server",
    args: [...CHAOS, "--minutes", "0.5", "--kills", "3"],
    summarize: summarizeChaos,
  },
  {
    name: "chaos",
    about: "three servers whose parts are killed, frozen and cut off",
    args: [...CHAOS, "--servers", "3", "--minutes", "0.7", "--kills", "10"],
    summarize: summarizeChaos,
  },
  {
    name: "jitter",
    about: "all connections lost at once, beside Socket.IO",
    args: ["--connections", "300", "--phases", "wave"],
    summarize: summarizeJitter,
  },
  {
    name: "fuzz",
    about: "generated and mutated input for everything that reads input",
    args: ["--inputs", "20000"],
    summarize: (output) => (output.includes("FAILED") ? "failures, see above" : "20,000 inputs: 0 failures."),
  },
];
