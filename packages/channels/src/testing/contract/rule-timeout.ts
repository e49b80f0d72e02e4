/** The timeout of one test of a contract suite, which only has to catch a test that hangs. */
export const RULE_TIMEOUT_MS = 600_000;
