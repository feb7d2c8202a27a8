import { bareOf } from '@sallyport/core/facts/path.ts';

/**
 * A path as it lies to the folder of the session: relative inside it, absolute outside. Pure text: links are not
 * followed, since the files are the client's, and the gateway may run where it cannot see them. Some readers take off the
 * blanks and quotes around a path: what lies inside as it stands lies where they would find it.
 */
export function placeIn(path: string, root: string | undefined, cwd: string | undefined): string {
  const place = placeOf(path, root, cwd);
  return isInside(place) ? placeOf(bareOf(path), root, cwd) : place;
}

function isInside(place: string): boolean {
  return !/^(?:[/~]|[A-Za-z][A-Za-z0-9+.-]*:)/.test(place);
}

function placeOf(path: string, root: string | undefined, cwd: string | undefined): string {
  const isWindows = /^[A-Za-z]:/.test(root ?? '');
  const local = fileOf(path);
  // Of another scheme: it lies nowhere in the folder, however it goes on.
  if (local === undefined) return path;
  // Elsewhere a backslash is a letter like any other, and `a\b/../..` one folder less than it looks.
  const plain = isWindows ? local.replaceAll('\\', '/') : local;
  if (plain.startsWith('~') || root === undefined) return plain;
  const absolute = isAbsolute(plain, isWindows) ? plain : `${cwd ?? root}/${plain}`;
  const [whole, base] = [normal(absolute, isWindows), normal(root, isWindows)];
  if (whole === base) return '.';
  if (base === '/') return whole;
  return whole.startsWith(`${base}/`) ? whole.slice(base.length + 1) : whole;
}

/** The path that a `file:` address names, as its readers decode it; undefined: an address of another kind, or one that readers differ on. */
function fileOf(path: string): string | undefined {
  const [, scheme, rest = ''] = /^([a-z][a-z0-9+.-]+):\/\/(.*)$/is.exec(path) ?? [];
  if (scheme === undefined) return path;
  if (scheme.toLowerCase() !== 'file' || /[?#]/.test(rest)) return undefined;
  try {
    return decodeURIComponent(rest)
      .replace(/^localhost\//i, '/')
      .replace(/^\/(?=[A-Za-z]:\/)/, '');
  } catch {
    return undefined;
  }
}

function isAbsolute(path: string, isWindows: boolean): boolean {
  return path.startsWith('/') || (isWindows && /^[A-Za-z]:/.test(path));
}

function normal(path: string, isWindows: boolean): string {
  const parts: string[] = [];
  for (const part of (isWindows ? path.replaceAll('\\', '/') : path).split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..') parts.pop();
    else parts.push(part);
  }
  return (path.startsWith('/') ? '/' : '') + parts.join('/');
}
