import { cpSync, existsSync, mkdirSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { CliError } from '../exit.ts';

/** A copy of the example that may be changed: its configuration file, and the folder that its servers work in. */
export interface PrivateCopy {
  readonly config: string;
  readonly folder: string;
}

const require = createRequire(import.meta.url);

/** The file in whose place npm packages of the example are found. */
export const exampleFile: string = require.resolve('@sallyport/examples/sallyport.yaml');

/** Where the copy for a state directory lies, whether it has been made or not. */
export function privateCopyIn(stateDir: string): PrivateCopy {
  const place = join(resolve(stateDir), 'example');
  return { config: join(place, 'sallyport.yaml'), folder: join(place, 'demo', 'folder') };
}

/**
 * Copies the example below `stateDir`, so that the demo changes no file of the user's. Policies stay where they are, to be
 * edited; `listen` replaces the address. A folder that an earlier demo has changed is as it was at first.
 */
export function makePrivateCopy(stateDir: string, listen?: string): PrivateCopy {
  const copy = privateCopyIn(stateDir);
  const source = dirname(exampleFile);
  mkdirSync(dirname(copy.config), { recursive: true, mode: 0o700 });
  resetFolder(copy);
  const policies = JSON.stringify(resolve(source, '..', 'policies'));
  let text = replaced(readFileSync(exampleFile, 'utf8'), /^policies: .*$/m, `policies: ${policies}`);
  if (listen !== undefined) text = replaced(text, /^listen: .*$/m, `listen: ${listen}`);
  writeFileSync(copy.config, text, { mode: 0o600 });
  linkPackages(dirname(copy.config));
  return { config: copy.config, folder: realpathSync(copy.folder) };
}

export function resetFolder({ folder }: PrivateCopy): void {
  rmSync(folder, { recursive: true, force: true });
  cpSync(join(dirname(exampleFile), 'demo', 'folder'), folder, { recursive: true });
}

function replaced(text: string, line: RegExp, by: string): string {
  if (!line.test(text))
    throw new CliError('fault', `${exampleFile} has no line like ${line}`, 'Check out the file again.');
  return text.replace(line, () => by);
}

/** Servers are found as Node finds modules, upwards from the configuration: the copy shares the example's. */
function linkPackages(place: string): void {
  const link = join(place, 'node_modules');
  rmSync(link, { force: true });
  symlinkSync(packagesFolder(), link, process.platform === 'win32' ? 'junction' : 'dir');
}

function packagesFolder(): string {
  for (let at = dirname(exampleFile); ; at = dirname(at)) {
    const folder = join(at, 'node_modules');
    if (existsSync(join(folder, '@modelcontextprotocol', 'server-filesystem'))) return folder;
    if (at === dirname(at))
      throw new CliError('fault', 'the servers of the example are not installed', 'Run `npm ci` in the checkout.');
  }
}
