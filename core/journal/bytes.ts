/** Bytes and base 64 without a host: core knows neither Buffer nor streams. */

/** SHA-256 of bytes. The only thing that the journal's arithmetic needs of the world. */
export type HashBytes = (bytes: Uint8Array) => Uint8Array;

const standard = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** RFC 4648 §4, with padding. */
export function base64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const [a = 0, b = 0, c = 0] = [bytes[at], bytes[at + 1], bytes[at + 2]];
    const bits = (a << 16) | (b << 8) | c;
    const left = bytes.length - at;
    text += `${standard[bits >> 18]}${standard[(bits >> 12) & 63]}`;
    text += left > 1 ? standard[(bits >> 6) & 63] : '=';
    text += left > 2 ? standard[bits & 63] : '=';
  }
  return text;
}

/** The bytes, or undefined unless `text` is exactly what `base64` would write: one text for one value. */
export function fromBase64(text: string): Uint8Array | undefined {
  const pad = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  if (text.length % 4 !== 0) return undefined;
  const bytes = new Uint8Array((text.length / 4) * 3 - pad);
  for (let at = 0, to = 0; at < text.length; at += 4, to += 3) {
    let bits = 0;
    for (let step = 0; step < 4; step++) {
      const value = at + step >= text.length - pad ? 0 : standard.indexOf(text.charAt(at + step));
      if (value < 0) return undefined;
      bits = (bits << 6) | value;
    }
    for (let step = 0; step < 3 && to + step < bytes.length; step++) bytes[to + step] = (bits >> (16 - 8 * step)) & 255;
  }
  return base64(bytes) === text ? bytes : undefined;
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}
