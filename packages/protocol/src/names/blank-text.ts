/** Characters without ink, beside those that Unicode calls white space, default-ignorable or control. */
const BLANK =
  /^[\p{White_Space}\p{Default_Ignorable_Code_Point}\p{Cc}\u2800\ufff9-\ufffb\u{1d159}\u{16fe4}\u{13430}-\u{1343f}]*$/u;

/** Whether a text shows nothing: it is empty, or consists of white space and invisible characters alone. */
export function isBlank(text: string): boolean {
  return BLANK.test(text);
}
