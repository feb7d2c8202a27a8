import { createHash } from 'node:crypto';
import { existsSync, realpathSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { editDocument, readDocument } from './edit/document.ts';
import { decoded, type Edit, EditFault } from './edit/edit.ts';
import { bytesOf, NotAFileError } from './replace-file.ts';
import { type Described, described, isRecord, type Members, type OwnEntry, ownMembers } from './shape.ts';
import type { Client, ClientFile } from './table.ts';

/** A server that is described well enough to be run by somebody else. */
export type Known = Exclude<Described, { readonly kind: 'other' }>;

/** One server in a client's file, and what becomes of it. */
export interface PlannedEntry {
  readonly name: string;
  readonly path: readonly string[];
  readonly fate:
    | {
        readonly kind: 'wrap';
        readonly server: string;
        readonly described: Known;
        readonly before: Members;
      }
    | { readonly kind: 'ours'; readonly server: string | undefined }
    | { readonly kind: 'left'; readonly why: string };
}

/** What `wrap` would do with one file. Nothing has been written. */
export interface FilePlan {
  readonly client: Client;
  readonly file: ClientFile;
  /** Where the file really lies: links are followed, and stay. */
  readonly target: string;
  readonly before: Buffer;
  readonly after: Buffer;
  readonly entries: readonly PlannedEntry[];
}

export function changes({ before, after }: FilePlan): boolean {
  return !before.equals(after);
}

export interface Unreadable {
  readonly client: Client;
  readonly file: ClientFile;
  readonly why: string;
}

export interface PlanOptions {
  /** The entry that takes a server's place in this client. */
  readonly ownEntry: (client: Client, server: string) => OwnEntry;
  /** An id for a server in the gateway's configuration; the same description gets the same id. */
  readonly serverId: (name: string, described: Known) => string;
  /** Why the gateway could not run it as it is described; undefined: it can. */
  readonly refused: (described: Known) => string | undefined;
  /** What a file will hold by then, where another client's plan has it already; by links two of them can share one. */
  readonly planned: (target: string) => Buffer | undefined;
}

/** Reads a client's file and says what would change; undefined where there is none (E11: what cannot be read is left alone). */
export function planFile(client: Client, file: ClientFile, options: PlanOptions): FilePlan | Unreadable | undefined {
  if (!existsSync(file.path)) return undefined;
  try {
    const target = realpathSync(file.path);
    const before = options.planned(target) ?? bytesOf(target) ?? Buffer.alloc(0);
    return { client, file, target, before, ...planText(client, before, file.folder, options) };
  } catch (thrown) {
    return { client, file, why: whyUnreadable(thrown) };
  }
}

function planText(
  client: Client,
  before: Buffer,
  folder: string | undefined,
  options: PlanOptions,
): Pick<FilePlan, 'after' | 'entries'> {
  const text = decoded(before);
  if (text.trim() === '') return { after: before, entries: [] };
  const root = readDocument(client.format, text);
  const entries = placesIn(root, client, folder).flatMap(place =>
    Object.entries(place.servers).map(([name, entry]) =>
      planEntry(client, [...place.path, name], entry, place.folder, options),
    ),
  );
  let after = text;
  let meant = root;
  const settled = entries.map((entry): PlannedEntry => {
    if (entry.fate.kind !== 'wrap') return entry;
    const { server, before: was } = entry.fate;
    const edit: Edit = { path: entry.path, members: ownMembers(options.ownEntry(client, server), client.shape, was) };
    try {
      after = editDocument(client.format, after, [edit]);
      meant = withMembers(meant, edit);
      return entry;
    } catch (thrown) {
      if (!(thrown instanceof EditFault)) throw thrown;
      return { ...entry, fate: { kind: 'left', why: `the file ${thrown.message}` } };
    }
  });
  // Such as an anchor that stood in what was replaced, and is referred to elsewhere.
  if (after !== text && !isDeepStrictEqual(readDocument(client.format, after), meant))
    throw new EditFault('cannot be changed without changing more than its servers');
  return { after: Buffer.from(after), entries: settled };
}

/** The content with an edit made. */
function withMembers(root: unknown, { path, members }: Edit): unknown {
  const [step, ...rest] = path;
  if (!isRecord(root)) return root;
  if (step !== undefined) return { ...root, [step]: withMembers(root[step], { path: rest, members }) };
  return Object.fromEntries(Object.entries({ ...root, ...members }).filter(([, value]) => value !== undefined));
}

function planEntry(
  client: Client,
  path: readonly string[],
  entry: unknown,
  folder: string | undefined,
  { serverId, refused }: PlanOptions,
): PlannedEntry {
  const name = path.at(-1) ?? '';
  if (isOurs(entry)) return { name, path, fate: { kind: 'ours', server: serverBehind(entry) } };
  const found = described(entry, client.shape);
  if (found.kind === 'other') return { name, path, fate: { kind: 'left', why: found.why } };
  if (found.kind === 'remote' && Object.keys(found.headers).length === 0)
    return { name, path, fate: { kind: 'left', why: 'the client may sign in to it by itself (OAuth)' } };
  const why = (folder === undefined ? whyAnywhere(found) : undefined) ?? refused(found);
  if (why !== undefined) return { name, path, fate: { kind: 'left', why } };
  const server = serverId(name, inFolder(found, folder));
  return { name, path, fate: { kind: 'wrap', server, described: found, before: isRecord(entry) ? entry : {} } };
}

/** A relative path means the folder that the client is started in, which is another one each time. */
function whyAnywhere(found: Known): string | undefined {
  if (found.kind !== 'stdio') return undefined;
  const isRelative = (word: string): boolean => /(?:^|=)(?:\.{1,2}(?:[\\/]|$)|~)/.test(word);
  const isOpen = found.cwd === undefined ? [found.command, ...found.args].some(isRelative) : !isAbsolute(found.cwd);
  return isOpen ? 'it depends on the folder that the client is started in' : undefined;
}

function inFolder(found: Known, folder: string | undefined): Known {
  if (found.kind !== 'stdio' || folder === undefined) return found;
  return { ...found, cwd: resolve(folder, found.cwd ?? '.') };
}

/** One mapping of servers in a file. */
interface Place {
  readonly path: readonly string[];
  /** Where the client runs them; undefined: where it is started itself. */
  readonly folder: string | undefined;
  readonly servers: Members;
}

/** Every mapping of servers: the first key that is there, and those for one folder each. */
export function placesIn(root: unknown, { keys, perFolder }: Client, folder?: string): readonly Place[] {
  const first = keys.find(path => isRecord(memberAt(root, path)));
  const folders = perFolder === undefined ? undefined : memberAt(root, [perFolder.below]);
  const places = [
    ...(first === undefined ? [] : [{ path: first, folder }]),
    ...(perFolder === undefined || !isRecord(folders)
      ? []
      : Object.keys(folders).map(each => ({ path: [perFolder.below, each, perFolder.key], folder: each }))),
  ];
  // OpenCode's older shape has members beside its servers.
  return places.flatMap(place => {
    const servers = memberAt(root, place.path);
    return isRecord(servers)
      ? [{ ...place, servers: Object.fromEntries(Object.entries(servers).filter(([, value]) => isRecord(value))) }]
      : [];
  });
}

export function memberAt(root: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((at, step) => (isRecord(at) ? at[step] : undefined), root);
}

/** The server that an entry of ours leads to. */
function serverBehind(entry: unknown): string | undefined {
  const words = isRecord(entry) ? [entry.command, entry.cmd, entry.args].flat() : [];
  const server = words[words.indexOf('--server') + 1];
  return words.includes('--server') && typeof server === 'string' ? server : undefined;
}

/** An entry that `wrap` made, whatever the client calls its members (E5). */
export function isOurs(entry: unknown): boolean {
  if (!isRecord(entry)) return false;
  const words = [entry.command, entry.cmd, entry.args].flat().filter(word => typeof word === 'string');
  const at = words.indexOf('mcp');
  return (
    at > 0 &&
    words[at + 1] === '--entry' &&
    words.slice(0, at).some(word => /(?:^|[\\/])sallyport(?:\.js|\.cmd)?$/.test(word))
  );
}

export function whyUnreadable(thrown: unknown): string {
  if (thrown instanceof EditFault)
    return thrown.line === undefined
      ? thrown.message
      : `line ${thrown.line}, column ${thrown.column}: ${thrown.message}`;
  if (thrown instanceof NotAFileError) return 'is no plain file';
  if (thrown instanceof RangeError) return 'is nested too deeply, or too large';
  return `cannot be read (${(thrown as NodeJS.ErrnoException).code ?? (thrown as Error).name})`;
}

export function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
