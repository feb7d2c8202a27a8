import { closeSync, existsSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';

/** Where a log is read from. Paths are relative to the log. */
export interface LogSource {
  /** Every file below `folder`, sorted; none if it does not exist. */
  readonly files: (folder: string) => readonly string[];
  /** The bytes of a file in pieces, or undefined if it does not exist (any more). */
  readonly pieces: (path: string) => Iterable<Buffer> | undefined;
}

const pieceBytes = 1024 * 1024;

/** A log on disk. `dir` is the log itself, or the journal's directory that holds it as `log`. */
export function logOnDisk(dir: string): LogSource {
  const root = existsSync(join(dir, 'log', 'checkpoint')) ? join(dir, 'log') : dir;
  return {
    files: folder => filesBelow(root, folder),
    pieces: path => (existsSync(join(root, path)) ? piecesOf(join(root, path)) : undefined),
  };
}

function filesBelow(root: string, folder: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { withFileTypes: true })
    .flatMap(item => (item.isDirectory() ? filesBelow(root, `${folder}/${item.name}`) : [`${folder}/${item.name}`]))
    .sort();
}

function* piecesOf(path: string): Generator<Buffer> {
  const fd = openSync(path, 'r');
  try {
    for (;;) {
      const piece = Buffer.allocUnsafe(pieceBytes);
      const length = readSync(fd, piece, 0, pieceBytes, null);
      if (length === 0) return;
      yield piece.subarray(0, length);
    }
  } finally {
    closeSync(fd);
  }
}

/** A log that was read before; for tests, which change it a million times. */
export function logInMemory(files: ReadonlyMap<string, Buffer>): LogSource {
  return {
    files: folder => [...files.keys()].filter(path => path.startsWith(`${folder}/`)).sort(),
    pieces: path => {
      const bytes = files.get(path);
      return bytes === undefined ? undefined : [bytes];
    },
  };
}

/** All of a small file. */
export function readWhole(source: LogSource, path: string): Buffer | undefined {
  const pieces = source.pieces(path);
  return pieces === undefined ? undefined : Buffer.concat([...pieces]);
}

/** Reads the log at `dir` into memory. */
export function loadLog(dir: string): Map<string, Buffer> {
  const source = logOnDisk(dir);
  const paths = ['checkpoint', ...source.files('entries'), ...source.files('tile')];
  const root = existsSync(join(dir, 'log', 'checkpoint')) ? join(dir, 'log') : dir;
  return new Map(paths.map(path => [path, readFileSync(join(root, path))]));
}
