import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { sha256 } from '../host/ports.ts';

/** Of what is kept beside what `core` folds. */
const shape = 'state, behaviour, openings';

/**
 * A digest of the code whose folds a snapshot holds: other code may make something else of the same entries. To be asked at
 * the start: what lies there at the stop may be the next version's. (A bundle has it as a constant, of the sources that it is made of.)
 */
export function foldingCode(): string {
  const core = dirname(createRequire(import.meta.url).resolve('@sallyport/core/package.json'));
  const sources = readdirSync(core, { recursive: true, encoding: 'utf8' })
    .filter(name => /\.[jt]s$/.test(name) && !/node_modules|\.test\./.test(name))
    .sort();
  const digests = sources.map(name => `${name}\n${sha256(readFileSync(join(core, name), 'utf8'))}\n`);
  return sha256(`${shape}\n${digests.join('')}`);
}
