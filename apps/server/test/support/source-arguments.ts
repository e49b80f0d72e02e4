/** How Node runs the sources in a process of their own: with the bundles that the test runner made of them, if it did. */
export const SOURCE_ARGUMENTS: readonly string[] = [
  "--conditions=@multichat/source",
  ...process.execArgv.filter((argument) => argument.startsWith("--import=")),
];
