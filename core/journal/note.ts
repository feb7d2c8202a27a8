import { base64, fromBase64, type HashBytes, sameBytes } from './bytes.ts';

/**
 * Signed notes and verifier keys, C2SP signed-note v1.0.0: a text, an empty line, and one line for each signature,
 * `— <key name> base64(key id ‖ signature)`.
 */

/** Signature type 0x01: Ed25519 over the note's text. */
const ed25519 = 1;

export interface NoteKey {
  readonly name: string;
  readonly id: Uint8Array;
  /** 32 bytes (RFC 8032). */
  readonly publicKey: Uint8Array;
}

export interface NoteSignature {
  readonly name: string;
  readonly keyId: Uint8Array;
  readonly signature: Uint8Array;
}

export interface Note {
  /** What is signed: ends with a line feed. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

const keyIdBytes = 4;
const signaturesMax = 64;
const keyName = /^[^\s+\p{Z}\p{Cc}]+$/u;

export function noteKey(name: string, publicKey: Uint8Array, sha256: HashBytes): NoteKey {
  if (!keyName.test(name)) throw new RangeError('a key name holds no space and no plus sign');
  const head = new TextEncoder().encode(`${name}\n`);
  const bytes = new Uint8Array([...head, ed25519, ...publicKey]);
  return { name, id: sha256(bytes).slice(0, keyIdBytes), publicKey };
}

/** `<name>+<hex key id>+<base64(type ‖ key)>` */
export function verifierKey(key: NoteKey): string {
  const id = [...key.id].map(byte => byte.toString(16).padStart(2, '0')).join('');
  return `${key.name}+${id}+${base64(new Uint8Array([ed25519, ...key.publicKey]))}`;
}

export function encodeNote(note: Note): string {
  const lines = note.signatures.map(({ name, keyId, signature }) => {
    return `— ${name} ${base64(new Uint8Array([...keyId, ...signature]))}\n`;
  });
  return `${note.text}\n${lines.join('')}`;
}

/** Undefined unless `encoded` is a note. Its signatures are not verified here. */
export function parseNote(encoded: string): Note | undefined {
  const end = encoded.lastIndexOf('\n\n');
  if (end < 0 || !encoded.endsWith('\n') || /[\x00-\x09\x0b-\x1f]/.test(encoded) || !encoded.isWellFormed())
    return undefined;
  const text = encoded.slice(0, end + 1);
  const lines = encoded.slice(end + 2, -1).split('\n');
  if (lines.length > signaturesMax) return undefined;
  const signatures: NoteSignature[] = [];
  for (const line of lines) {
    const parts = /^— ([^ ]+) ([A-Za-z0-9+/=]+)$/.exec(line);
    const bytes = fromBase64(parts?.[2] ?? '');
    if (parts === null || bytes === undefined || bytes.length <= keyIdBytes || !keyName.test(parts[1] ?? ''))
      return undefined;
    signatures.push({ name: parts[1] ?? '', keyId: bytes.slice(0, keyIdBytes), signature: bytes.slice(keyIdBytes) });
  }
  return { text, signatures };
}

/** Verifies an Ed25519 signature; node:crypto's `verify` behind a port. */
export type VerifyEd25519 = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean;

/**
 * The note's text, if `key` signed it. Signatures of other keys are ignored; one of this key that does not verify
 * spoils the note (signed-note, "Signatures").
 */
export function openNote(encoded: string, key: NoteKey, verify: VerifyEd25519): string | undefined {
  const note = parseNote(encoded);
  if (note === undefined) return undefined;
  const message = new TextEncoder().encode(note.text);
  const own = note.signatures.filter(({ name, keyId }) => name === key.name && sameBytes(keyId, key.id));
  const good = own.length > 0 && own.every(({ signature }) => verify(key.publicKey, message, signature));
  return good ? note.text : undefined;
}
