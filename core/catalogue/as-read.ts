/** Letters of other alphabets that are drawn like Latin ones. */
const drawnAlike = new Map(
  [
    'аa',
    'еe',
    'оo',
    'рp',
    'сc',
    'уy',
    'хx',
    'іi',
    'јj',
    'ѕs',
    'һh',
    'ԁd',
    'ԛq',
    'ԝw',
    'οo',
    'αa',
    'νv',
    'ιi',
    'ρp',
    'ıi',
  ]
    .concat(['АA', 'ВB', 'ЕE', 'КK', 'МM', 'НH', 'ОO', 'РP', 'СC', 'ТT', 'УY', 'ХX', 'ІI', 'ЈJ', 'ЅS'])
    .concat(['ΑA', 'ΒB', 'ΕE', 'ΖZ', 'ΗH', 'ΙI', 'ΚK', 'ΜM', 'ΝN', 'ΟO', 'ΡP', 'ΤT', 'ΥY', 'ΧX'])
    .map(([other = '', latin = '']): [string, string] => [other, latin]),
);
const plain = /^[ -~]*$/;
const emphasis = /(?<![\p{L}\p{N}])[*_`~]{1,3}(?=[\p{L}\p{N}])|(?<=[\p{L}\p{N}])[*_`~]{1,3}(?![\p{L}\p{N}])/gu;

/** Inside a sentence: no sign ends it, and the next line begins with no capital and no sign of a list. */
const brokenLine = /(?<=[\p{L}\p{N},])[ \t]*\r?\n[ \t]*(?=\p{Ll})/gu;

/**
 * English as a model reads it, whatever it is written with: styled and accented letters, letters of other alphabets, lines broken
 * inside a sentence, and marks of emphasis make no other words of it.
 */
export function asRead(text: string): string {
  const letters = plain.test(text)
    ? text
    : text
        .normalize('NFKD')
        .replace(/\p{M}/gu, '')
        .replace(/[\p{Script=Cyrillic}\p{Script=Greek}ı]/gu, letter => drawnAlike.get(letter) ?? letter);
  return letters.replace(emphasis, '').replace(brokenLine, ' ');
}
