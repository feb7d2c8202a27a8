import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/** Every file of a home, with its bytes. */
export interface Files {
  readonly bytes: ReadonlyMap<string, string>;
  /** Names of files that are not the same there, or only here or there; empty: none. */
  readonly difference: (other: Files) => string;
}

/** State of ours and of the project is no file that `wrap` could change. */
const notOurs = /^(?:\.local\/state\/sallyport|\.cache\/sallyport|project)\//;

export function filesIn(home: string): Files {
  const found = readdirSync(home, { recursive: true, withFileTypes: true }).filter(each => each.isFile());
  const bytes = new Map(
    found
      .map(each => relative(home, join(each.parentPath, each.name)))
      .filter(name => !notOurs.test(name))
      .map(name => [name, readFileSync(join(home, name), 'latin1')]),
  );
  return {
    bytes,
    difference: other => {
      const names = new Set([...bytes.keys(), ...other.bytes.keys()]);
      return [...names].filter(name => bytes.get(name) !== other.bytes.get(name)).join(', ');
    },
  };
}
