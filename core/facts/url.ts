import { bareOf } from './path.ts';

/**
 * Addresses in an action's arguments: where something would be fetched from or sent to. Read with the WHATWG URL
 * parser, so an IPv4 address is found in all its spellings (`0x7f.1`, `2130706433`).
 */
export interface UrlFacts {
  readonly present: boolean;
  /** Something that begins like an address and cannot be read as one, or more addresses than are read. */
  readonly unclear: boolean;
  /** Lower case, as the parser writes it, without the port; those inside other addresses included. Where not all were read, `unsearched` too. */
  readonly hosts: readonly string[];
  /** Without the colon. Where not all were read, `unsearched` too. */
  readonly schemes: readonly string[];
  /** A host of this machine, of a private network, or of a cloud's metadata service; also where not all were read. */
  readonly internal: boolean;
  /** Another address stands inside an address: in its path, query or fragment; also where not all were read. */
  readonly nested: boolean;
  /** A user name or password stands in an address; also where not all were read. */
  readonly credentials: boolean;
  /** Characters after the host of the longest address: what the address itself can carry out; as many as there can be where not all were read. */
  readonly carriedChars: number;
}

/** Of more, and of what is hidden deeper, any may be the worst that one can be. */
const urlsMax = 512;
const depthMax = 3;
const begins = /\b[a-z][a-z0-9+.-]{1,30}:\/\//gi;
const one = /[a-z][a-z0-9+.-]{1,30}:(?:\/\/|\\\\|\/\\|\\\/)[^\s<>"'`{}|^]+/gi;

const four = String.raw`(?:0x[\da-f]{1,8}|\d{1,4})(?:\.(?:0x[\da-f]{1,8}|\d{1,4})){3}`;
const six = String.raw`\[[\da-f:.]{2,45}\]`;
/** What names a machine without a doubt, also where no scheme says that an address begins: words and file names do not. */
const machine = String.raw`(?:${four}|${six}|(?:[\w-]{1,63}\.){0,8}localhost)\.?`;
const front = String.raw`(?:(?:https?|wss?|ftp):[\\/]?|[\\/]{2})?`;
/** In a text. `10.0.0.0/8` is a network there. */
const bare = new RegExp(
  String.raw`(?<![\w.:/\\%-])${front}(${machine}(?=:\d|\/(?!\d{1,2}(?![\w/?#-])))[^\s<>"'\`{}|^]*)`,
  'gi',
);
/** A text that is one as a whole. */
const wholly = new RegExp(String.raw`^${front}(${machine}(?:[:/\\?#]\S*)?)$`, 'i');
const ofNoScheme = /^[\\/]{2}((?:[\w-]{1,63}\.)+[a-z]{2,63}\.?(?:[:/\\?#]\S*)?)$/i;
/** One number for several parts of an IPv4 address (inet_aton(3)): plain numbers are written so too, hence `isPacked`. */
const packed =
  /(?<![^\s"'=(@])(?:0x[\da-f]{7,8}|0[0-7]{10,11}|\d{8,10}|(?:\d{1,3}\.){1,2}\d{4,8}|127(?:\.\d{1,3}){1,2})\.?(?=:\d|[?#\\]|\/(?!\d{1,2}(?![\w/?#-])))[^\s<>"'`{}|^]*/gi;
/** Digits and dots that a host is read with as with the plain ones (UTS 46). */
const otherDigits = /[\u3002\uff0e\uff61\uff10-\uff19\u2460-\u249b\u24ea\u{1d7ce}-\u{1d7ff}]/u;
const onlySix = /^(?=.*\d)(?=.*:.*:)[\da-f:.]{3,45}$/i;

/** How a text begins that the parser may take for an address: it passes over blanks, and over line ends wherever they are. */
const begin = /^[\0-\x20]*[a-z][a-z0-9+.\-\t\r\n]{1,62}:/i;

/** The facts of every address in `texts`, addresses inside text included. `all`: these are all texts that there are. */
export function readUrls(texts: Iterable<string>, all = true): UrlFacts {
  const found = { hosts: new Set<string>(), schemes: new Set<string>(), unclear: false, nested: false, all };
  let carriedChars = 0;
  let credentials = false;
  let count = 0;
  const look = (text: string, depth: number): void => {
    for (const address of addressesIn(text)) {
      if (++count > urlsMax) {
        found.all = false;
        return;
      }
      const isBare = address.startsWith('//');
      const readings = readingsOf(isBare ? `http:${address}` : address);
      for (const reading of readings) {
        if (reading === null) found.unclear = true;
        else if (reading.hostname !== '') found.hosts.add(hostOf(reading));
      }
      const [url] = readings;
      if (url === null) continue;
      if (!isBare) found.schemes.add(url.protocol.slice(0, -1));
      if (url.username !== '' || url.password !== '') credentials = true;
      const rest = url.pathname + url.search + url.hash;
      carriedChars = Math.max(carriedChars, rest.length - 1);
      const inner = decoded(rest);
      begins.lastIndex = 0;
      if (!begins.test(inner)) continue;
      found.nested = true;
      if (depth < depthMax) look(inner, depth + 1);
      else found.all = false;
    }
  };
  for (const text of texts) look(text, 0);
  const [hosts, schemes] = [[...found.hosts], [...found.schemes]];
  if (!found.all) return { ...worstUrls, hosts: [...hosts, unsearched], schemes: [...schemes, unsearched] };
  const { unclear, nested } = found;
  return {
    ...{ present: count > 0, unclear, hosts, schemes, internal: hosts.some(isInternalHost), nested },
    ...{ credentials, carriedChars },
  };
}

const unsearched = 'unsearched';
const worstUrls = {
  ...{ present: true, unclear: true, internal: true, nested: true, credentials: true },
  carriedChars: Number.MAX_SAFE_INTEGER,
};

/**
 * An address as the WHATWG URL standard has it, and where a backslash stands in it as RFC 3986 does: the one ends the host there, to
 * the other (curl, wget, Python) it is a sign like others, so that `https://a.example\@b.example` leads to two places. Null: to that
 * reader it is no address.
 */
export function readingsOf(address: string): readonly [URL | null, ...(URL | null)[]] {
  const url = URL.parse(address);
  const [begin = ''] = /^[a-z][a-z0-9+.-]*:\/\//i.exec(address) ?? [];
  if (begin === '' || !address.includes('\\')) return [url];
  return [url, URL.parse(begin + address.slice(begin.length).replaceAll('\\', '%5C'))];
}

/** Without the dot that may end a name. */
export function hostOf({ hostname }: URL): string {
  return hostname.replace(/\.$/, '');
}

/**
 * What looks like one in a text. A text that is one as a whole may lead elsewhere than its beginning does: blanks, quotes and a
 * single slash are part of it then (`http://good.example @evil.example`).
 */
function* addressesIn(written: string): Iterable<string> {
  const text = bareOf(written).replace(/^<([^<>]*)>$/, '$1');
  const found = [...text.matchAll(one)].map(([address]) => address);
  const whole = begin.test(text) ? URL.parse(text) : null;
  if (whole !== null && whole.host !== '' && URL.parse(found[0] ?? '')?.host !== whole.host) {
    const user = whole.username === '' && whole.password === '' ? '' : 'user@';
    yield `${whole.protocol}//${user}${whole.host}`;
  }
  yield* found;
  yield* bareIn(found.length === 0 ? text : text.replaceAll(one, ' '));
}

/** Those that no scheme begins, as `//host/path`. */
function* bareIn(text: string): Iterable<string> {
  yield* plainlyBareIn(text);
  if (otherDigits.test(text)) yield* plainlyBareIn(text.normalize('NFKC').replaceAll('\u3002', '.'));
}

function* plainlyBareIn(text: string): Iterable<string> {
  const [, whole = onlySix.test(text) ? `[${text}]` : undefined] = wholly.exec(text) ?? ofNoScheme.exec(text) ?? [];
  const all = whole === undefined ? [...text.matchAll(bare)].map(([, address = '']) => address) : [whole];
  for (const address of all) if (URL.parse(`http://${address}`) !== null) yield `//${address}`;
  for (const [address] of text.matchAll(packed)) if (isPacked(address)) yield `//${address}`;
}

/** Whether a number is meant as the address of something internal: of most others nobody can tell. */
function isPacked(address: string): boolean {
  const four = URL.parse(`http://${address}`)?.hostname.split('.').map(Number) ?? [];
  return [10, 127, 169, 172, 192].includes(four[0] ?? 0) && isInternalFour(four);
}

function decoded(text: string): string {
  let at = text;
  for (let round = 0; round < 3; round++) {
    const next = at.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
    if (next === at) break;
    at = next;
  }
  return at;
}

/** The names by which a program finds its own machine, as `URL` spells them. */
export const loopbackNames: readonly string[] = ['127.0.0.1', 'localhost', '[::1]'];

/**
 * Whether what goes to `hostname`, as `URL` spells it, in the clear stays on this machine, so that nobody on the way reads or answers
 * it. Narrower than `isLoopbackHost`, which says what must not be reached: for names below `localhost` many machines ask a resolver
 * elsewhere, and the unspecified address is one to listen at.
 */
export function staysOnThisMachine(hostname: string): boolean {
  return loopbackNames.includes(hostname) || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

/**
 * Whether `hostname`, as `URL` spells it, is this machine by its own name: loopback and the unspecified address, also as IPv4 inside
 * IPv6. Other names and addresses of this machine only a resolver and its interfaces know.
 */
export function isLoopbackHost(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$|(?<!\.)\.+$/g, '');
  if (host.includes(':')) {
    const inside = fourInSix(groupsOf(host));
    return host === '::1' || host === '::' || inside?.[0] === 127 || inside?.every(part => part === 0) === true;
  }
  return /^127\.[\d.]+$|^0\.0\.0\.0$|(?:^|\.)localhost$/i.test(host);
}

/** Of this machine, a private or link-local network (RFC 1918, 3927, 4193, 6598), or named so (RFC 6761, 8375). */
function isInternalHost(host: string): boolean {
  if (isLoopbackHost(host)) return true;
  if (host.startsWith('[')) return isInternalSix(host.slice(1, -1));
  const four = /^(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(host)?.slice(1).map(Number);
  if (four !== undefined) return isInternalFour(four);
  return (
    !host.includes('.') ||
    isNameOfInternal(host) ||
    /\.(?:local|internal|intranet|lan|home|corp|home\.arpa)$/.test(host)
  );
}

/** Public names that lead to the address in them: `10.0.0.5.nip.example`, `app-192-168-0-1.dns.example`. */
function isNameOfInternal(host: string): boolean {
  const [, ...four] = /(?:^|[.-])(\d{1,3})([.-])(\d{1,3})\2(\d{1,3})\2(\d{1,3})[.-]/.exec(host) ?? [];
  return four.length > 0 && isInternalFour(four.filter((_, at) => at !== 1).map(Number));
}

function isInternalFour([a = 0, b = 0]: readonly number[]): boolean {
  return (
    a === 0 ||
    a === 10 ||
    a === 127 ||
    (a === 100 && b >= 64 && b <= 127) ||
    (a === 169 && b === 254) ||
    (a === 172 && b >= 16 && b <= 31) ||
    (a === 192 && b === 168) ||
    a >= 224
  );
}

/** Unique local, link-local, site-local and multicast addresses, and those that lead to an internal IPv4 address. */
function isInternalSix(host: string): boolean {
  if (/^f[cd]|^fe[89a-f]|^ff/.test(host)) return true;
  const inside = fourInSix(groupsOf(host));
  return inside !== undefined && isInternalFour(inside);
}

/** The eight groups of an address in the short form in which the parser writes it. */
function groupsOf(host: string): readonly number[] {
  const [front = [], back = []] = host.split('::').map(half => half.split(':').filter(Boolean));
  const zeros = host.includes('::') ? Array<string>(Math.max(0, 8 - front.length - back.length)).fill('0') : [];
  return [...front, ...zeros, ...back].map(group => Number.parseInt(group, 16));
}

/** IPv4 in IPv6: compatible, mapped and translated (RFC 4291, 2765), NAT64 (RFC 6052, 8215), and 6to4 (RFC 3056). */
function fourInSix(groups: readonly number[]): readonly number[] | undefined {
  const front = groups
    .slice(0, 6)
    .map(group => group.toString(16))
    .join(':');
  const isLast = /^(?:0:0:0:0:0:(?:0|ffff)|0:0:0:0:ffff:0|64:ff9b:(?:0:0:0:0|1:.*))$/.test(front);
  const pair = isLast ? groups.slice(6) : groups[0] === 0x2002 ? groups.slice(1, 3) : undefined;
  return pair?.flatMap(group => [group >> 8, group & 255]);
}
