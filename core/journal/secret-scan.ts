import { charsOf } from './chars.ts';
import { isDigestName, looksRandom } from './secret-signs.ts';

/**
 * The cheap question before the dear one: false only for texts in which none of the signs can be found. Every body is
 * asked, so it is done with tables, in loops that call nothing.
 */
export function maySecret(text: string): boolean {
  const chars = charsOf(text);
  return holdsSign(text, chars) || holdsRandom(text, chars);
}

const longChars = 24;

/** 1 to 26 letters of either case, 27 digits, 28 to 31 punctuation of long values; 0 everything else. */
const sorts = new Uint8Array(256);
for (let code = 0; code < 128; code++) {
  const char = String.fromCharCode(code);
  if (/[a-z]/i.test(char)) sorts[code] = char.toLowerCase().charCodeAt(0) - 96;
  else if (/[0-9]/.test(char)) sorts[code] = 27;
  else if (/[-_~]/.test(char)) sorts[code] = 28;
  else if (/[\\.]/.test(char)) sorts[code] = 29;
  else if (/[:+=]/.test(char)) sorts[code] = 30;
  else if (char === '/') sorts[code] = 31;
}

/** What each name of a secret begins with or holds, in lower case; `{a,b}` is one of them, `?` a separator or none. */
const names = [
  'pass{w,p,c,-,_,., }',
  'pwd',
  'secret',
  '{api,secret,access,private,signing,encryption,master,shared,account,auth}?key',
  'token',
  'authoriz',
  'credential',
  'cookie',
  'session?id',
  'connection?string',
  'client?assertion',
  'otp',
  'pin?code',
  'cv{v,c}',
  'webhook?url',
].flatMap(expand);

/** What each value begins with or holds. JSON escapes (`\u0070assword`) ask for a closer look as well. */
const values = [
  '-----begin',
  'eyj',
  '{akia,asia,abia,acca}',
  'gh{p,o,u,s,r}_',
  'github_pat',
  'gl{pat,oas,dt,rt,cbt,ptt,ft,soat,agent}-',
  'xox{a,b,c,e,o,p,r,s}-',
  'xapp-',
  'hooks.slack',
  '{s,r,p}k_{l,t}',
  'sk-',
  'whsec',
  'hf_',
  'npm_',
  'do{o,p}_v1',
  'shp{at,ss,pa}',
  'lin_api',
  'tvly-',
  'gsk_',
  'xai-',
  'pplx-',
  'r8_',
  'aiza',
  'ya29.',
  'gocspx-',
  'pypi-',
  'sg.',
  'hv{s,b}.',
  'dckr_pat',
  'glsa_',
  'sntrys_',
  'dapi',
  'age-secret',
  ':aa',
  'sp{a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r,s,t,u,v,w,x,y,z}_',
  '://',
  '{bearer,basic,digest,negotiate}{ ,\t,\n,\v,\f,\r,\\t,\\n,\\r,\\f}',
  '\\u0',
].flatMap(expand);

function expand(pattern: string): string[] {
  const choice = /\{([^{}]*)\}|\?/.exec(pattern);
  if (choice === null) return [pattern];
  const options = choice[1]?.split(',') ?? ['', '-', '_', '.', ' '];
  const [before, after] = [pattern.slice(0, choice.index), pattern.slice(choice.index + choice[0].length)];
  return options.flatMap(option => expand(before + option + after));
}

interface Sign {
  readonly stem: string;
  readonly isName: boolean;
}

/** The signs by how they begin, and, a bit for each, the sorts that may come fourth. */
const begins: Sign[][] = [];
const fourths = new Int32Array(256);
/** For the sorts of three characters the place in both, plus one; 0 where no sign begins so. */
const places = new Uint8Array(0x8000);
for (const [isName, stems] of [[true, names] as const, [false, values] as const])
  for (const stem of stems) note({ stem, isName });

function note(sign: Sign): void {
  const [first = 0, second = 0, third = 0, fourth] = Array.from(sign.stem, char => sorts[char.charCodeAt(0)]);
  const three = (first << 10) | (second << 5) | third;
  places[three] ||= begins.push([]);
  const place = (places[three] as number) - 1;
  begins[place]?.push(sign);
  fourths[place] = (fourths[place] as number) | (fourth === undefined ? -1 : 1 << fourth);
}

