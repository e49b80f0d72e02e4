/** Makes a process load the bundles that the test runner made of the sources, if it made them. */
const USE_BUNDLES: readonly string[] = process.execArgv.filter((argument) => argument.startsWith("--import="));

/** How Node runs the sources in a process of their own. */
export const SOURCE_ARGUMENTS: readonly string[] = ["--conditions=@multichat/source", ...USE_BUNDLES];

/** The variables of a command that runs the sources itself. */
export const SOURCE_VARIABLES = {
  NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? "",
  NODE_OPTIONS: USE_BUNDLES.join(" "),
  MULTICHAT_SOURCE: "1",
} as const;
