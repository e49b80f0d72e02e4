import { CONFIG_FILE, CONFIG_PATH_VARIABLE, VARIABLES, type Variable } from "./variables.ts";

const ALL: readonly Variable<unknown>[] = Object.values(VARIABLES);

/** The reference page, whole: a test holds docs/reference/configuration.md to it. */
export function configurationPage(): string {
  const rows = ALL.map(
    ({ name, default: standard, about }) =>
      `| \`${name}\` | ${standard ? `\`${standard}\`` : "–"} | ${about.replaceAll("|", "\\|")} |`,
  );
  const withFiles = ALL.filter(({ secret }) => secret).map(({ name }) => `\`${name}_FILE\``);
  return `# Configuration

Every variable can stand in the environment or in a file; the environment wins. All are read and checked at start: a
server with a wrong one does not start, and tells all that is wrong at once, by name. \`npx multichat doctor\` checks them
without starting anything.

The file is \`${CONFIG_FILE}\` in the working directory, or the one that \`${CONFIG_PATH_VARIABLE}\` names: an object of the same
names, with texts, numbers, true and false, and lists.

\`\`\`json
{ "PORT": 8080, "PUBLIC_URL": "https://chat.example.org", "ALLOWED_ORIGINS": ["https://www.example.org"] }
\`\`\`

An empty variable counts as unset. A yes or no may be written true/false, 1/0, yes/no or on/off, in any case. What should not
stand in an environment can be read from a file instead, as with Docker's secrets: ${withFiles.join(", ")} name such files.

| variable | default | what it does |
| --- | --- | --- |
${rows.join("\n")}

A client learns the limits that concern it from \`GET /api/me\`.
`;
}

/** For a terminal: each variable with its default and its sentence. */
export function variablesForTerminal(width = 100): string {
  return ALL.map(({ name, default: standard, about }) => {
    const head = `  ${name}${standard ? ` (${standard})` : ""}`;
    return `${head}\n${wrap(about.replaceAll("`", ""), width, "      ")}`;
  }).join("\n");
}

function wrap(text: string, width: number, indent: string): string {
  const lines = [indent];
  for (const word of text.split(" ")) {
    const last = lines.at(-1) ?? indent;
    const longer = last === indent ? indent + word : `${last} ${word}`;
    if (longer.length <= width) lines[lines.length - 1] = longer;
    else lines.push(indent + word);
  }
  return lines.join("\n");
}
