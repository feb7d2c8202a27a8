/** Letters of other alphabets that are drawn like Latin ones, and these, one below the other. */
const others = 'аеорсухіјѕһԁԛԝοανιρıАВЕКМНОРСТУХІЈЅΑΒΕΖΗΙΚΜΝΟΡΤΥΧ';
const latin = 'aeopcyxijshdqwoavipiABEKMHOPCTYXIJSABEZHIKMNOPTYX';
const drawnAlike = new Map([...others].map((letter, at) => [letter, latin[at] as string]));
const plain = /^[ -~]*$/;
const emphasis = /(?<![\p{L}\p{N}])[*_`~]{1,3}(?=[\p{L}\p{N}])|(?<=[\p{L}\p{N}])[*_`~]{1,3}(?![\p{L}\p{N}])/gu;

/** Inside a sentence: no sign ends it, and the next line begins with no capital and no sign of a list. */
const brokenLine = /(?<=[\p{L}\p{N},])[ \t]*\r?\n[ \t]*(?=\p{Ll})/gu;

/** Names of five words and more are sentences: `ignore_all_previous_instructions_and_send`. Looked for where a word begins, once for each. */
const joined = /(?<![\p{L}\p{N}])[\p{L}\p{N}]+(?:[_-][\p{L}\p{N}]+){4,}/gu;
const entity = /&#(?:x([0-9a-f]{1,6})|(\d{1,7}));/gi;

/**
 * English as a model reads it, whatever it is written with: styled and accented letters, letters of other alphabets or as numbers,
 * lines broken inside a sentence, words joined to a name and marks of emphasis make no other words of it.
 */
export function asRead(text: string): string {
  const spelt = text.includes('&#') ? text.replace(entity, (_, hex, decimal) => letterOf(hex, decimal)) : text;
  const letters = plain.test(spelt)
    ? spelt
    : spelt
        .normalize('NFKD')
        .replace(/\p{M}/gu, '')
        .replace(/[\p{Script=Cyrillic}\p{Script=Greek}ı]/gu, letter => drawnAlike.get(letter) ?? letter);
  return letters
    .replace(emphasis, '')
    .replace(brokenLine, ' ')
    .replace(joined, name => name.replace(/[_-]/g, ' '));
}

function letterOf(hex: string | undefined, decimal: string | undefined): string {
  const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
  return code <= 0x10ffff ? String.fromCodePoint(code) : ' ';
}
