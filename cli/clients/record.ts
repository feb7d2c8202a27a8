import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  PrivateFileError,
  readPrivate,
  readPrivateRecord,
  writePrivate,
} from '@sallyport/gateway/secret/private-file.ts';
import type { KeyPlace } from './key-store.ts';
import { sha256 } from './plan.ts';

/**
 * A file that `wrap` changed: what it was, and what it became (E3, E4). One that was edited before it was wrapped again stands on
 * the record once for each time, the earliest first, and is taken back the other way round.
 */
export interface ChangedFile {
  /** A client's id, or `gateway` for the gateway's own configuration. */
  readonly client: string;
  /** Where the file really lies. */
  readonly target: string;
  /** SHA-256 of what was written, hex. */
  readonly after: string;
  /** SHA-256 of what was there before, hex, under which it is kept; undefined where there was no file. */
  readonly before: string | undefined;
  /** SHA-256 of what `wrap` had written there before, hex: where writing again was cut short, it is there still. */
  readonly from?: string;
  /** Nothing of ours but hooks stands in it. */
  readonly hooksOnly?: true;
  /** Folders that were made for it, outermost first. */
  readonly madeDirs?: readonly string[];
}

export interface WrapRecord {
  readonly v: 1;
  readonly files: readonly ChangedFile[];
  /** Where the keys lie that were moved out of clients' files. */
  readonly secrets: readonly KeyPlace[];
}

const emptyRecord: WrapRecord = { v: 1, files: [], secrets: [] };

/** What `wrap` did on this machine, so that it can be taken back. It lies in the state directory, readable by its owner. */
export class WrapStore {
  readonly #dir: string;

  constructor(stateDir: string) {
    this.#dir = join(stateDir, 'wrapped');
  }

  /** Throws `PrivateFileError` where it was damaged: what was wrapped could not be taken back by one that is empty. */
  read(): WrapRecord {
    const file = join(this.#dir, 'record.json');
    if (readPrivate(file) === undefined) return emptyRecord;
    const record = readPrivateRecord(file) as WrapRecord | undefined;
    if (Array.isArray(record?.files) && Array.isArray(record.secrets)) return record;
    const where = 'restore it; beside it lies what was in your files before, in base64';
    throw new PrivateFileError(`${file} is not as it was written: ${where}`);
  }

  write(record: WrapRecord): void {
    mkdirSync(this.#dir, { recursive: true, mode: 0o700 });
    writePrivate(join(this.#dir, 'record.json'), `${JSON.stringify(record, undefined, 1)}\n`);
  }

  /** Keeps the bytes of a file, secrets that stand in it included. */
  keep(bytes: Buffer): string {
    mkdirSync(this.#dir, { recursive: true, mode: 0o700 });
    const name = sha256(bytes);
    writePrivate(join(this.#dir, `${name}.orig`), bytes.toString('base64'));
    return name;
  }

  kept(name: string): Buffer {
    const file = join(this.#dir, `${name}.orig`);
    const text = readPrivate(file);
    if (text === undefined) throw new Error(`the copy ${name.slice(0, 12)} is not there any more`);
    const bytes = Buffer.from(text, 'base64');
    if (sha256(bytes) !== name) throw new Error(`the copy ${name.slice(0, 12)} is damaged: restore ${file}`);
    return bytes;
  }

  /** Nothing is left behind once nothing is wrapped. */
  clear(): void {
    rmSync(this.#dir, { recursive: true, force: true });
  }

  /** Below which keys lie that no keychain holds. */
  get keyFolder(): string {
    return join(this.#dir, 'secrets');
  }
}
