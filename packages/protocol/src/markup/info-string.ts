/** Names of the characters from U+00A0 to U+00FF, in order: the letters and signs of Latin-1, as HTML names them. */
const LATIN_1_NAMES =
  "nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 acute " +
  "micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig " +
  "Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash " +
  "Ugrave Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute " +
  "ecirc euml igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc " +
  "uuml yacute thorn yuml";
const ENTITIES: ReadonlyMap<string, string> = new Map([
  ...LATIN_1_NAMES.split(" ").map((name, index): [string, string] => [name, String.fromCharCode(0xa0 + index)]),
  ["amp", "&"],
  ["lt", "<"],
  ["gt", ">"],
  ["quot", '"'],
]);
const ESCAPE_OR_ENTITY =
  /\\(?<escaped>[!-/:-@[-`{-~])|&(?:#(?<decimal>\d{1,7})|#[xX](?<hex>[\da-fA-F]{1,6})|(?<name>[A-Za-z][A-Za-z\d]{1,31}));/g;
const REPLACEMENT = "\ufffd";

/**
 * Returns the text after a fence of code without its escapes (CommonMark, 2.4 and 2.5). Of the two thousand names of HTML it knows
 * those of Latin-1; any other one stays as it was typed.
 */
export function unescapeInfo(info: string): string {
  return info.replace(ESCAPE_OR_ENTITY, (match, escaped, decimal, hex, name) => {
    if (escaped !== undefined) return escaped;
    if (name !== undefined) return ENTITIES.get(name) ?? match;
    return toCharacter(decimal === undefined ? Number.parseInt(hex, 16) : Number.parseInt(decimal, 10));
  });
}

function toCharacter(code: number): string {
  const isCharacter = code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);
  return isCharacter ? String.fromCodePoint(code) : REPLACEMENT;
}
