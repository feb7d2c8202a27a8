import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { readDocument } from './edit/document.ts';
import { memberAt } from './plan.ts';
import type { WrapStore } from './record.ts';
import { isRecord } from './shape.ts';
import type { Client } from './table.ts';
import { launcher } from './wrap.ts';

/** Members with which a client changes the program that it starts, in whatever words. */
const changing = ['env', 'envs', 'environment', 'env_vars', 'env_keys', 'envFile', 'cwd', 'shell'];

/**
 * Why an entry that looks like ours may be something else: a program of that name that answers as we do and goes elsewhere, or
 * ours with an environment that loads another. No call through it can show that. Undefined: it is what `wrap` wrote, or
 * starts this very program with nothing added.
 */
export function strayEntry(entry: unknown, written: unknown, stateDir: string, usualDir: string): string | undefined {
  if (written !== undefined && isDeepStrictEqual(entry, written)) return undefined;
  if (!isRecord(entry)) return 'it is no mapping';
  const added = changing.filter(name => Object.hasOwn(entry, name) && !isEmpty(entry[name]));
  if (added.length > 0) return `it gives the program ${added.join(' and ')} of its own`;
  const words = [entry.command ?? entry.cmd, entry.args].flat().filter(word => typeof word === 'string');
  const [first = '', second] = words.slice(0, words.indexOf('mcp'));
  const program = second ?? first;
  if (words.indexOf('mcp') > 2 || realOf(program) !== realOf(launcher)) return `it starts another program: ${program}`;
  if (second !== undefined && realOf(first) !== realOf(process.execPath))
    return `it is run by another program: ${first}`;
  const at = words.indexOf('--state');
  const state = at < 0 ? usualDir : (words[at + 1] ?? '');
  return resolve(state) === resolve(stateDir) ? undefined : `it leads to another gateway: --state ${state}`;
}

/** The same entry as `wrap` left it, by its own copy of the file; undefined where it keeps none. */
export function writtenEntry(store: WrapStore, client: Client, target: string, path: readonly string[]): unknown {
  const file = store.read().files.find(each => each.target === target);
  if (file === undefined) return undefined;
  try {
    return memberAt(readDocument(client.format, store.kept(file.after).toString('utf8')), path);
  } catch {
    return undefined;
  }
}

function isEmpty(value: unknown): boolean {
  return value === null || (isRecord(value) && Object.keys(value).length === 0);
}

function realOf(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
}
