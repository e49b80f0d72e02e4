import { expect, test } from "vitest";
import { read } from "./notation.ts";

test.each([
  ['```js title="a.js"\na\n```\nafter', "{code js|a} / after"],
  ["```js {1,3} showLineNumbers\na\n```", "{code js|a}"],
  ["``` ts \na\n```", "{code ts|a}"],
  ["```c++\na\n```", "{code c++|a}"],
  ["```foo\\+bar\na\n```", "{code foo+bar|a}"],
  ["````md\n```js\na\n```\n````\nb", "{code md|```js\na\n```} / b"],
  ["~~~js title=`a`\na\n~~~\nb", "{code js|a} / b"],
  ["~~~ aa ``` ~~~\na\n~~~", "{code aa|a}"],
  ["~~~\na\n```\n~~~~\nb", "{code |a\n```} / b"],
  ["```\na\n~~~\n```", "{code |a\n~~~}"],
  ["```\na\n``\n````  \nb", "{code |a\n``} / b"],
  ["   ```js x\n   a\n     b\n c\n   ```\nd", "{code js|a\n  b\nc} / d"],
  [" ```\n a\n```", "{code |a}"],
  ["```\na\n    ```\nb\n```", "{code |a\n    ```\nb}"],
  ["```\na\n``` b\n```", "{code |a\n``` b}"],
  ["```js x y z\nnever closed\n> a", "{code js|never closed\n> a}"],
  ["```js\n```", "{code js|}"],
  ["text\n```js a=b\ncode\n```\ntext", "text / {code js|code} / text"],
  ["> ```js a\n> b\n> ```\nc", "{quote {code js|b}} / c"],
  ["- ```js a\n  b\n  ```\n- c", "{- {code js|b}; c}"],
  ["```\n\n a\n\n```", "{code |\n a\n}"],
  ['```js title="a.js"\r\na\r\n```\r\nb', "{code js|a} / b"],
])("an info string is what CommonMark takes for one: %j", (text, expected) => {
  expect(read(text)).toBe(expected);
});

test.each([
  ["``` a ``` b", "<code a> b"],
  ["```a`b", "```a`b"],
  ["``` aa ```\nb", "<code aa>\nb"],
  ["    ```\na", "    ```\na"],
  ["``\na\n``", "<code a>"],
  ["```what is this", "```what is this"],
  ["~~~ hm", "~~~ hm"],
  ["> ```a b\nc", "{quote ```a b} / c"],
])("a line that cannot open a fence is text: %j", (text, expected) => {
  expect(read(text)).toBe(expected);
});

test.each([
  ["- a\n\n    ~~~\n    @alice\n    ~~~", "{- a / {code |@alice}}"],
  ["10. a\n\n    ~~~\n    @alice\n    ~~~", "{10 a / {code |@alice}}"],
  ["- a\n\n    ```\n    @alice\n\n    @bob", "{- a / {code |@alice\n\n@bob}}"],
  ["- a\n\n  ~~~\n  @alice\n  ~~~\n- b", "{- a / {code |@alice}; b}"],
  ["1. a\n\n   ```js\n   @alice\n   ```\n2. b", "{1 a / {code js|@alice}; b}"],
  ["- a\n\n\t~~~\n\t@alice\n\t~~~", "{- a / {code |@alice}}"],
  ["- a\n\n\n\n  ```\n  @alice\n  ```", "{- a / {code |@alice}}"],
  ["- a\n  - b\n\n    ```\n    @alice\n    ```", "{- a / {- b / {code |@alice}}}"],
  ["> - a\n>\n>     ~~~\n>     @alice\n>     ~~~", "{quote {- a / {code |@alice}}}"],
  ["- a\n\n  ```\n  @alice\n\n  @bob\n  ```\n\n  c", "{- a / {code |@alice\n\n@bob} / c}"],
  ["- a\n\n  second", "{- a\n\nsecond}"],
  ["- a\n\nafter", "{- a} / after"],
  ["10. a\n\n  after", "{10 a} /   after"],
])("a fence of a list item is one after a blank line, too: %j", (text, expected) => {
  expect(read(text)).toBe(expected);
});
