import { existsSync, renameSync, rmSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { parseConfig } from '@sallyport/gateway/app/config/config.ts';
import { removeMadeFolders } from '../made-folders.ts';
import type { NotWritten } from './carry-out.ts';
import { editDocument, readDocument } from './edit/document.ts';
import type { Edit } from './edit/edit.ts';
import { firstConfig, packDir } from './gateway-config.ts';
import { withoutHooks } from './hooks/edit.ts';
import { withoutPlugin } from './hooks/openclaw.ts';
import { dropKey, type KeychainHost, type KeyPlace, thisHost } from './key-store.ts';
import { isOurs, memberAt, placesIn, sha256 } from './plan.ts';
import type { ChangedFile, WrapStore } from './record.ts';
import { bytesOf, dropDraft, replaceFile } from './replace-file.ts';
import { isRecord, type Members } from './shape.ts';
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
  /** A crash came before it was changed, or after it was changed back. */
  | { readonly kind: 'untouched'; readonly file: ChangedFile }
  | { readonly kind: 'gone'; readonly file: ChangedFile }
  | { readonly kind: 'stuck'; readonly file: ChangedFile; readonly why: string };

/** The other way round than it was done: what was wrapped twice is undone twice, and our own side is there until no client needs it. */
export function planUndo(files: readonly ChangedFile[], clients: readonly Client[], store: WrapStore): Undo[] {
  const plan: Undo[] = [];
  for (const file of files.toReversed()) {
    const later = plan.findLast(step => step.file.target === file.target);
    plan.push(later?.kind === 'stuck' ? { ...later, file } : planOne(file, () => leftBy(later, file), clients, store));
  }
  return plan;
}

function planOne(
  file: ChangedFile,
  read: () => Buffer | undefined,
  clients: readonly Client[],
  store: WrapStore,
): Undo {
  try {
    const now = read();
    const before = file.before === undefined ? undefined : store.kept(file.before);
    if (now === undefined) return { kind: before === undefined ? 'untouched' : 'gone', file };
    if (before?.equals(now)) return { kind: 'untouched', file };
    if ([file.after, file.from].includes(sha256(now))) return { kind: 'restore', file, before };
    if (file.client === 'gateway') return undoConfig(file, now, before, store);
    if (file.hooksOnly && file.target.endsWith('.js')) return { kind: 'aside', file, to: `${file.target}.edited` };
    return undoEdited(file, now, before, clients, store);
  } catch (thrown) {
    return { kind: 'stuck', file, why: (thrown as Error).message };
  }
}

/** What a file holds once a later change of it is undone. */
function leftBy(later: Undo | undefined, { target }: ChangedFile): Buffer | undefined {
  switch (later?.kind) {
    case 'restore':
      return later.before;
    case 'entries':
      return later.after;
    case 'aside':
      return undefined;
    default:
      return bytesOf(target);
  }
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
  const written = store.kept(file.after).toString('utf8');
  const takeOut = (text: string): { readonly after: string; readonly names: readonly string[] } =>
    client === undefined || before === undefined || file.hooksOnly
      ? { after: withoutOurs(text), names: ['hooks'] }
      : undoEntries(client, before.toString('utf8'), written, text);
  const text = now.toString('utf8');
  const { after, names } = takeOut(text);
  const meant = readDocument(format, after);
  if (before === undefined && isDeepStrictEqual(meant, readDocument(format, takeOut(written).after)))
    return { kind: 'restore', file, before };
  const lines = takeBack(before?.toString('utf8') ?? '', written, text);
  const exact = lines !== undefined && isDeepStrictEqual(pruned(readOrNot(format, lines)), pruned(meant));
  return { kind: 'entries', file, now, after: Buffer.from(exact ? lines : after), names, exact };
}

/** A JSON file without hooks or plugins of ours. */
function withoutOurs(text: string): string {
  return withoutPlugin(withoutHooks(text));
}

/** Without the empty lists and mappings that taking ours out of a list leaves no trace of. */
function pruned(root: unknown): unknown {
  if (!isRecord(root)) return root;
  const kept = Object.entries(root).flatMap(([name, value]): [string, unknown][] => {
    if (name !== 'hooks' && name !== 'plugins') return [[name, value]];
    const left = withoutEmpty(value);
    return left === undefined ? [] : [[name, left]];
  });
  return Object.fromEntries(kept);
}

function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? undefined : value;
  if (!isRecord(value)) return value;
  const kept = Object.entries(value).map(([name, each]) => [name, withoutEmpty(each)] as const);
  const left = kept.filter(([, each]) => each !== undefined);
  return left.length === 0 ? undefined : Object.fromEntries(left);
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
  written: string,
  text: string,
): { readonly after: string; readonly names: readonly string[] } {
  const [was, wrote, is] = [before, written, text].map(each => readDocument(client.format, each));
  const edits = placesIn(is, client).flatMap(({ path, servers }) =>
    Object.entries(servers).flatMap(([name, entry]): Edit[] => {
      if (!isOurs(entry) || !isRecord(entry)) return [];
      const original = originalOf(client, [...path, name], entry, { was, wrote });
      return original === undefined ? [] : [{ path: [...path, name], members: membersBack(entry, original) }];
    }),
  );
  const back = editDocument(client.format, text, edits);
  const after = client.format === 'json' ? withoutOurs(back) : back;
  const names = edits.map(({ path }) => path.at(-1) ?? '');
  return { after, names: after === back ? names : [...names, 'hooks'] };
}

