const encoder = new TextEncoder();
const page = new Uint8Array(64 * 1024);
/** What stands in the page. */
let last = '';
/** Stands for every character that is not ASCII. */
const other = 0x80;
/** So many zeros come after the last character. */
const endZeros = 3;

/**
 * A byte for each character of `text`, and three zeros after the last; good until the next text. Whoever looks for ASCII
 * reads these in half the time that the characters of a string take, one by one. A body is asked for twice: where it is searched
 * for secrets, and where it is cut.
 */
export function charsOf(text: string): Uint8Array {
  if (text === last) return page;
  const end = text.length;
  const isShort = end + endZeros <= page.length;
  const chars = isShort ? page : new Uint8Array(end + endZeros);
  if (isShort) last = text;
  const { read, written } = encoder.encodeInto(text, chars);
  if (read < end || written > end)
    for (let at = 0; at < end; at++) {
      const unit = text.charCodeAt(at);
      chars[at] = unit < other ? unit : other;
    }
  for (let zero = 0; zero < endZeros; zero++) chars[end + zero] = 0;
  return chars;
}
