import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { closeSync, constants, fsyncSync, openSync, readSync, statSync, truncateSync, writeSync } from 'node:fs';
import type { DurableFile, OpenDurableFile } from './durable.ts';
import { JournalFault } from './fault.ts';

/**
 * One random key a task, wrapped under the state directory's key: erasing the task's records makes its bodies
 * unreadable for good, wherever copies of them lie. Records of 128 bytes:
 *
 *     u8 used | task id, 32 bytes, zero-padded | 12 bytes nonce | 32 bytes wrapped key | 16 bytes tag | zeros
 *
 * A body names the record of its key, so nothing has to be loaded at start: after a restart, or when it fell out of
 * memory, a task simply gets a further key.
 */
const recordBytes = 128;
const taskBytes = 32;
const wrapped = { nonce: 1 + taskBytes, key: 1 + taskBytes + 12, tag: 1 + taskBytes + 44, end: 1 + taskBytes + 60 };
/** Keys held in memory. */
const taskKeysMax = 2_000;

export interface TaskKey {
  readonly key: KeyObject;
  readonly record: number;
}

export class TaskKeys {
  readonly #path: string;
  readonly #over: KeyObject;
  readonly #file: DurableFile;
  readonly #keys = new Map<string, TaskKey>();
  #count: number;
  #unwritten: Buffer[] = [];

  constructor(path: string, over: KeyObject, openFile: OpenDurableFile) {
    this.#path = path;
    this.#over = over;
    this.#file = openFile(path);
    // A record that a crash cut off was not acknowledged: nothing uses it.
    this.#count = Math.floor(statSync(path).size / recordBytes);
    truncateSync(path, this.#count * recordBytes);
  }

  keyFor(task: string): TaskKey {
    const known = this.#keys.get(task);
    if (known !== undefined) return known;
    const secret = randomBytes(32);
    this.#unwritten.push(this.#wrap(task, secret));
    const made = { key: createSecretKey(secret), record: this.#count++ };
    secret.fill(0);
    const oldest = this.#keys.size < taskKeysMax ? undefined : this.#keys.keys().next().value;
    if (oldest !== undefined) this.#keys.delete(oldest);
    this.#keys.set(task, made);
    return made;
  }

  get isWritten(): boolean {
    return this.#unwritten.length === 0;
  }

  /** New keys have to be on disk before the batch that uses them is. */
  async flush(): Promise<void> {
    if (this.#unwritten.length === 0) return;
    const records = this.#unwritten;
    this.#unwritten = [];
    await this.#file.append(records);
  }

  read(record: number, task: string): KeyObject | undefined {
    return readTaskKey(this.#path, this.#over, record, task);
  }

  /** Erases every key of `task`, durably; returns how many there were. What is still queued of it is lost as well. */
  erase(task: string): number {
    this.#keys.delete(task);
    const name = padded(task);
    const fd = openSync(this.#path, constants.O_RDWR);
    try {
      const record = Buffer.alloc(recordBytes);
      let erased = 0;
      for (let at = 0; readSync(fd, record, 0, recordBytes, at) === recordBytes; at += recordBytes) {
        if (record[0] === 0 || !record.subarray(1, 1 + taskBytes).equals(name)) continue;
        writeSync(fd, Buffer.alloc(recordBytes), 0, recordBytes, at);
        erased++;
      }
      fsyncSync(fd);
      return erased;
    } finally {
      closeSync(fd);
    }
  }

  close(): void {
    this.#file.close();
  }

  #wrap(task: string, secret: Buffer): Buffer {
    const record = Buffer.alloc(recordBytes);
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', this.#over, nonce);
    cipher.setAAD(padded(task));
    record[0] = 1;
    padded(task).copy(record, 1);
    nonce.copy(record, wrapped.nonce);
    Buffer.concat([cipher.update(secret), cipher.final()]).copy(record, wrapped.key);
    cipher.getAuthTag().copy(record, wrapped.tag);
    return record;
  }
}

/** The key in `record` of the file `path`, which must be `task`'s; undefined if it was erased. Changes nothing. */
export function readTaskKey(path: string, over: KeyObject, record: number, task: string): KeyObject | undefined {
  const bytes = Buffer.alloc(recordBytes);
  const fd = openSync(path, 'r');
  try {
    if (readSync(fd, bytes, 0, recordBytes, record * recordBytes) < recordBytes)
      throw new JournalFault('body-damaged', `${path} has no record ${record}`);
  } finally {
    closeSync(fd);
  }
  if (bytes[0] === 0) return undefined;
  const opener = createDecipheriv('aes-256-gcm', over, bytes.subarray(wrapped.nonce, wrapped.key));
  opener.setAAD(padded(task));
  opener.setAuthTag(bytes.subarray(wrapped.tag, wrapped.end));
  try {
    return createSecretKey(Buffer.concat([opener.update(bytes.subarray(wrapped.key, wrapped.tag)), opener.final()]));
  } catch (thrown) {
    throw new JournalFault('body-damaged', `record ${record} of ${path} cannot be opened`, thrown);
  }
}

function padded(task: string): Buffer {
  const name = Buffer.alloc(taskBytes);
  if (name.write(task, 'utf8') < Buffer.byteLength(task)) throw new RangeError('a task id is longer than 32 bytes');
  return name;
}
