/** Files that an action's arguments name, as far as they are spelled out. */
export interface PathFacts {
  readonly present: boolean;
  /** Normalised: `.` and `..` resolved, separators `/`. A relative path stays relative. */
  readonly all: readonly string[];
  /** A path climbs above where it starts (`../`), or above its own root. */
  readonly climbs: boolean;
  /** One of them seems to lie elsewhere than it does: it steps back over a step of its own, or hides one behind percent signs. */
  readonly disguised: boolean;
  /** One of them leads, or may lead, out of the folder that relative paths begin in: absolute, `~`, a drive, or climbing. */
  readonly outside: boolean;
  /** A place where keys and passwords are kept: `.ssh`, `.aws`, `.env`, key stores, browsers' stores. */
  readonly credentials: boolean;
  /** A file that a shell, a login, a scheduler or a tool runs by itself. */
  readonly startup: boolean;
}

const noPaths: PathFacts = {
  ...{ present: false, all: [], climbs: false, disguised: false, outside: false, credentials: false, startup: false },
};

/**
 * The facts of `paths`: each a word that names a file, also as a `file:` address or with percent signs. `complete`: these are all that
 * there are; of others any may be the worst.
 */
export function readPaths(paths: readonly string[], complete = true): PathFacts {
  if (!complete) return { ...readPaths(paths), ...worstPaths };
  if (paths.length === 0) return noPaths;
  const all = new Set<string>();
  let [climbs, disguised] = [false, false];
  for (const path of paths.flatMap(readings)) {
    const each = spellings(path);
    disguised ||= each.length > roundsMax && isEncoded(each.at(-1) ?? '');
    for (const [round, spelling] of each.entries()) {
      const normal = normalised(spelling);
      all.add(normal.path);
      climbs ||= normal.climbs;
      disguised ||= normal.turns || (round > 0 && /(?:^|[\\/])\.\.?(?:[\\/]|$)/.test(spelling));
    }
  }
  const list = [...all];
  return {
    present: list.length > 0,
    all: list,
    climbs,
    disguised,
    outside: climbs || list.some(path => /^(?:\/|~|[A-Za-z]:)/.test(path)),
    credentials: list.some(isCredentialPlace),
    startup: list.some(isStartupPlace),
  };
}

const worstPaths = { present: true, climbs: true, disguised: true, outside: true, credentials: true, startup: true };

/** Some readers take off what stands around a path, and some do not. */
function readings(path: string): readonly string[] {
  const bare = bareOf(path);
  return bare === path ? [path] : [path, bare];
}

/** A path without the blanks, control characters and quotes around it. */
export function bareOf(path: string): string {
  let [from, to] = [0, path.length];
  while (from < to && rim.test(path.charAt(from))) from++;
  while (to > from && rim.test(path.charAt(to - 1))) to--;
  return from === 0 && to === path.length ? path : path.slice(from, to);
}

const rim = /[\s\p{Cc}\p{Cf}"'`]/u;

const roundsMax = 3;

function isEncoded(path: string): boolean {
  return /%[0-9a-f]{2}/i.test(path);
}

/** A path as it is, and as it would be read where percent signs are decoded, once or by one server after the other. */
function spellings(path: string): string[] {
  const found = [path.replace(/^file:\/\/(?:localhost)?/i, '')];
  for (let round = 0; round < roundsMax; round++) {
    const last = found.at(-1) ?? '';
    const next = last.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
    if (next === last) break;
    found.push(next);
  }
  return found;
}

function normalised(path: string): { readonly path: string; readonly climbs: boolean; readonly turns: boolean } {
  const slashed = path.replaceAll('\\', '/');
  const isAbsolute = slashed.startsWith('/');
  const parts: string[] = [];
  let [climbs, turns] = [false, false];
  for (const part of slashed.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.length > 0 && parts.at(-1) !== '..') {
      parts.pop();
      turns = true;
    } else {
      climbs = true;
      if (!isAbsolute) parts.push(part);
    }
  }
  return { path: (isAbsolute ? '/' : '') + parts.join('/') || (isAbsolute ? '/' : '.'), climbs, turns };
}

const credentialPlace =
  /(?:^|\/)(?:\.ssh|\.aws|\.azure|\.gnupg|\.kube|\.docker|\.password-store|gcloud|\.oci|\.terraform\.d|\.vault-token|keychains?|keyrings?|credentials?(?:\.\w+)?|\.credentials\.\w+|secrets?(?:\.\w+)?|\.env(?:\.[\w-]+)?|\.envrc|\.netrc|_netrc|\.pgpass|\.my\.cnf|\.npmrc|\.pypirc|\.git-credentials|\.htpasswd|id_(?:rsa|dsa|ecdsa|ed25519)(?:\.\w+)?|shadow|gshadow|master\.passwd|login\.keychain(?:-db)?|logins\.json|key[34]\.db|login data|cookies(?:\.sqlite)?|wallet\.dat|service[-_]?account[\w-]*\.json|\.bash_history|\.zsh_history|\.mysql_history|\.psql_history)(?:\/|$)|\.(?:pem|key|p12|pfx|jks|keystore|kdbx|ppk|asc|gpg)$|^\/proc\/(?:self|\d+)\/(?:environ|mem|cmdline|maps)$|^\/(?:run|var\/run)\/secrets(?:\/|$)/i;

export function isCredentialPlace(path: string): boolean {
  return credentialPlace.test(path);
}

const startupPlace =
  /(?:^|\/)(?:\.(?:bash|zsh|k?sh|c?sh|tcsh|fish)(?:rc|env)|\.(?:bash_|z)?(?:profile|login|logout|aliases)|config\.fish|\.gitconfig|\.npmrc|\.yarnrc(?:\.yml)?|\.pypirc|\.envrc|\.vimrc|\.emacs|\.mcp\.json|authorized_keys|known_hosts|sudoers|crontab|rc\.local|ld\.so\.preload|sitecustomize\.py)$|\.git\/(?:hooks\/|config$)|\.config\/(?:autostart|systemd|fish)\/|^\/etc\/|LaunchAgents\/|LaunchDaemons\/|\/(?:cron\.[a-z]+|init\.d|systemd|profile\.d|sudoers\.d)\/|(?:^|\/)\.(?:vscode|cursor|claude|codex|gemini|idea|husky)\/|(?:^|\/)\.github\/workflows\//i;

/** What agents read at the beginning of a session and follow as their own instructions. */
const instructions =
  /(?:^|\/)(?:agents?|claude|gemini|copilot-instructions|soul|memory|identity|heartbeat|skill)(?:\.local|\.override)?\.md$|(?:^|\/)\.(?:cursorrules|windsurfrules|clinerules|goosehints)(?:\/|$)|\.mdc$/i;

/** Where something that is written is run or believed later, without anybody asking for it. */
export function isStartupPlace(path: string): boolean {
  return startupPlace.test(path) || instructions.test(path);
}
