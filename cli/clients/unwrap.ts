import { renameSync, rmSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { parseConfig } from '@sallyport/gateway/app/config.ts';
import { removeMadeFolders } from '../made-folders.ts';
import { editDocument, readDocument } from './edit/document.ts';
import type { Edit } from './edit/edit.ts';
import { firstConfig, packDir } from './gateway-config.ts';
import { withoutHooks } from './hooks/edit.ts';
import { withoutPlugin } from './hooks/openclaw.ts';
import { dropKey, type KeychainHost, type KeyPlace, thisHost } from './key-store.ts';
import { isOurs, memberAt, placesIn, sha256 } from './plan.ts';
import { bytesOf, type ChangedFile, replaceFile, type WrapStore } from './record.ts';
import { isRecord } from './shape.ts';
import type { Client } from './table.ts';
import { takeBack } from './take-back.ts';

/** What `unwrap` does with one file. */
export type Undo =
  /** It is as `wrap` left it, or nothing but ours stands in it: its bytes come back, every one (E4). */
  | { readonly kind: 'restore'; readonly file: ChangedFile; readonly before: Buffer | undefined }
  /** It was changed since: our entries alone are undone. */
  | {
      readonly kind: 'entries';
      readonly file: ChangedFile;
      readonly now: Buffer;
      readonly after: Buffer;
      readonly names: readonly string[];
      /** Nothing else changes, to the byte; otherwise our entries are taken out and the lines around them laid out anew. */
      readonly exact: boolean;
    }
  /** A program of ours that somebody edited: it goes out of the client's way, and is kept under another name. */
  | { readonly kind: 'aside'; readonly file: ChangedFile; readonly to: string }
  | { readonly kind: 'gone'; readonly file: ChangedFile }
  | { readonly kind: 'stuck'; readonly file: ChangedFile; readonly why: string };

export function planUndo(files: readonly ChangedFile[], clients: readonly Client[], store: WrapStore): Undo[] {
  return files.map(file => {
    const now = bytesOf(file.target);
    if (now === undefined) return { kind: 'gone', file };
    try {
      const before = file.before === undefined ? undefined : store.kept(file.before);
      if (sha256(now) === file.after) return { kind: 'restore', file, before };
      if (file.client === 'gateway') return undoConfig(file, now, before, store);
      if (file.hooksOnly && file.target.endsWith('.js')) return { kind: 'aside', file, to: `${file.target}.edited` };
      return undoEdited(file, now, before, clients, store);
    } catch (thrown) {
      return { kind: 'stuck', file, why: (thrown as Error).message };
    }
  });
}

/** A client's file that was edited since: line by line where that comes to the same, entry by entry otherwise. */
function undoEdited(
  file: ChangedFile,
  now: Buffer,
  before: Buffer | undefined,
  clients: readonly Client[],
  store: WrapStore,
): Undo {
  const client = clients.find(({ id }) => id === file.client);
  const format = file.hooksOnly ? 'json' : client?.format;
  if (format === undefined || (before === undefined && !file.hooksOnly))
    return { kind: 'stuck', file, why: 'it was changed since, so it is yours: take out by hand what you do not want' };
  const takeOut = (text: string): { readonly after: string; readonly names: readonly string[] } =>
    client === undefined || before === undefined || file.hooksOnly
      ? { after: withoutOurs(text), names: ['hooks'] }
      : undoEntries(client, before.toString('utf8'), text);
  const text = now.toString('utf8');
  const { after, names } = takeOut(text);
  const meant = readDocument(format, after);
  const written = store.kept(file.after).toString('utf8');
  if (before === undefined && isDeepStrictEqual(meant, readDocument(format, takeOut(written).after)))
    return { kind: 'restore', file, before };
  const lines = takeBack(before?.toString('utf8') ?? '', written, text);
  const exact = lines !== undefined && isDeepStrictEqual(readOrNot(format, lines), meant);
  return { kind: 'entries', file, now, after: Buffer.from(exact ? lines : after), names, exact };
}

/** A JSON file without hooks or plugins of ours. */
function withoutOurs(text: string): string {
  return withoutPlugin(withoutHooks(text));
}

function readOrNot(format: Client['format'], text: string): unknown {
  try {
    return readDocument(format, text);
  } catch {
    return undefined;
  }
}

/** The gateway's own configuration, edited since: what `wrap` added goes, if what is left can still be started with. */
function undoConfig(file: ChangedFile, now: Buffer, before: Buffer | undefined, store: WrapStore): Undo {
  const first = before?.toString('utf8') ?? firstConfig(packDir);
  const after = takeBack(first, store.kept(file.after).toString('utf8'), now.toString('utf8'));
  if (after === undefined || !isConfig(file.target, after))
    return { kind: 'stuck', file, why: 'you changed what stands next to ours: take out by hand what you do not want' };
  return { kind: 'entries', file, now, after: Buffer.from(after), names: ['what wrap added'], exact: true };
}

function isConfig(file: string, text: string): boolean {
  try {
    parseConfig(file, text);
    return true;
  } catch {
    return false;
  }
}

/** Gives each entry of ours the members that it had; entries that are new since are not ours to touch. */
function undoEntries(
  client: Client,
  before: string,
  text: string,
): { readonly after: string; readonly names: readonly string[] } {
  const [was, is] = [before, text].map(each => readDocument(client.format, each));
  const names: string[] = [];
  const edits: Edit[] = [];
  for (const { path, servers } of placesIn(is, client, '')) {
    const old = memberAt(was, path);
    if (!isRecord(old)) continue;
    for (const [name, entry] of Object.entries(servers)) {
      const original = old[name];
      if (!isOurs(entry) || !isRecord(original) || !isRecord(entry)) continue;
      names.push(name);
      const ours = ['command', 'cmd', 'args', 'type', 'source', 'transport'].filter(member => member in entry);
      const taken = Object.fromEntries(ours.map(member => [member, original[member]]));
      const back = Object.entries(original).filter(([member]) => !(member in entry));
      edits.push({ path: [...path, name], members: { ...taken, ...Object.fromEntries(back) } });
    }
  }
  const back = editDocument(client.format, text, edits);
  const after = client.format === 'json' ? withoutOurs(back) : back;
  return { after, names: after === back ? names : [...names, 'hooks'] };
}

/** Carries it out; what is stuck stays on record. Answers which keys a keychain would not let go of. */
export function undo(plan: readonly Undo[], store: WrapStore, host: KeychainHost = thisHost): readonly KeyPlace[] {
  const record = store.read();
  let files = record.files;
  for (const step of plan) {
    if (step.kind === 'stuck') continue;
    if (step.kind === 'restore' && step.before === undefined) removeMade(step.file);
    else if (step.kind === 'restore' && step.before !== undefined) replaceFile(step.file.target, step.before);
    else if (step.kind === 'entries') replaceFile(step.file.target, step.after);
    else if (step.kind === 'aside') renameSync(step.file.target, step.to);
    files = files.filter(({ target }) => target !== step.file.target);
    store.write({ ...record, files });
  }
  if (files.length > 0) return [];
  const left = record.secrets.filter(place => !dropKey(place, host));
  store.clear();
  return left;
}

/** A file that wrap made goes, and the folders that were made for it, where nothing else has come to lie in them. */
function removeMade({ target, madeDirs = [] }: ChangedFile): void {
  rmSync(target);
  removeMadeFolders(madeDirs);
}
