import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';

/** A tree head that the log's key signed. */
export interface SignedHead {
  readonly origin: string;
  readonly size: number;
  /** Hexadecimal. */
  readonly root: string;
}

/** The log's public key, from a C2SP verifier key. */
export interface LogVerifier {
  readonly name: string;
  readonly keyId: Buffer;
  readonly key: KeyObject;
}

/** SPKI of an Ed25519 key up to the 32 bytes (RFC 8410 §4). */
const spkiHead = Buffer.from('302a300506032b6570032100', 'hex');

/** `<name>+<8 hex digits>+<base64 of 0x01 and 32 bytes>`; throws `RangeError` for anything else. */
export function readVerifierKey(vkey: string): LogVerifier {
  const [, name = '', id = '', encoded = ''] = /^([^+\s]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/.exec(vkey.trim()) ?? [];
  const bytes = strictBase64(encoded);
  if (bytes?.length !== 33 || bytes[0] !== 1)
    throw new RangeError('this is not the verifier key of a log (NAME+ID+KEY with an Ed25519 key)');
  const keyId = createHash('sha256').update(`${name}\n`).update(bytes).digest().subarray(0, 4);
  if (keyId.toString('hex') !== id) throw new RangeError('the verifier key is damaged: its id does not fit');
  const spki = Buffer.concat([spkiHead, bytes.subarray(1)]);
  return { name, keyId, key: createPublicKey({ key: spki, format: 'der', type: 'spki' }) };
}

/** The one encoding of the bytes: `Buffer` alone would take many texts for the same. */
function strictBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}

/** The head that `note` carries, or in words why it is not one that this key signed. */
export function readSignedHead(note: Buffer, log: LogVerifier): SignedHead | string {
  const text = note.toString('utf8');
  if (!Buffer.from(text, 'utf8').equals(note)) return 'the checkpoint is not UTF-8';
  const lines = text.split('\n');
  // Three lines of text, an empty one, and signatures to the end.
  const [origin = '', size = '', root = '', empty, ...signatures] = lines;
  if (empty !== '' || signatures.pop() !== '' || signatures.length === 0) return 'this is not a signed checkpoint';
  const rootBytes = strictBase64(root);
  if (origin === '' || !/^(0|[1-9][0-9]{0,15})$/.test(size) || rootBytes?.length !== 32)
    return 'this is not a checkpoint of a log';
  const signed = `${origin}\n${size}\n${root}\n`;
  const wrong = signatureFault(signatures, Buffer.from(signed), log, 'checkpoint');
  if (wrong !== undefined) return wrong;
  if (origin !== log.name)
    return `the checkpoint is of ${JSON.stringify(origin)}, the key of ${JSON.stringify(log.name)}`;
  return { origin, size: Number(size), root: rootBytes.toString('hex') };
}

/** What is wrong with the signature lines of a note, `what` being its name in words; undefined where this key signed `message`. */
export function signatureFault(
  lines: readonly string[],
  message: Buffer,
  log: LogVerifier,
  what: string,
): string | undefined {
  let good = 0;
  for (const line of lines) {
    const [dash, name, encoded = '', ...rest] = line.split(' ');
    const bytes = strictBase64(encoded);
    if (dash !== '—' || name === undefined || rest.length > 0 || bytes === undefined || bytes.length < 5)
      return `a signature line of the ${what} is malformed`;
    if (name !== log.name || !bytes.subarray(0, 4).equals(log.keyId)) continue;
    if (!verify(null, message, log.key, bytes.subarray(4))) return `the ${what}'s signature is wrong`;
    good++;
  }
  return good > 0 ? undefined : `the ${what} is not signed with this key`;
}
