import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Account, openAccount } from "../../src/account.ts";
import type { Visitor } from "../../src/browser.ts";
import { axeFindings, composer, message, messageLog, roomColumn, sendMessage } from "../../src/chat-page.ts";
import { type ChatWorld, openChatWorld } from "../../src/chat-world.ts";

let world: ChatWorld;
let alice: Visitor;
let bob: Visitor;
let aliceElsewhere: Account;

beforeAll(async () => {
  world = await openChatWorld();
  aliceElsewhere = await openAccount(world.server, "alice");
  alice = await world.visit("alice");
  bob = await world.visit("bob");
});

afterAll(async () => {
  await world?.dispose();
});

describe("a task", () => {
  test("is ticked by the author, at once and for everyone; others see a disabled box", async () => {
    await sendMessage(alice.page, 1, "Shopping\n- [ ] milk\n- [ ] bread");
    const own = message(alice.page, 1, "Shopping").getByRole("checkbox", { name: "milk" });
    const others = message(bob.page, 1, "Shopping").getByRole("checkbox", { name: "milk" });
    await others.waitFor();
    expect(await others.isDisabled()).toBe(true);
    await expect.poll(() => own.isDisabled()).toBe(false);
    await own.focus();
    await alice.page.keyboard.press("Space");
    expect(await own.isChecked()).toBe(true);
    await expect.poll(() => others.isChecked()).toBe(true);
    await message(bob.page, 1, "Shopping").getByText("(edited)").waitFor();
    await own.click();
    await expect.poll(() => others.isChecked()).toBe(false);
    // The box that was clicked is still there, with the focus.
    expect(await own.evaluate((box) => box === document.activeElement)).toBe(true);
  });

  test("is ticked in the text of another device that edited it meanwhile", async () => {
    const posted = await aliceElsewhere.post(1, "Moving\n- [ ] boxes\n- [ ] lamps");
    const boxes = message(alice.page, 1, "Moving").getByRole("checkbox", { name: "boxes" });
    await boxes.waitFor();
    // The page has not received the other device's edit.
    await alice.context.setOffline(true);
    const path = `/rooms/1/messages/${posted.id}`;
    await aliceElsewhere.request("PATCH", path, { body: "Moving on Monday\n- [ ] keys\n- [ ] boxes" });
    await boxes.click();
    expect(await boxes.isChecked()).toBe(true);
    await alice.context.setOffline(false);
    const moved = message(bob.page, 1, "Moving on Monday");
    await expect.poll(() => moved.getByRole("checkbox", { name: "boxes" }).isChecked()).toBe(true);
    expect(await moved.getByRole("checkbox", { name: "keys" }).isChecked()).toBe(false);
  });
});

describe("a spoiler", () => {
  test("is hidden until it is clicked, and in the quote of a reply", async () => {
    const posted = await aliceElsewhere.post(1, "The end: ||the butler did it||");
    await aliceElsewhere.post(1, "Really?", posted.id);
    const spoiler = message(bob.page, 1, "The end").getByRole("button", { name: "Spoiler" });
    await spoiler.waitFor();
    const text = message(bob.page, 1, "The end").getByText("the butler did it");
    expect(await text.isVisible()).toBe(false);
    await message(bob.page, 1, "Really?").getByText("The end: […]").waitFor();
    await spoiler.click();
    await text.waitFor();
    expect(await spoiler.count()).toBe(0);
  });

  test("is shown by the keyboard, and its links cannot be reached before", async () => {
    await aliceElsewhere.post(1, "Hidden: ||[the link](https://example.org)|| after");
    const row = message(bob.page, 1, "Hidden:");
    const spoiler = row.getByRole("button", { name: "Spoiler" });
    await spoiler.focus();
    await bob.page.keyboard.press("Tab");
    const link = row.locator("a", { hasText: "the link" });
    const isOnLink = () => link.evaluate((element) => element === document.activeElement);
    expect(await isOnLink()).toBe(false);
    await spoiler.focus();
    await bob.page.keyboard.press("Enter");
    await row.getByRole("link", { name: "the link" }).waitFor();
    await bob.page.keyboard.press("Tab");
    expect(await isOnLink()).toBe(true);
  });

  test("is hidden among the results of a search", async () => {
    await aliceElsewhere.post(1, "Rosebud is ||a sledge||");
    await bob.page.goto("/rooms/1?pane=search&q=rosebud");
    await bob.page.getByRole("link", { name: /Rosebud is \[…\]/ }).waitFor();
    await bob.page.goto("/rooms/1");
    await composer(bob.page, 1).waitFor();
  });
});

