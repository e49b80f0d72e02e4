import { CONFIG_FILE, CONFIG_PATH_VARIABLE, VARIABLES, type Variable } from "./variables.ts";

const ALL: readonly Variable<unknown>[] = Object.values(VARIABLES);

/** Returns the text of docs/reference/configuration.md, which a test compares with it. */
export function configurationPage(): string {
  const rows = ALL.map(
    ({ name, default: defaultText, about }) =>
      `| \`${name}\` | ${defaultText ? `\`${defaultText}\`` : "–"} | ${about.replaceAll("|", "\\|")} |`,
  );
  const fileVariables = ALL.filter(({ secret }) => secret).map(({ name }) => `\`${name}_FILE\``);
  return `# Configuration

Variables are set in the environment or in a configuration file; the environment takes precedence. The server validates all
of them at start. If one is invalid it does not start, and it lists every problem by name. \`npx multichat doctor\` validates
them without starting the server.

The configuration file is \`${CONFIG_FILE}\` in the working directory, or the file at \`${CONFIG_PATH_VARIABLE}\`: a JSON object with
the same names, whose values are strings, numbers, booleans or lists.

\`\`\`json
{ "PORT": 8080, "PUBLIC_URL": "https://chat.example.org", "ALLOWED_ORIGINS": ["https://www.example.org"] }
\`\`\`

An empty variable counts as unset. A boolean can be written as true/false, 1/0, yes/no or on/off, in any case. Secrets can be
read from a file instead, for example a Docker secret: ${fileVariables.join(", ")} hold the path of such a file.

| variable | default | description |
| --- | --- | --- |
${rows.join("\n")}

Clients read their limits from \`GET /api/me\`.
`;
}

/** Returns the variables for `--help`: each with its default and description. */
export function variablesForTerminal(width = 100): string {
  return ALL.map(({ name, default: defaultText, about }) => {
    const head = `  ${name}${defaultText ? ` (${defaultText})` : ""}`;
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
