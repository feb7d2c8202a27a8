import { existsSync } from 'node:fs';
import { delimiter, dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { firstWords } from '../commands.ts';
import type { Terminal } from '../terminal.ts';

const inCheckout = 'npm exec -- sallyport';
const launcher = fileURLToPath(new URL('../bin/sallyport.js', import.meta.url));

/** Where a command is read, and so where the next one is typed. */
export type Place = Pick<Terminal, 'env' | 'cwd'>;

/**
 * How the user has to call us: by name where the shell finds us, through npm in a checkout, else by path. Elsewhere npm would fetch whatever
 * is published under our name.
 */
export function calledAs({ env, cwd }: Place): string {
  if (env.PATH === undefined) return 'sallyport';
  // npm puts node_modules/.bin into the path of what it runs; the user's own shell does not have it there.
  const folders = env.PATH.split(delimiter).filter(folder => !folder.includes(`node_modules${sep}.bin`));
  const names = process.platform === 'win32' ? ['sallyport.cmd', 'sallyport.exe'] : ['sallyport'];
  if (folders.some(folder => names.some(name => existsSync(join(folder, name))))) return 'sallyport';
  return isInCheckout(cwd) ? inCheckout : shellWord(launcher);
}

function isInCheckout(folder: string): boolean {
  if (existsSync(join(folder, 'node_modules', '.bin', 'sallyport'))) return true;
  return dirname(folder) !== folder && isInCheckout(dirname(folder));
}

/**
 * Commands that a text tells the user to run, as they have to be typed here, whatever colour they begin in. `state` is the directory that
 * was given with `--state`: without it the next command would speak to another gateway.
 */
export function asTyped(text: string, place: Place, state?: string): string {
  const called = calledAs(place);
  const words = [...firstWords, 'COMMAND', '--help'].join('|');
  const begins = `(?:(?<=\\u001b\\[[0-9;]*m)|(?<![\\w/.-] ?))sallyport (?=(?:${words})(?![\\w-]))`;
  if (state === undefined) return called === 'sallyport' ? text : text.replace(new RegExp(begins, 'g'), `${called} `);
  // A line that names a directory itself, or that only leads to help, means what it says.
  const own = '(?<own>[^`\\n]*--(?:state|help)\\b)?';
  return text.replace(new RegExp(begins + own, 'g'), (_, rest?: string) =>
    rest === undefined ? `${called} --state ${shellWord(state)} ` : `${called} ${rest}`,
  );
}

function shellWord(text: string): string {
  return /^[\w/.:@%+=,~-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