describe("headings, rules and tables", () => {
  const TEXT =
    "# Release 2\n## What is new\nAll of it.\n\n---\n\n| Name | Size | State |\n|:--|--:|:-:|\n| web | 72 KB | ||done|| |\n| server | 1.2 MB |\n" +
    "| a name of very many words that needs more room than it has | 3 | 4 |\n\n- [x] tests\n- [ ] docs";

  test("are what they look like, for screen readers too", async () => {
    await aliceElsewhere.post(1, TEXT);
    const row = message(bob.page, 1, "Release 2");
    await row.getByRole("heading", { name: "Release 2" }).waitFor();
    await row.getByRole("columnheader", { name: "Size" }).waitFor();
    expect(await row.getByRole("cell").allInnerTexts()).toContain("72 KB");
    expect(await row.getByRole("separator").count()).toBe(1);
    expect(await row.getByRole("cell", { name: "72 KB" }).evaluate((cell) => getComputedStyle(cell).textAlign)).toBe(
      "right",
    );
  });

  test.each([390, 768, 1440])(
    "fit a window of %i pixels without problems of access, in both schemes",
    async (width) => {
      const { page } = bob;
      await page.setViewportSize({ width, height: 900 });
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        await message(page, 1, "Release 2").waitFor();
        expect(await axeFindings(page)).toEqual([]);
        const isCut = await messageLog(page, 1).evaluate((log) => log.scrollWidth > log.clientWidth);
        expect(isCut).toBe(false);
      }
      await page.setViewportSize({ width: 1280, height: 800 });
    },
  );
});

describe("a block of code", () => {
  const CODE = "const answer: number = 42; // why?";

  test("has colors, also after one that would take minutes", async () => {
    await aliceElsewhere.post(1, `Slow\n\`\`\`md\n${"[](".repeat(3_000)}\n\`\`\``);
    await aliceElsewhere.post(1, `Typed\n\`\`\`ts\n${CODE}\n\`\`\``);
    const code = message(bob.page, 1, "Typed").locator("pre");
    await code.locator("span", { hasText: "const" }).waitFor();
    expect(await code.innerText()).toBe(CODE);
    expect(await message(bob.page, 1, "Slow").locator("pre span").count()).toBe(0);
    const colorOf = (text: string) =>
      code.locator("span", { hasText: text }).evaluate((piece) => getComputedStyle(piece).color);
    expect(new Set([await colorOf("const"), await colorOf("42"), await colorOf("// why?")]).size).toBe(3);
  });

  test("has colors where the first ones of a page are rendered while their colors are loaded", async () => {
    const ada = await openAccount(world.server, "ada");
    const storageState = await alice.context.storageState();
    // In about half of the pages the load ends between the rendering of a block and its effect.
    for (let round = 0; round < 8; round += 1) {
      const { number: room } = await ada.createRoom({ title: `Code ${round}` });
      const { page, context } = await world.open({ storageState });
      await page.goto(`/rooms/${room}`);
      const field = composer(page, room);
      await field.fill(`First\n\`\`\`ts\n${CODE}\n\`\`\``);
      await field.press("Enter");
      await message(page, room, "First").locator("pre span", { hasText: "const" }).waitFor();
      await context.close();
    }
  });

  test("is copied with the keyboard", async () => {
    await bob.context.grantPermissions(["clipboard-read", "clipboard-write"]);
    const row = message(bob.page, 1, "Typed");
    await row.locator("pre").focus();
    await bob.page.keyboard.press("Tab");
    await bob.page.keyboard.press("Enter");
    await row.getByText("Code copied.").waitFor();
    expect(await bob.page.evaluate(() => navigator.clipboard.readText())).toBe(CODE);
  });
});

