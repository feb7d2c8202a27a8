import { rmSync } from 'node:fs';
import { parseConfig } from '@sallyport/gateway/app/config.ts';
import { removeMadeFolders } from '../made-folders.ts';
import { editDocument, readDocument } from './edit/document.ts';
import type { Edit } from './edit/edit.ts';
import { firstConfig, packDir } from './gateway-config.ts';
import { withoutHooks } from './hooks/edit.ts';
import { isOurs, sha256 } from './plan.ts';
import { bytesOf, type ChangedFile, replaceFile, type WrapStore } from './record.ts';
import { isRecord } from './shape.ts';
import type { Client } from './table.ts';
import { takeBack } from './take-back.ts';

/** What `unwrap` does with one file. */
export type Undo =
  /** It is as `wrap` left it: its bytes come back, every one (E4). */
  | { readonly kind: 'restore'; readonly file: ChangedFile; readonly before: Buffer | undefined }
  /** It was changed since: our entries alone are undone. */
  | {
      readonly kind: 'entries';
      readonly file: ChangedFile;
      readonly now: Buffer;
      readonly after: Buffer;
      readonly names: readonly string[];
    }
  | { readonly kind: 'gone'; readonly file: ChangedFile }
  | { readonly kind: 'stuck'; readonly file: ChangedFile; readonly why: string };

export function planUndo(files: readonly ChangedFile[], clients: readonly Client[], store: WrapStore): Undo[] {
  return files.map(file => {
    const now = bytesOf(file.target);
    if (now === undefined) return { kind: 'gone', file };
    try {
      const before = file.before === undefined ? undefined : store.kept(file.before);
      if (sha256(now) === file.after) return { kind: 'restore', file, before };
      if (file.hooksOnly)
        return { kind: 'entries', file, now, after: Buffer.from(withoutHooks(now.toString('utf8'))), names: ['hooks'] };
      if (file.client === 'gateway') return undoConfig(file, now, before, store);
      const client = clients.find(({ id }) => id === file.client);
      if (client === undefined || before === undefined)
        return {
          kind: 'stuck',
          file,
          why: 'it was changed since, so it is yours: take out by hand what you do not want',
        };
      return { kind: 'entries', file, now, ...undoEntries(client, before, now) };
    } catch (thrown) {
      return { kind: 'stuck', file, why: (thrown as Error).message };
    }
  });
}

/** The gateway's own configuration, edited since: what `wrap` added goes, if what is left can still be started with. */
function undoConfig(file: ChangedFile, now: Buffer, before: Buffer | undefined, store: WrapStore): Undo {
  const first = before?.toString('utf8') ?? firstConfig(packDir);
  const after = takeBack(first, store.kept(file.after).toString('utf8'), now.toString('utf8'));
  if (after === undefined || !isConfig(file.target, after))
    return { kind: 'stuck', file, why: 'you changed what stands next to ours: take out by hand what you do not want' };
  return { kind: 'entries', file, now, after: Buffer.from(after), names: ['what wrap added'] };
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
  before: Buffer,
  now: Buffer,
): { readonly after: Buffer; readonly names: readonly string[] } {
  const text = now.toString('utf8');
  const [was, is] = [before.toString('utf8'), text].map(each => readDocument(client.format, each));
  const names: string[] = [];
  const edits: Edit[] = [];
  for (const path of client.keys) {
    const [old, current] = [was, is].map(root =>
      path.reduce<unknown>((at, step) => (isRecord(at) ? at[step] : undefined), root),
    );
    if (!isRecord(old) || !isRecord(current)) continue;
    for (const [name, entry] of Object.entries(current)) {
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
  const after = client.format === 'json' ? withoutHooks(back) : back;
  return { after: Buffer.from(after), names: after === back ? names : [...names, 'hooks'] };
}

/** Carries it out; what is stuck stays on record. */
export function undo(plan: readonly Undo[], store: WrapStore): void {
  const record = store.read();
  let files = record.files;
  for (const step of plan) {
    if (step.kind === 'stuck') continue;
    if (step.kind === 'restore' && step.before === undefined) removeMade(step.file);
    else if (step.kind === 'restore' && step.before !== undefined) replaceFile(step.file.target, step.before);
    else if (step.kind === 'entries') replaceFile(step.file.target, step.after);
    files = files.filter(({ target }) => target !== step.file.target);
    store.write({ ...record, files });
  }
  if (files.length === 0) store.clear();
}

/** A file that wrap made goes, and the folders that were made for it, where nothing else has come to lie in them. */
function removeMade({ target, madeDirs = [] }: ChangedFile): void {
  rmSync(target);
  removeMadeFolders(madeDirs);
}
