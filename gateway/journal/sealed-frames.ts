import { createCipheriv, createDecipheriv, type KeyObject, randomBytes } from 'node:crypto';
import { JournalFault } from './fault.ts';
import type { TaskKey } from './task-keys.ts';

/**
 * The bodies of one task in one batch, sealed together (one pass of the cipher, whatever their number). Big-endian:
 *
 *     u32 bytes after this | u32 record of the task's key | task id, 32 bytes, zero-padded | 12 bytes nonce
 *     AES-256-GCM over the packed bodies, 16 bytes tag
 *
 * Associated data: tenant, task and the batch's first entry. Nonces are random: the number of an entry may come twice
 * after a crash, and then with another text.
 */
const taskBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;
const headBytes = 4 + 4 + taskBytes + nonceBytes;

export interface FrameAddress {
  readonly tenant: string;
  readonly task: string;
  /** First entry of the batch. */
  readonly firstSeq: number;
}

/** Writes the frame to where `room` gives so many bytes. */
export function sealFrame(
  packed: string,
  address: FrameAddress,
  { key, record }: TaskKey,
  room: (bytes: number) => Buffer,
): void {
  const nonce = newNonce();
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(associated(address));
  const sealed = cipher.update(packed, 'utf8');
  cipher.final();
  const frame = room(headBytes + sealed.length + tagBytes);
  frame.writeUInt32BE(frame.length - 4, 0);
  frame.writeUInt32BE(record, 4);
  frame.fill(0, 8, 8 + taskBytes);
  frame.write(address.task, 8, taskBytes, 'utf8');
  nonce.copy(frame, 8 + taskBytes);
  sealed.copy(frame, headBytes);
  cipher.getAuthTag().copy(frame, headBytes + sealed.length);
}

/** The frame of `task` among those of one batch, whose checksum held: its lengths can be relied on. */
export function findFrame(frames: Buffer, task: string): Buffer | undefined {
  const name = Buffer.alloc(taskBytes);
  name.write(task, 'utf8');
  for (let at = 0; at + headBytes <= frames.length; ) {
    const end = at + 4 + frames.readUInt32BE(at);
    if (frames.subarray(at + 8, at + 8 + taskBytes).equals(name)) return frames.subarray(at, end);
    at = end;
  }
  return undefined;
}

/** Number of the record in which the frame's key is kept. */
export function keyRecordOf(frame: Buffer): number {
  return frame.readUInt32BE(4);
}

export function openFrame(frame: Buffer, address: FrameAddress, key: KeyObject): string {
  const opener = createDecipheriv('aes-256-gcm', key, frame.subarray(8 + taskBytes, headBytes));
  opener.setAAD(associated(address));
  opener.setAuthTag(frame.subarray(frame.length - tagBytes));
  try {
    const sealed = frame.subarray(headBytes, frame.length - tagBytes);
    return Buffer.concat([opener.update(sealed), opener.final()]).toString('utf8');
  } catch (thrown) {
    throw new JournalFault('body-damaged', `bodies stored with entry ${address.firstSeq} were altered`, thrown);
  }
}

function associated({ tenant, task, firstSeq }: FrameAddress): Buffer {
  return Buffer.from(`sallyport bodies v1\n${tenant}\n${task}\n${firstSeq}`, 'utf8');
}

let nonces = Buffer.alloc(0);
let noncesAt = 0;

/** Drawn in blocks: one system call for some hundred. */
function newNonce(): Buffer {
  if (noncesAt === nonces.length) [nonces, noncesAt] = [randomBytes(256 * nonceBytes), 0];
  noncesAt += nonceBytes;
  return nonces.subarray(noncesAt - nonceBytes, noncesAt);
}