describe("emoji", () => {
  const picker = () => alice.page.getByRole("dialog", { name: "Pick an emoji" });
  const openPicker = async () => {
    await roomColumn(alice.page, 1).getByRole("button", { name: "Add emoji" }).click();
    await picker().getByRole("group", { name: "Recently used" }).getByRole("button").first().waitFor();
  };

  test("are typed by name, however fast, and never in code", async () => {
    await sendMessage(alice.page, 1, "party :tada: `:tada:`");
    await message(bob.page, 1, "party 🎉").locator("code", { hasText: ":tada:" }).waitFor();
    const field = composer(alice.page, 1);
    await field.pressSequentially("typed :rocket: `:rocket:");
    expect(await field.inputValue()).toBe("typed 🚀 `:rocket:");
    await field.fill("");
  });

  test("are picked by category with the keyboard, in a skin tone that is remembered, and are recent then", async () => {
    await openPicker();
    await alice.page.keyboard.press("Tab");
    await alice.page.keyboard.press("ArrowRight");
    await alice.page.keyboard.press("ArrowRight");
    await picker().getByRole("group", { name: "People" }).waitFor();
    await picker().getByRole("button", { name: "Medium skin tone", exact: true }).click();
    await picker().getByRole("button", { name: "waving hand" }).click();
    await expect.poll(() => composer(alice.page, 1).inputValue()).toBe("👋🏽");
    await openPicker();
    const recent = picker().getByRole("group", { name: "Recently used" }).getByRole("button");
    expect(await recent.first().innerText()).toBe("👋🏽");
    expect(await axeFindings(alice.page)).toEqual([]);
    await picker().getByRole("searchbox").fill("pancakes");
    await picker().getByRole("group", { name: "Search results" }).getByRole("button", { name: "pancakes" }).waitFor();
    await alice.page.keyboard.press("Escape");
    await composer(alice.page, 1).fill("");
  });

  test("are found in Arabic, too", async () => {
    const { page, context } = await world.visit("alice");
    await page.evaluate(() => localStorage.setItem("multichat.preferences", JSON.stringify({ locale: "ar" })));
    await page.reload();
    await page.getByRole("button", { name: "إضافة رمز تعبيري" }).click();
    const search = page.getByRole("dialog").getByRole("searchbox");
    await search.fill("فطيرة");
    await page.getByRole("dialog").getByRole("button", { name: /فطيرة/ }).first().waitFor();
    await search.fill("tada");
    await page.getByRole("dialog").getByRole("button", { name: "فرقعة حفلة" }).waitFor();
    await context.close();
  });
});

describe("commands", () => {
  test("/me shows what its author does, /shrug adds a face, and others are text", async () => {
    await sendMessage(alice.page, 1, "/me waves at @bob");
    await expect
      .poll(() => messageLog(bob.page, 1).locator("article div[dir=auto]").last().innerText())
      .toBe("alice waves at @bob");
    await sendMessage(alice.page, 1, "/shrug no idea");
    await message(bob.page, 1, "no idea ¯\\_(ツ)_/¯").waitFor();
    await sendMessage(alice.page, 1, "/unknown stays");
    await message(bob.page, 1, "/unknown stays").waitFor();
  });
});