/** What stood in its place; where it was renamed or moved since, what stood in the place of the entry that it is. */
function originalOf(
  client: Client,
  path: readonly string[],
  entry: Members,
  { was, wrote }: { readonly was: unknown; readonly wrote: unknown },
): Members | undefined {
  const own = memberAt(was, path);
  if (isRecord(own) && !isOurs(own)) return own;
  const words = JSON.stringify([entry.command, entry.cmd, entry.args]);
  const places = placesIn(wrote, client).flatMap(place =>
    Object.entries(place.servers).map(([name, each]) => ({ at: [...place.path, name], each })),
  );
  const same = places.filter(
    ({ each }) => isRecord(each) && JSON.stringify([each.command, each.cmd, each.args]) === words,
  );
  return same.map(({ at }) => memberAt(was, at)).find((each): each is Members => isRecord(each) && !isOurs(each));
}

function membersBack(entry: Members, original: Members): Members {
  const ours = ['command', 'cmd', 'args', 'type', 'source', 'transport'].filter(member => member in entry);
  const back = Object.entries(original).filter(([member]) => !(member in entry));
  return { ...Object.fromEntries(ours.map(member => [member, original[member]])), ...Object.fromEntries(back) };
}

export interface Undone {
  /** Still on record, as what was stuck is. */
  readonly failed: readonly NotWritten[];
  /** Keys that a keychain would not let go of. */
  readonly kept: readonly KeyPlace[];
}

/** Carries it out. */
export function undo(plan: readonly Undo[], store: WrapStore, host: KeychainHost = thisHost): Undone {
  const failed: NotWritten[] = [];
  for (const step of plan) {
    const { target } = step.file;
    if (step.kind === 'stuck' || failed.some(each => each.target === target)) continue;
    try {
      carryBack(step);
    } catch (thrown) {
      const { code } = thrown as NodeJS.ErrnoException;
      if (code === undefined) throw thrown;
      failed.push({ target, why: `cannot be written (${code})` });
      continue;
    }
    const record = store.read();
    store.write({ ...record, files: record.files.filter(file => !isDeepStrictEqual(file, step.file)) });
  }
  return { failed, kept: store.read().files.length === 0 ? letGo(store, host) : [] };
}

/** Once nothing is wrapped, nothing is kept. Answers what a keychain would not let go of. */
export function letGo(store: WrapStore, host: KeychainHost): readonly KeyPlace[] {
  const kept = store.read().secrets.filter(place => !dropKey(place, host));
  store.clear();
  return kept;
}

function carryBack(step: Exclude<Undo, { kind: 'stuck' }>): void {
  const { target, madeDirs = [] } = step.file;
  dropDraft(target);
  if (step.kind === 'restore' && step.before !== undefined) replaceFile(target, step.before);
  if (step.kind === 'restore' && step.before === undefined) rmSync(target);
  if (step.kind === 'entries') replaceFile(target, step.after);
  if (step.kind === 'aside') renameSync(target, step.to);
  // What wrap made goes, and the folders that were made for it, where nothing else has come to lie in them.
  if (!existsSync(target)) removeMadeFolders(madeDirs);
}