function holdsSign(text: string, chars: Uint8Array): boolean {
  const end = text.length;
  for (let at = nextBegin(chars, 0, end); at < end; at = nextBegin(chars, at + 1, end))
    for (const { stem, isName } of begins[placeOf(chars, at)] ?? [])
      if (isAt(text, at, stem) && !(isName && tellsNothing(text, at + stem.length))) return true;
  return false;
}

/** The first place from `start` on where four characters are of the sorts that a sign begins with; `end` if there is none. */
function nextBegin(chars: Uint8Array, start: number, end: number): number {
  let three = ((sorts[chars[start] as number] as number) << 5) | (sorts[chars[start + 1] as number] as number);
  for (let at = start; at < end; at++) {
    three = ((three << 5) | (sorts[chars[at + 2] as number] as number)) & 0x7fff;
    const place = places[three] as number;
    if (place === 0) continue;
    if ((((fourths[place - 1] as number) >>> (sorts[chars[at + 3] as number] as number)) & 1) === 1) return at;
  }
  return end;
}

function placeOf(chars: Uint8Array, at: number): number {
  let three = 0;
  for (let step = 0; step < 3; step++) three = (three << 5) | (sorts[chars[at + step] as number] as number);
  return (places[three] as number) - 1;
}

/** Letters of either case; every stem is in lower case. */
function isAt(text: string, at: number, stem: string): boolean {
  if (at < 0 || at + stem.length > text.length) return false;
  for (let step = 0; step < stem.length; step++) {
    const unit = text.charCodeAt(at + step);
    const lower = unit >= 0x41 && unit <= 0x5a ? unit | 0x20 : unit;
    if (lower !== stem.charCodeAt(step)) return false;
  }
  return true;
}

/** The name goes on to its end, and what stands under it can be no secret: the facts of a decision hold `"credentials":false`. */
const nothingUnderIt = /[\w.-]{0,64}":(?:true|false|null|\[\]|\{\})[,}\]]/y;

function tellsNothing(text: string, at: number): boolean {
  nothingUnderIt.lastIndex = at;
  return nothingUnderIt.test(text);
}

/** As in an assignment, in the text of JSON: white space may be escaped there, and what stands before a quote is so twice. */
const longValue = /(?:"([\w.-]{1,64})")?[=:>](?:\s|\\[nrtf]){0,4}\\{0,3}["']?([\w+/=.~-]{24,512})/g;
/** A name of 64 characters, its quotes, and what stands between it and its value. */
const nameCharsMax = 72;

/** Looks only where so many characters of long values follow each other: of those that others end, at every 24th. */
function holdsRandom(text: string, chars: Uint8Array): boolean {
  for (let at = longChars - 1; at < text.length; ) {
    let before = at;
    while (before > at - longChars && sorts[chars[before] as number] !== 0) before--;
    if (before === at - longChars) {
      while (sorts[chars[at] as number] !== 0) at++;
      const isLikely = isMixed(chars, before + 1, at);
      if (isLikely && isRandom(text.slice(Math.max(0, before + 1 - nameCharsMax), at))) return true;
      before = at;
    }
    at = before + longChars;
  }
  return false;
}

/** Letters of both cases and digits, as `looksRandom` wants them: paths and addresses mostly lack some. */
function isMixed(chars: Uint8Array, from: number, to: number): boolean {
  let kinds = 0;
  for (let at = from; at < to; at++) {
    const char = chars[at] as number;
    if (char >= 0x61) kinds |= 1;
    else if (char >= 0x41) kinds |= 2;
    else if (char >= 0x30) kinds |= 4;
  }
  return kinds === 7;
}

/**
 * The facts of a decision are full of digests, each under its name: for their sake nothing is looked at more closely. An assignment
 * may stand under such a name as well: what comes after its sign has another name.
 */
function isRandom(text: string): boolean {
  longValue.lastIndex = 0;
  for (let found = longValue.exec(text); found !== null; found = longValue.exec(text)) {
    const [, name, value = ''] = found;
    if (name === undefined || !isDigestName(name)) {
      if (looksRandom(value)) return true;
    } else if (value.includes('=')) longValue.lastIndex -= value.length - value.indexOf('=');
  }
  return false;
}
