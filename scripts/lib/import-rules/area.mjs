// The shape of an import rule. Each file beside this one holds the rules of one part of the repository, as data.

/**
 * A set of modules and what they may import.
 *
 * `path` matches the modules (a regular expression on the path from the root). Of the modules that match `within`, they
 * may import each other and those that match one of `allowed`; every other import within it is forbidden.
 * @typedef {{ name: string, path: string, within: string, allowed: readonly string[] }} Area
 */

/**
 * The rules of one part of the repository, with the imports that prove them.
 *
 * - `modules`: files that the planted imports need to exist.
 * - `violations`: [rule, folder of the importing module, specifier]; each must be reported under its rule.
 * - `permitted`: [folder of the importing module, specifier]; none may be reported.
 * @typedef {{
 *   areas: readonly Area[],
 *   rules: readonly import("dependency-cruiser").IForbiddenRuleType[],
 *   modules: readonly string[],
 *   violations: readonly (readonly [rule: string, folder: string, specifier: string])[],
 *   permitted: readonly (readonly [folder: string, specifier: string])[],
 * }} RuleSet
 */

/**
 * Makes areas of the folders and files directly below `root`.
 * @param {string} prefix names the areas: `server/store`
 * @param {string} root "apps/server/src"
 * @param {Readonly<Record<string, readonly string[]>>} imports a folder or module name -> the ones that it may import
 * @returns {Area[]}
 */
export function areasBelow(prefix, root, imports) {
  return Object.entries(imports).map(([name, allowed]) => ({
    name: `${prefix}/${name}`,
    path: pathBelow(root, [name]),
    within: `^${root}/`,
    allowed: allowed.length === 0 ? [] : [pathBelow(root, allowed)],
  }));
}

/** Matches the folders and modules of these names directly below `root`. @param {string} root @param {readonly string[]} names */
export function pathBelow(root, names) {
  return `^${root}/(${names.join("|")})(/|\\.tsx?$)`;
}
