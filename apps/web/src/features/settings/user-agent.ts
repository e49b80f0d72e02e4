const BROWSERS = [
  ["Edge", /\bEdg(?:e|A|iOS)?\//],
  ["Opera", /\bOPR\//],
  ["Firefox", /\b(?:Firefox|FxiOS)\//],
  ["Chrome", /\b(?:Chrome|CriOS|Chromium|HeadlessChrome)\//],
  ["Safari", /\bSafari\//],
] as const;

const SYSTEMS = [
  ["Android", /Android/],
  ["iOS", /iPhone|iPad|iPod/],
  ["Windows", /Windows/],
  ["macOS", /Macintosh|Mac OS X/],
  ["ChromeOS", /CrOS/],
  ["Linux", /Linux/],
] as const;

function findName(names: readonly (readonly [string, RegExp])[], agent: string): string | undefined {
  return names.find(([, pattern]) => pattern.test(agent))?.[0];
}

/** Returns the name of a browser, "Firefox · Linux"; undefined if there is no user agent. */
export function describeUserAgent(agent: string | null): string | undefined {
  if (agent === null || agent.trim() === "") return undefined;
  const names = [findName(BROWSERS, agent), findName(SYSTEMS, agent)].filter((name) => name !== undefined);
  return names.length === 0 ? agent.slice(0, 60) : names.join(" · ");
}
