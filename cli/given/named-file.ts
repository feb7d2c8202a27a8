import {
  accessSync,
  chmodSync,
  constants,
  lstatSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, resolve } from 'node:path';
import { replaceFile } from '../clients/replace-file.ts';
import { confirmed, type Given, type Option, text, yesOption } from '../command.ts';
import { usageError } from '../exit.ts';

/** Files that a user names for a command to write. What one holds already is not the command's to drop. */

/** More bytes than anything that is replaced without a question. */
const knownBytesMax = 4_096;

/** Beside each option that names one. */
export const replaceOption: Option = {
  ...yesOption,
  text: 'do not ask before a file that holds something is replaced',
};

/**
 * The file that option `name` says, for `writeNamed`; undefined where none is said. Asked before the work is done whose result goes
 * there, so that none is lost: throws where it cannot be written, and asks where it holds anything but what `isNoLoss` takes.
 */
export async function namedFile(
  given: Given,
  name: string,
  isNoLoss: (held: string) => boolean = () => false,
): Promise<string | undefined> {
  const said = text(given, name);
  if (said === undefined) return undefined;
  const file = resolve(given.terminal.cwd, said);
  if (descriptorOf(file) !== undefined) return file;
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats?.isDirectory() === true) throw usageError(`${file} is a folder`, 'Name a file in it.');
  accessSync(stats === undefined ? dirname(file) : file, constants.W_OK);
  // A pipe or a device holds nothing.
  if (stats === undefined || !stats.isFile() || stats.size === 0) return file;
  if (stats.size <= knownBytesMax && isNoLoss(readFileSync(file, 'utf8'))) return file;
  await confirmed(given, `${file} holds something already. Replace it?`);
  return file;
}

/** Whole or not at all where the folder allows it, for its owner alone unless `mode` says more; a file that is kept closer stays so. */
export function writeNamed(file: string, content: string, mode = 0o600): void {
  const open = descriptorOf(file);
  if (open !== undefined) {
    writeFileSync(open, content);
    return;
  }
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats?.isFile() !== true) {
    writeFileSync(file, content, { mode });
    return;
  }
  if ((stats.mode & 0o777 & ~mode) !== 0) chmodSync(file, stats.mode & mode);
  replaceFile(realpathSync(file), Buffer.from(content));
}

/**
 * `/dev/stdout` and its like: what is open already. Where the shell sends it to a file, that is written on and not replaced, or what
 * it held and what is written after this were lost.
 */
function descriptorOf(file: string): number | undefined {
  const link = lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() === true ? readlinkSync(file) : '';
  const named = [file, resolve(dirname(file), link)].map(path => /^\/(?:dev|proc\/self)\/fd\/(\d+)$/.exec(path)?.[1]);
  const [open] = named.filter(found => found !== undefined);
  return open === undefined ? undefined : Number(open);
}
