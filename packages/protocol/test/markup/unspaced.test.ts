import fc from "fast-check";
import { expect, test } from "vitest";
import { read } from "./notation.ts";

test.each([
  ["**太字。**次", "<strong 太字。>次"],
  ["**太字！**次", "<strong 太字！>次"],
  ["**太字？**次の", "<strong 太字？>次の"],
  ["次は**「太字」**です", "次は<strong 「太字」>です"],
  ["**「太字」**です", "<strong 「太字」>です"],
  ["**（注意）**请看", "<strong （注意）>请看"],
  ["请看**《书》**吧", "请看<strong 《书》>吧"],
  ["**“强调”**的", "<strong “强调”>的"],
  ["他说**“你好”**了", "他说<strong “你好”>了"],
  ["**重要：**内容", "<strong 重要：>内容"],
  ["**テスト（test）**を", "<strong テスト（test）>を"],
  ["**test(注)**を", "<strong test(注)>を"],
  ['これは**"強調"**です', 'これは<strong "強調">です'],
  ["*斜体。*次", "<emphasis 斜体。>次"],
  ["~~削除。~~次", "<strikethrough 削除。>次"],
  ["**강조(強調)**은", "<strong 강조(強調)>은"],
  ['**"강조"**입니다', '<strong "강조">입니다'],
  ["이것은**'강조'**입니다", "이것은<strong '강조'>입니다"],
  ["**한국어!**는", "<strong 한국어!>는"],
  ['**"ตัวหนา"**ครับ', '<strong "ตัวหนา">ครับ'],
  ["นี่**(ตัวหนา)**ครับ", "นี่<strong (ตัวหนา)>ครับ"],
  ["**ตัวหนา!**ครับ", "<strong ตัวหนา!>ครับ"],
  ["**粗体🎉**文字", "<strong 粗体🎉>文字"],
  ["**50%**的人", "<strong 50%>的人"],
  ["约**$5**元", "约<strong $5>元"],
  ["**`code`**を", "<strong <code code>>を"],
  ["**[a](https://a.org)**を", "<strong <link https://a.org/ a>>を"],
  ["**a。***b*", "<strong a。><emphasis b>"],
])("markup beside a script without spaces: %j", (text, expected) => {
  expect(read(text)).toBe(expected);
});

test("strong text of any CJK, Korean or Thai words and punctuation is strong, whatever is beside it", () => {
  const letters = fc.constantFrom(..."字体ひらカナ한국ไทย".split(""));
  const punctuation = fc.constantFrom(..."。、！？：；「」『』（）《》【】“”‘’…".split(""));
  const inner = fc.array(fc.oneof(letters, punctuation), { minLength: 1, maxLength: 5 }).map((chars) => chars.join(""));
  const outer = fc.oneof(letters, punctuation, fc.constant(""));
  fc.assert(
    fc.property(letters, inner, letters, (before, text, after) => {
      expect(read(`${before}**${text}**${after}`)).toBe(`${before}<strong ${text}>${after}`);
    }),
    { numRuns: 3_000 },
  );
  fc.assert(
    fc.property(outer, inner, outer, (before, text, after) => {
      expect(read(`${before}**字${text}字**${after}`)).toBe(`${before}<strong 字${text}字>${after}`);
    }),
    { numRuns: 3_000 },
  );
});

test.each([
  ["a * b * c", "a * b * c"],
  ["**a.**b", "**a.**b"],
  ["snake_case_name and 下_划_线", "snake_case_name and 下_划_线"],
  ["你好 ** 世界 **", "你好 ** 世界 **"],
])("what is no markup elsewhere is none: %j", (text, expected) => {
  expect(read(text)).toBe(expected);
});

test.each([
  ["**20%**ＯＦＦ", "<strong 20%>ＯＦＦ"],
  ["ＡＢ**(注)**ＣＤ", "ＡＢ<strong (注)>ＣＤ"],
  ["**(注)**Ａ", "<strong (注)>Ａ"],
  ["１**(注)**２", "１<strong (注)>２"],
  ["葛󠄀**(注)**葛󠄀", "葛󠄀<strong (注)>葛󠄀"],
  ["神︀**(注)**神", "神︀<strong (注)>神"],
  ["**a﹐**b", "<strong a﹐>b"],
  ["**a︑**b", "<strong a︑>b"],
  ["**a︕**b", "<strong a︕>b"],
  ["**a﹗**b", "<strong a﹗>b"],
  ["ᬅ**(a)**ᬅ", "ᬅ<strong (a)>ᬅ"],
  ["𗀀**(a)**𗀀", "𗀀<strong (a)>𗀀"],
  ["a**(b)**c", "a**(b)**c"],
])("markup beside letters as wide as ideographs, and other scripts without spaces: %j", (text, expected) => {
  expect(read(text)).toBe(expected);
});
