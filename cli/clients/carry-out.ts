import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { foldersMissing, removeMadeFolders } from '../made-folders.ts';
import { type KeychainHost, putKeys, thisHost } from './key-store.ts';
import { changes, sha256 } from './plan.ts';
import type { ChangedFile, WrapStore } from './record.ts';
import { bytesOf, replaceFile } from './replace-file.ts';
import type { WrapPlan } from './wrap.ts';

/** A file that could not be written; it is as it was. */
export interface NotWritten {
  readonly target: string;
  readonly why: string;
}

/**
 * Writes what was planned: keys and our own side first, so that a crash leaves clients that still work. Each step is on the
 * record before it is taken: whatever was reached, `unwrap` takes it back. Throws where a key cannot be kept; then nothing is
 * changed.
 */
export function carryOut(plan: WrapPlan, store: WrapStore, host: KeychainHost = thisHost): readonly NotWritten[] {
  const record = store.read();
  const places = plan.keys.map(({ place }) => place);
  const fresh = places.filter(place => !record.secrets.some(each => isDeepStrictEqual(each, place)));
  store.write({ ...record, secrets: [...record.secrets, ...fresh] });
  try {
    putKeys(plan.keys, host);
  } catch (thrown) {
    store.write(record);
    throw thrown;
  }
  const failed: NotWritten[] = [];
  const put = (client: string, target: string, after: Buffer, hooks = false): void => {
    const before = bytesOf(target);
    if (before?.equals(after) === true) return;
    try {
      change(store, { client, target, before, after, hooks });
    } catch (thrown) {
      const { code } = thrown as NodeJS.ErrnoException;
      // Without our own side no client has anywhere to go.
      if (code === undefined || client === 'gateway') throw thrown;
      failed.push({ target, why: `cannot be written (${code})` });
    }
  };
  put('gateway', plan.config.target, plan.config.after);
  for (const file of plan.files) if (changes(file)) put(file.client.id, file.target, file.after);
  for (const { target, file, after } of plan.hooks) put(target.client, file, after, true);
  return failed;
}

interface Change {
  readonly client: string;
  readonly target: string;
  readonly before: Buffer | undefined;
  readonly after: Buffer;
  readonly hooks: boolean;
}

function change(store: WrapStore, { client, target, before, after, hooks }: Change): void {
  const record = store.read();
  const last = record.files.findLast(file => file.target === target);
  const now = before && sha256(before);
  // As the last wrap left it, or as it was where that was cut short: what was there before then is what there is to go back to.
  const isLasts =
    now === undefined ? last?.before === undefined : [last?.after, last?.from, last?.before].includes(now);
  const goesOn = last !== undefined && isLasts;
  const original = goesOn ? last.before : before && store.keep(before);
  const dir = dirname(target);
  const madeDirs = [...((goesOn && last.madeDirs) || []), ...foldersMissing(dir)];
  const file: ChangedFile = {
    ...{ client, target, before: original, after: store.keep(after) },
    ...(now === undefined || now === original ? {} : { from: now }),
    ...(madeDirs.length === 0 ? {} : { madeDirs: [...new Set(madeDirs)] }),
    ...(hooks && (!goesOn || last.hooksOnly) ? { hooksOnly: true } : {}),
  };
  store.write({ ...record, files: [...record.files.filter(each => !goesOn || each !== last), file] });
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    replaceFile(target, after);
  } catch (thrown) {
    removeMadeFolders(madeDirs);
    store.write(record);
    throw thrown;
  }
}
