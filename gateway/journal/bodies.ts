import { createCipheriv, createDecipheriv, type KeyObject, randomBytes } from 'node:crypto';
import { commitment } from '@sallyport/core/journal/commitment.ts';
import { checkFields } from '@sallyport/core/journal/entry.ts';
import { type Mark, redactJson } from '@sallyport/core/journal/redact.ts';
import type { Bodies } from '@sallyport/core/model/entry.ts';
import { JournalFault } from './fault.ts';
import { sha256Text } from './hash.ts';

/** A field of a body that is longer is not kept: a marker with a commitment stands for it. */
export const bodyFieldCharsMax = 1024 * 1024;

/** One field as it was stored, and the salt that opens its commitment. */
export interface BodyField {
  readonly text: string;
  readonly salt: string;
}

/** What was kept of a body. `marks` opens the commitments that stand in its markers: from commitment to salt. */
export interface StoredBody {
  readonly fields: Readonly<Record<string, BodyField>>;
  readonly marks: Readonly<Record<string, string>>;
}

export interface PreparedBody {
  readonly commitments: Readonly<Record<string, string>>;
  readonly body: StoredBody;
}

/** Redacts, salts and commits. `secretMembers` are names that the tool's schema marks as secret. */
export function prepareBody(bodies: Bodies, secretMembers: ReadonlySet<string>): PreparedBody {
  checkFields(bodies);
  const fields: Record<string, BodyField> = {};
  const commitments: Record<string, string> = {};
  const marks: Record<string, string> = {};
  const mark: Mark = (rule, secret) => {
    const salt = newSalt();
    const committed = commitment('redacted', salt, secret, sha256Text);
    marks[committed] = salt;
    return `[redacted ${rule} ${committed}]`;
  };
  for (const [name, given] of Object.entries(bodies)) {
    const whole = given.isWellFormed() ? given : given.toWellFormed();
    const text =
      whole.length > bodyFieldCharsMax
        ? JSON.stringify(mark(`text of ${whole.length} characters`, whole))
        : redactJson(whole, mark, secretMembers);
    const salt = newSalt();
    fields[name] = { text, salt };
    commitments[name] = commitment(name, salt, text, sha256Text);
  }
  return { commitments, body: { fields, marks } };
}

const saltChars = 22;
let salts = '';
let saltAt = 0;

/** 132 random bits in base64url, drawn in blocks: one system call for some hundred salts. */
function newSalt(): string {
  if (saltAt + saltChars > salts.length) [salts, saltAt] = [randomBytes(6_144).toString('base64url'), 0];
  saltAt += saltChars;
  return salts.slice(saltAt - saltChars, saltAt);
}

const nonceBytes = 12;
const tagBytes = 16;
let nonces = Buffer.alloc(0);

/** Random nonces: a sequence number may come twice after a crash, and then with another text. */
function newNonce(): Buffer {
  if (nonces.length < nonceBytes) nonces = randomBytes(3_072);
  const nonce = nonces.subarray(0, nonceBytes);
  nonces = nonces.subarray(nonceBytes);
  return nonce;
}

/**
 * Frame of a body, big-endian: u32 bytes after this, u48 seq, u32 record of the task's key, 12 bytes nonce,
 * AES-256-GCM over the packed body, 16 bytes tag. Associated data: tenant, entry id and seq.
 */
const frameHeadBytes = 4 + 6 + 4 + nonceBytes;

export interface BodyAddress {
  readonly tenant: string;
  readonly id: string;
  readonly seq: number;
}

export function sealBody(body: StoredBody, address: BodyAddress, key: KeyObject, record: number): Buffer {
  const nonce = newNonce();
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(associated(address));
  const sealed = cipher.update(pack(body), 'utf8');
  cipher.final();
  const frame = Buffer.allocUnsafe(frameHeadBytes + sealed.length + tagBytes);
  frame.writeUInt32BE(frame.length - 4, 0);
  frame.writeUIntBE(address.seq, 4, 6);
  frame.writeUInt32BE(record, 10);
  nonce.copy(frame, 14);
  sealed.copy(frame, frameHeadBytes);
  cipher.getAuthTag().copy(frame, frameHeadBytes + sealed.length);
  return frame;
}

export interface BodyFrame {
  readonly seq: number;
  readonly record: number;
  readonly bytes: Buffer;
}

/** The frames of one batch. Its checksum held, so lengths can be relied on. */
export function* bodyFrames(bodies: Buffer): Generator<BodyFrame> {
  for (let at = 0; at + frameHeadBytes <= bodies.length; ) {
    const end = at + 4 + bodies.readUInt32BE(at);
    const bytes = bodies.subarray(at, end);
    yield { seq: bytes.readUIntBE(4, 6), record: bytes.readUInt32BE(10), bytes };
    at = end;
  }
}

export function openBody(frame: BodyFrame, address: BodyAddress, key: KeyObject): StoredBody {
  const { bytes } = frame;
  const opener = createDecipheriv('aes-256-gcm', key, bytes.subarray(14, frameHeadBytes));
  opener.setAAD(associated(address));
  opener.setAuthTag(bytes.subarray(bytes.length - tagBytes));
  try {
    const sealed = bytes.subarray(frameHeadBytes, bytes.length - tagBytes);
    return unpack(Buffer.concat([opener.update(sealed), opener.final()]).toString('utf8'));
  } catch (thrown) {
    throw new JournalFault('body-damaged', `the body of entry ${address.seq} was altered`, thrown);
  }
}

function associated({ tenant, id, seq }: BodyAddress): Buffer {
  return Buffer.from(`sallyport body v1\n${tenant}\n${id}\n${seq}`, 'utf8');
}

/** For each field a line `name salt characters` and the text; then for each marker a line `~ commitment salt`. */
function pack({ fields, marks }: StoredBody): string {
  let text = '';
  for (const name in fields) {
    const field = fields[name];
    if (field !== undefined) text += `${name} ${field.salt} ${field.text.length}\n${field.text}\n`;
  }
  for (const committed in marks) text += `~ ${committed} ${marks[committed]}\n`;
  return text;
}

function unpack(packed: string): StoredBody {
  const fields: Record<string, BodyField> = {};
  const marks: Record<string, string> = {};
  for (let at = 0; at < packed.length; ) {
    const end = packed.indexOf('\n', at);
    const [name = '', second = '', third = ''] = packed.slice(at, end).split(' ');
    at = end + 1;
    if (name === '~') {
      marks[second] = third;
      continue;
    }
    const length = Number(third);
    fields[name] = { salt: second, text: packed.slice(at, at + length) };
    at += length + 1;
  }
  return { fields, marks };
}
