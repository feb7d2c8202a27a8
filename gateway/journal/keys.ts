import {
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
  verify,
} from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { encodeNote, type NoteKey, noteKey, openNote, verifierKey } from '@sallyport/core/journal/note.ts';
import { writeFileDurably } from './durable.ts';
import { damaged, JournalFault } from './fault.ts';
import { sha256Bytes } from './hash.ts';
import type { Layout } from './layout.ts';

/** The log's identity: it signs checkpoints as `origin`. */
export interface LogKey {
  readonly origin: string;
  /** C2SP verifier key: what a verifier needs, and nothing secret. */
  readonly vkey: string;
  /** `text` as a signed note. */
  readonly signNote: (text: string) => string;
  /** The text of a note that this key signed; undefined for any other. */
  readonly openNote: (note: string) => string | undefined;
}

/** Opens `keys/log.pem` (Ed25519, PKCS #8, mode 0600), or makes it for a journal of which there is nothing yet. */
export async function openLogKey(layout: Layout, origin: string): Promise<LogKey> {
  const path = join(layout.keys, 'log.pem');
  const pem = await openSecret(path, leftOf(layout), () => {
    return generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' });
  });
  const privateKey = privateKeyIn(pem);
  if (privateKey?.asymmetricKeyType !== 'ed25519')
    throw new JournalFault('damaged', `${path} does not hold an Ed25519 key; restore it`);
  const publicKey = createPublicKey(privateKey);
  const key = noteKey(origin, rawPublicKey(publicKey), sha256Bytes);
  return {
    origin,
    vkey: verifierKey(key),
    signNote: text => signedNote(text, key, privateKey),
    openNote: note => openNote(note, key, (_raw, message, signature) => verify(null, message, publicKey, signature)),
  };
}

/** Why the key that signs for it cannot be made anew. */
function leftOf({ dir, checkpoint, entries, batches, vkey }: Layout): string | undefined {
  const holds = (folder: string): boolean => existsSync(folder) && readdirSync(folder).length > 0;
  const left = existsSync(checkpoint)
    ? 'a checkpoint was signed with it'
    : holds(entries) || holds(batches)
      ? 'there are entries that it signed for'
      : existsSync(vkey)
        ? 'its public half is there'
        : undefined;
  return left && `${left}; restore it, or move ${dir} away to begin a record that knows no task and no stop`;
}

function privateKeyIn(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined;
  }
}

function signedNote(text: string, key: NoteKey, privateKey: KeyObject): string {
  const signature = sign(null, Buffer.from(text, 'utf8'), privateKey);
  return encodeNote({ text, signatures: [{ name: key.name, keyId: key.id, signature }] });
}

/** The 32 bytes of RFC 8032, which stand at the end of an SPKI structure. */
function rawPublicKey(publicKey: KeyObject): Uint8Array {
  return new Uint8Array(publicKey.export({ type: 'spki', format: 'der' }).subarray(-32));
}

/** Opens `keys/bodies.key`, the key under which the tasks' keys are wrapped, or makes it where there is nothing that it opens. */
export async function openBodiesKey({ keys, batches }: Layout): Promise<KeyObject> {
  const path = join(keys, 'bodies.key');
  const neededBy = readdirSync(batches).length > 0 ? 'there are batches whose bodies it opens; restore it' : undefined;
  return bodiesKey(path, await openSecret(path, neededBy, () => `${randomBytes(32).toString('base64')}\n`));
}

/** The same for who only reads: makes nothing. */
export function readBodiesKey(dir: string): KeyObject {
  const path = join(dir, 'bodies.key');
  return bodiesKey(path, readFileSync(path, 'utf8'));
}

function bodiesKey(path: string, text: string): KeyObject {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length !== 32) throw new JournalFault('damaged', `${path} does not hold a key of 32 bytes; restore it`);
  return createSecretKey(bytes);
}

/** A file that only its owner may read; one that others may read is refused rather than repaired silently. */
async function openSecret(path: string, neededBy: string | undefined, make: () => string | Buffer): Promise<string> {
  if (!existsSync(path)) {
    if (neededBy !== undefined) throw damaged(path, 0, `this key is missing, and ${neededBy}`);
    await writeFileDurably(path, make().toString());
  }
  if (process.platform !== 'win32' && (statSync(path).mode & 0o077) !== 0)
    throw new JournalFault('damaged', `${path} holds a key and others may read it; close it with: chmod 600 ${path}`);
  return readFileSync(path, 'utf8');
}
