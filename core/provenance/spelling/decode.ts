/**
 * What a value says if all of it is percent-encoded, hex, base64 or escaped by one step, and is printable then: this finds a hidden copy
 * of what was read, and is no decoder.
 */
export function* decodings(value: string): Generator<string> {
  if (value.length < 6) return;
  for (const decode of [percent, unicodeEscapes, htmlEntities, hex, base64]) {
    const decoded = decode(value);
    if (decoded !== undefined && decoded !== value && decoded.trim() !== '') yield decoded;
  }
}

function percent(text: string): string | undefined {
  if (!/%[0-9a-f]{2}/i.test(text)) return undefined;
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function unicodeEscapes(text: string): string | undefined {
  if (!/\\(?:u[0-9a-f]{4}|x[0-9a-f]{2})/i.test(text)) return undefined;
  return text.replace(/\\(?:u([0-9a-f]{4})|x([0-9a-f]{2}))/gi, (_, long?: string, short?: string) =>
    String.fromCharCode(Number.parseInt(long ?? short ?? '0', 16)),
  );
}

function htmlEntities(text: string): string | undefined {
  if (!/&#x?[0-9a-f]+;/i.test(text)) return undefined;
  return text.replace(/&#(x?)([0-9a-f]{1,6});/gi, (whole, isHex: string, digits: string) => {
    const point = Number.parseInt(digits, isHex === '' ? 10 : 16);
    return point > 0 && point < 0x11_0000 ? String.fromCodePoint(point) : whole;
  });
}

function hex(text: string): string | undefined {
  const plain = text.replace(/^0x|[\s:]/g, '');
  if (!/^(?:[0-9a-f]{2}){4,}$/i.test(plain)) return undefined;
  return printable(plain.replace(/../g, pair => String.fromCharCode(Number.parseInt(pair, 16))));
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Base64 and base64url (RFC 4648 §4, §5), padded or not. */
function base64(text: string): string | undefined {
  const plain = text
    .replaceAll('-', '+')
    .replaceAll('_', '/')
    .replace(/(?<!=)=+$/, '');
  if (!/^[A-Za-z0-9+/]{8,}$/.test(plain) || plain.length % 4 === 1) return undefined;
  let bits = 0;
  let value = 0;
  let decoded = '';
  for (const char of plain) {
    value = (value << 6) | alphabet.indexOf(char);
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    decoded += String.fromCharCode((value >> bits) & 0xff);
    value &= (1 << bits) - 1;
  }
  return printable(decoded);
}

function printable(text: string): string | undefined {
  return /^[\t\n\r\x20-\x7e]+$/.test(text) ? text : undefined;
}
