// Checks a bill of materials in CycloneDX's JSON against the lock file.

/** @typedef {{ name: string, version: string, "bom-ref": string, purl?: string, hashes?: { alg: string, content: string }[] }} Component */
/** @typedef {{ bomFormat?: string, specVersion?: string, metadata?: { component?: Component }, components?: Component[], dependencies?: { ref: string, dependsOn?: string[] }[] }} Sbom */
/** @typedef {{ version?: string, integrity?: string, dev?: boolean, link?: boolean }} LockedPackage */

/**
 * Returns what is wrong with a bill of materials, one line for each problem.
 * @param {Sbom} sbom
 * @param {{ packages: Record<string, LockedPackage> }} lock
 * @returns {string[]}
 */
export function findSbomProblems({ bomFormat, specVersion, metadata, components = [], dependencies = [] }, lock) {
  if (bomFormat !== "CycloneDX" || !/^1\.\d$/.test(specVersion ?? "")) {
    return [`expected CycloneDX 1.x, got ${bomFormat} ${specVersion}`];
  }
  const problems = components.length === 0 ? ["expected packages, got none"] : [];
  /** The hashes of each production package in the lock file. @type {Map<string, Set<string>>} */
  const locked = new Map();
  for (const [path, { version, integrity, dev }] of Object.entries(lock.packages)) {
    const name = path.split("node_modules/").at(-1) ?? "";
    if (dev === true || integrity === undefined) continue;
    const hash = Buffer.from(integrity.replace(/^sha512-/, ""), "base64").toString("hex");
    const key = `${name}@${version}`;
    locked.set(key, (locked.get(key) ?? new Set()).add(hash));
  }
  const root = metadata?.component?.["bom-ref"] ?? "";
  const refs = new Set([root]);
  for (const component of components) {
    const ref = component["bom-ref"];
    if (refs.has(ref)) problems.push(`${ref}: expected it once`);
    refs.add(ref);
    if (!component.purl?.startsWith("pkg:npm/")) problems.push(`${ref}: expected a purl, got ${component.purl}`);
    // The repository's own packages have no hash.
    if (ref.startsWith("@multichat/")) continue;
    const hash = component.hashes?.find(({ alg }) => alg === "SHA-512")?.content ?? "none";
    if (!locked.get(ref)?.has(hash)) problems.push(`${ref}: expected the hash of the lock file, got ${hash}`);
  }
  for (const { ref, dependsOn = [] } of dependencies) {
    for (const target of [ref, ...dependsOn]) {
      if (!refs.has(target)) problems.push(`${ref}: expected a listed package, got ${target}`);
    }
  }
  return problems;
}
