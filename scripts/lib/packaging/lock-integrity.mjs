// Checks that npm can verify every package of the lock file: against a hash of its content, from the configured registry.

/** @typedef {{ link?: boolean, resolved?: string, integrity?: string }} LockedPackage */

/** SHA-512 in base64: 64 bytes. */
const INTEGRITY = /^sha512-[A-Za-z0-9+/]{86}==$/;

/**
 * Returns what is wrong with the packages of a lock file, one line for each.
 * @param {{ lockfileVersion?: number, packages?: Record<string, LockedPackage> }} lock
 * @returns {string[]}
 */
export function findUnverifiedPackages({ lockfileVersion, packages = {} }) {
  const problems = lockfileVersion === 3 ? [] : [`lockfileVersion: expected 3, got ${lockfileVersion}`];
  if (packages[""] === undefined) problems.push("packages: expected the packages of this repository, got none");
  for (const [path, { link, resolved, integrity }] of Object.entries(packages)) {
    // The repository's own folders.
    if (!path.includes("node_modules/")) continue;
    if (link === true) {
      if (resolved === undefined || packages[resolved] === undefined || resolved.includes("node_modules/")) {
        problems.push(`${path}: expected a link to a folder of this repository, got ${resolved}`);
      }
      continue;
    }
    if (!INTEGRITY.test(integrity ?? "")) {
      problems.push(`${path}: expected one integrity of sha512, got ${integrity ?? "none"}`);
    }
    // `.npmrc` leaves addresses out, so that every package comes from the configured registry.
    if (resolved !== undefined) problems.push(`${path}: expected no address of its own, got ${resolved}`);
  }
  return problems;
}
