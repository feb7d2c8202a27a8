const encoder = new TextEncoder();
const page = new Uint8Array(64 * 1024);
/** Stands for every character that is not ASCII. */
const other = 0x80;
/** So many zeros come after the last character. */
const endZeros = 3;

/**
 * A byte for each character of `text`, and three zeros after the last; good until the next text. Whoever looks for ASCII
 * reads these in half the time that the characters of a string take, one by one.
 */
export function charsOf(text: string): Uint8Array {
  const end = text.length;
  const chars = end + endZeros <= page.length ? page : new Uint8Array(end + endZeros);
  const { read, written } = encoder.encodeInto(text, chars);
  if (read < end || written > end)
    for (let at = 0; at < end; at++) {
      const unit = text.charCodeAt(at);
      chars[at] = unit < other ? unit : other;
    }
  chars.fill(0, end, end + endZeros);
  return chars;
}
