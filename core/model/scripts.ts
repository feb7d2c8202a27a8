/** Letters of more than one script in one word: `аmazon` with a Cyrillic а looks like another word. */
export function mixesScripts(text: string): boolean {
  return wordOfScripts(text) !== undefined;
}

/** The first word in which they stand. */
export function wordOfScripts(text: string): string | undefined {
  if (plain.test(text)) return undefined;
  return text.split(/[^\p{L}\p{M}]+/u).find(word => scripts.filter(script => script.test(word)).length > 1);
}

const plain = /^[\t\n\x20-\x7e]*$/;
const scripts = [/\p{Script=Latin}/u, /\p{Script=Cyrillic}/u, /\p{Script=Greek}/u, /\p{Script=Armenian}/u];
