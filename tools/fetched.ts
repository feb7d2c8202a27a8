import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const cache = resolve(import.meta.dirname, '../node_modules/.cache/sallyport');
const installMillisMax = 300_000;

/**
 * A folder in which exactly these packages are installed, fetched through npm the first time (docs/decisions/0040). For
 * peers that only deep runs need: what people install stays small. No install script is run.
 */
export function fetched(name: string, packages: Readonly<Record<string, string>>): string {
  const wanted = JSON.stringify({ private: true, dependencies: packages });
  const folder = join(cache, `${name}-${Buffer.from(wanted).toString('base64url').slice(-24)}`);
  if (existsSync(join(folder, 'node_modules'))) return folder;
  const fresh = `${folder}.${process.pid}`;
  mkdirSync(fresh, { recursive: true });
  writeFileSync(join(fresh, 'package.json'), wanted);
  const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  execFileSync('npm', args, { cwd: fresh, timeout: installMillisMax, stdio: ['ignore', 'ignore', 'inherit'] });
  rmSync(folder, { recursive: true, force: true });
  renameSync(fresh, folder);
  return folder;
}
