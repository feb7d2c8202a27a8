import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Finding } from './finding.ts';
import { keyAt, nameOf } from './key-store.ts';
import { managedFiles } from './managed.ts';
import type { WrapStore } from './record.ts';
import type { Client, Machine } from './table.ts';

/** Where shells and tools take variables and keys from, and what shells remember, below the home folder. */
const profiles = [
  ...['.bashrc', '.bash_profile', '.bash_login', '.profile', '.zshrc', '.zshenv', '.zprofile', '.zlogin'],
  ...['.config/fish/config.fish', '.config/fish/fish_variables', '.pam_environment'],
  ...['.bash_history', '.zsh_history', '.local/share/fish/fish_history', '.git-credentials', '.docker/config.json'],
  ...[
    '.config/gh/hosts.yml',
    '.envrc',
    '.env',
    '.netrc',
    '.npmrc',
    '.pypirc',
    '.claude/settings.json',
    '.claude/settings.local.json',
  ],
];
const inProject = ['.env', '.env.local', '.envrc', '.claude/settings.json', '.claude/settings.local.json', '.npmrc'];

/** Shorter ones are found by accident. */
const keyCharactersMin = 8;
const fileBytesMax = 4 * 1024 * 1024;

/**
 * Keys that were moved out of a client's file and stand elsewhere too, where an agent could take them and go round the gateway:
 * in the environment, in what shells read, and in every file of every client. A finding names the place, never the key.
 */
export function keysElsewhere(machine: Machine, clients: readonly Client[], store: WrapStore): Finding[] {
  const keys = store.read().secrets.flatMap(place => {
    const key = keyAt(place, machine);
    return key === undefined || key.length < keyCharactersMin ? [] : [{ name: nameOf(place), key }];
  });
  if (keys.length === 0) return [];
  const { home, cwd, env } = machine;
  const files = new Set([
    ...profiles.map(name => join(home, name)),
    ...inProject.map(name => join(cwd, name)),
    ...clients.flatMap(client => client.files.flatMap(({ path }) => withCopies(path))),
    ...managedFiles(machine).map(({ path }) => path),
  ]);
  const texts = [...files].flatMap(path => textIn(path).map(text => ({ path, text })));
  return keys.flatMap(({ name, key }) => [
    ...Object.entries(env)
      .filter(([, value]) => value?.includes(key))
      .map(([variable]) => finding(name, `the environment (${variable})`, 'unset it where it is set')),
    ...texts
      .filter(({ text }) => text.includes(key))
      .map(({ path, text }) =>
        finding(name, `${path}, line ${lineOf(text, key)}`, 'take it out there, and replace the key'),
      ),
  ]);
}

/** The file, and what clients and editors leave beside it: `.claude.json.backup`, `mcp.json~`. */
function withCopies(path: string): string[] {
  const [folder, name] = [dirname(path), basename(path)];
  if (!existsSync(folder) || !statSync(folder).isDirectory()) return [];
  return readdirSync(folder).flatMap(each => (each.startsWith(name) ? [join(folder, each)] : []));
}

function finding(name: string, where: string, fix: string): Finding {
  return { state: 'bad', about: `key ${name}`, says: `goes round the gateway: it stands in ${where} too`, fix };
}

function lineOf(text: string, key: string): number {
  return text.slice(0, text.indexOf(key)).split('\n').length;
}

function textIn(path: string): string[] {
  try {
    if (!existsSync(path) || !statSync(path).isFile() || statSync(path).size > fileBytesMax) return [];
    return [readFileSync(path, 'utf8')];
  } catch {
    return [];
  }
}
