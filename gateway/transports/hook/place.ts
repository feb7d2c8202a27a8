/**
 * A path as it lies to the folder of the session: relative inside it, absolute outside. Pure text: links are not
 * followed, since the files are the client's, and the gateway may run where it cannot see them.
 */
export function placeIn(path: string, root: string | undefined, cwd: string | undefined): string {
  const plain = path.replace(/^file:\/\//, '').replaceAll('\\', '/');
  if (plain.startsWith('~') || root === undefined) return plain;
  const absolute = isAbsolute(plain) ? plain : `${cwd ?? root}/${plain}`;
  const whole = normal(absolute);
  const base = normal(root);
  if (whole === base) return '.';
  if (base === '/') return whole;
  return whole.startsWith(`${base}/`) ? whole.slice(base.length + 1) : whole;
}

function isAbsolute(path: string): boolean {
  return path.startsWith('/') || /^[A-Za-z]:\//.test(path);
}

function normal(path: string): string {
  const parts: string[] = [];
  for (const part of path.replaceAll('\\', '/').split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..') parts.pop();
    else parts.push(part);
  }
  return (path.startsWith('/') ? '/' : '') + parts.join('/');
}
