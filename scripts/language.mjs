// Checks names and prose by the rules in lib/language/language-rules.mjs.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { readWords } from "./lib/arguments.mjs";
import { check } from "./lib/language/check-language.mjs";
import { EXCEPTIONS, NOT_CHECKED, PHRASES, WORDS } from "./lib/language/language-rules.mjs";
import { ROOT, ScriptError } from "./lib/machine.mjs";
import { reportFailure } from "./lib/progress.mjs";

const paths = readWords(
  `node scripts/language.mjs [PATH ...]

Checks names and prose by the rules in scripts/lib/language/language-rules.mjs; docs/glossary.md has the words to use.

  PATH   files and folders of the repository (default: all)

For example: node scripts/language.mjs packages/client docs/glossary.md`,
  { maxWords: Number.POSITIVE_INFINITY },
);

/** Files that git tracks or would. @param {readonly string[]} paths */
function filesToCheck(paths) {
  const args = ["ls-files", "--cached", "--others", "--exclude-standard", "--", ...paths];
  const { status, stdout, stderr } = spawnSync("git", args, { cwd: ROOT, encoding: "utf8" });
  if (status !== 0) throw new ScriptError(`git could not list the files: ${stderr.trim()}`);
  return stdout
    .split("\n")
    .filter((file) => file !== "" && existsSync(join(ROOT, file)))
    .filter((file) => !NOT_CHECKED.some((pattern) => pattern.test(file)));
}

try {
  const files = filesToCheck(paths);
  if (files.length === 0) throw new ScriptError(`Expected paths of files to check, got ${paths.join(" ")}.`);
  const findings = files.flatMap((file) => check(ROOT, file));
  const allows = (
    /** @type {(typeof EXCEPTIONS)[number]} */ exception,
    /** @type {(typeof findings)[number]} */ found,
  ) => exception.file.test(found.file) && exception.word === found.word;
  const problems = findings
    .filter((found) => !EXCEPTIONS.some((exception) => allows(exception, found)))
    .map(({ file, line, word, text, use }) => `${file}:${line}: "${word}" in "${text}"; write: ${use}`);
  const unused =
    paths.length > 0
      ? []
      : EXCEPTIONS.filter((exception) => !findings.some((found) => allows(exception, found))).map(
          ({ file, word }) => `the exception for "${word}" in ${file} is not needed any more`,
        );
  if (problems.length + unused.length > 0) {
    throw new ScriptError(`${problems.length + unused.length} violations of the language rules:`, [
      ...problems,
      ...unused,
      "",
      "docs/glossary.md has the words to use; scripts/lib/language/language-rules.mjs has the rules and the few exceptions.",
    ]);
  }
  console.log(`${files.length} files, ${WORDS.length + PHRASES.length} rules, ${EXCEPTIONS.length} exceptions`);
} catch (failure) {
  reportFailure(failure);
  process.exitCode = 1;
}