describe("the message field", () => {
  test("formats its selection by keys, and the browser undoes it", async () => {
    const field = composer(alice.page, 1);
    await field.fill("");
    await field.pressSequentially("some words");
    await field.press("ControlOrMeta+A");
    for (const [key, text] of [
      ["b", "**some words**"],
      ["i", "**_some words_**"],
      ["i", "**some words**"],
      ["b", "some words"],
      ["e", "`some words`"],
      ["e", "some words"],
      ["Shift+X", "~~some words~~"],
    ] as const) {
      await field.press(`ControlOrMeta+${key}`);
      expect(await field.inputValue()).toBe(text);
    }
    await field.press("ControlOrMeta+z");
    expect(await field.inputValue()).toBe("some words");
    await field.press("ControlOrMeta+A");
    await field.press("ControlOrMeta+k");
    await alice.page.keyboard.type("https://a.example");
    expect(await field.inputValue()).toBe("[some words](https://a.example)");
    await field.fill("- one\n- two");
    await field.press("ControlOrMeta+A");
    await field.press("ControlOrMeta+b");
    expect(await field.inputValue()).toBe("- **one**\n- **two**");
    await field.press("ControlOrMeta+b");
    expect(await field.inputValue()).toBe("- one\n- two");
    await field.fill("");
    await field.press("ControlOrMeta+k");
    await alice.page.getByRole("dialog").waitFor();
    await alice.page.keyboard.press("Escape");
  });

  test("has a bar of buttons, which is remembered and can be switched off", async () => {
    const { page } = alice;
    const field = composer(page, 1);
    const toggle = roomColumn(page, 1).getByRole("button", { name: "Formatting" });
    const bar = page.getByRole("toolbar", { name: "Formatting" });
    await toggle.click();
    await bar.waitFor();
    await page.reload();
    await bar.waitFor();
    await field.fill("one");
    await bar.getByRole("button", { name: "Task list" }).click();
    expect(await field.inputValue()).toBe("- [ ] one");
    await bar.getByRole("button", { name: "Bold" }).focus();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Enter");
    expect(await field.inputValue()).toBe("- [ ] one__");
    expect(await axeFindings(page)).toEqual([]);
    await field.fill("");
    await toggle.click();
    await bar.waitFor({ state: "detached" });
  });

  test("pastes formatted text as Markdown, without its scripts", async () => {
    const field = composer(alice.page, 1);
    const paste = (html: string) =>
      field.evaluate((element, html) => {
        const clipboardData = new DataTransfer();
        clipboardData.setData("text/html", html);
        clipboardData.setData("text/plain", "plain");
        element.focus();
        element.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
      }, html);
    const requests: string[] = [];
    alice.page.on("request", (request) => requests.push(request.url()));
    for (const [html, markdown] of [
      ["<p>a <b>bold</b> and <i>italic </i>word</p><p>b</p>", "a **bold** and _italic_ word\n\nb"],
      ["<h2>Title</h2><ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>", "## Title\n\n- a\n  - b\n- c"],
      ["<ol start=3><li>a</li><li><input type=checkbox checked> b</li></ol>", "3. a\n4. [x] b"],
      ['<a href="https://a.example/x">x</a> <a href="javascript:alert(1)">y</a>', "[x](https://a.example/x) y"],
      ["<pre><code class=language-ts>a &lt; b\n</code></pre>", "```ts\na < b\n```"],
      ["<blockquote><p>a</p></blockquote><code>x`y</code>", "> a\n\n``x`y``"],
      [
        "<table><tr><th>a</th><th>b</th></tr><tr><td>1|2</td><td>3</td></tr></table>",
        "| a | b |\n| --- | --- |\n| 1\\|2 | 3 |",
      ],
      ["<style>p{}</style><script>alert(1)</script><b>x</b><img src=/pasted.png onerror=alert(1) alt=pic>", "**x**pic"],
      ['<b style="font-weight:normal"><p>not <span style="font-weight:700">this</span></p></b>', "not **this**"],
      [
        '<meta charset="utf-8"><b style="font-weight:normal;" id="docs-internal-guid-1"><p><span style="font-weight:400">a </span>' +
          '<span style="font-weight:700;font-style:italic">b</span><span style="text-decoration:line-through"> c</span></p>' +
          '<ul><li aria-level="1"><p><span>d</span></p></li><ul><li aria-level="2"><p>e</p></li></ul></ul></b>',
        "a **_b_** ~~c~~\n\n- d\n  - e",
      ],
      [
        "<p class=MsoListParagraph style='mso-list:l0 level1 lfo1'><span style='mso-list:Ignore'>·<span>&nbsp; </span></span>a</p>" +
          "<p class=MsoListParagraph style='mso-list:l0 level2 lfo1'><span style='mso-list:Ignore'>o<span>&nbsp; </span></span><b>b</b></p>",
        "- a\n  - **b**",
      ],
      ['<div style="color:#ccc;white-space: pre;"><b>a</b>  b</div>', "plain"],
      [`<b>${"a".repeat(500_000)}</b>`, "plain"],
      ["<b>2</b> * 3 * *4*", "**2** \\* 3 \\* \\*4\\*"],
    ] as const) {
      await field.fill("");
      await paste(html);
      await expect.poll(() => field.inputValue()).toBe(markdown);
    }
    expect(requests.filter((url) => url.includes("pasted"))).toEqual([]);
    await field.fill("before ");
    await paste("<b>pasted</b> and <a href='https://example.org/pasted'>linked</a>");
    await expect.poll(() => field.inputValue()).toContain("before **pasted**");
    await field.press("ControlOrMeta+z");
    expect(await field.inputValue()).toBe("before ");
    await field.press("ControlOrMeta+Shift+z");
    await field.press("Enter");
    await message(bob.page, 1, "before pasted").getByRole("strong").waitFor();
    await message(bob.page, 1, "before pasted").getByRole("link", { name: "linked" }).waitFor();
    await field.fill("`code ");
    await paste("<b>x</b>");
    expect(await field.inputValue()).toBe("`code ");
    await field.fill("");
  });
});

test("what only resembles markup stays text", async () => {
  const text = "#general #1 a || b a||b||c |x| ---";
  await sendMessage(alice.page, 1, text);
  await expect.poll(() => message(bob.page, 1, text).locator("div[dir=auto]").innerText()).toBe(text);
  await sendMessage(alice.page, 1, "---");
  await expect.poll(() => messageLog(bob.page, 1).locator("article div[dir=auto]").last().innerText()).toBe("---");
  expect(await roomColumn(bob.page, 1).getByRole("button", { name: "Spoiler" }).count()).toBeLessThan(5);
});
