const url = /[a-z][a-z0-9+.-]{0,30}:\/\/(?:[^\s/?#@]*@)?(\[[0-9a-f:.%]+\]|[^\s/?#:'"]+)/gi;
/** `user@host:path` and `host:path`, as scp, rsync and git write them. */
const remote = /^(?:[\w.-]+@)([\w.-]+)(?::.*)?$|^([\w-]+(?:\.[\w-]+)+):[^/\d].*$/;
const device = /\/dev\/(?:tcp|udp)\/([^/\s]+)\//gi;
const bare =
  /^(?:\d{1,3}(?:\.\d{1,3}){3}|\[?[0-9a-f]*:[0-9a-f:]+\]?|(?:[\w-]+\.)+[a-z]{2,}|localhost)(?::\d+)?(?:\/.*)?$/i;

/** Hosts in a word. Of a program that talks to the network, a bare name is one too. */
export function hostsIn(word: string, isNetwork: boolean): string[] {
  const found = [...matches(word, url), ...matches(word, device)];
  const named = remote.exec(word);
  if (named !== null) found.push(named[1] ?? named[2] ?? '');
  else if (isNetwork && found.length === 0 && bare.test(word)) found.push(word.split(/[:/]/, 1)[0] ?? '');
  return found.filter(host => host !== '').map(host => host.toLowerCase());
}

function matches(word: string, pattern: RegExp): string[] {
  return [...word.matchAll(pattern)].map(match => match[1] ?? '');
}

export function reachesDevice(path: string): boolean {
  return /^\/dev\/(?:tcp|udp)\//i.test(path);
}
