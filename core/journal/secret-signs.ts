/**
 * What looks like a secret: member names, and shapes of values. A short list of our own: it is the second line behind
 * the rule that secrets never reach a body, and it errs towards redacting.
 */

/** Ends of names whose whole value is a secret. A space stands for a separator, or for none: `api_key`, `apiKey`. */
const words =
  'pass word|pass wd|pass phrase|pass code|pwd|secrets?|(?:api|secret|access|private|signing|encryption|master|shared|' +
  'account|auth) key(?: id)?|token|(?:access|refresh) tokens|authorization|credentials?|cookies?|session id|' +
  'connection string|client assertion|otp|pin code|cv[vc]|webhook url';
const wordsPattern = words.replaceAll(' ', '[-_.\\s]?');
const secretName = new RegExp(`(?:${wordsPattern})$`, 'i');

/** Names that end so and are not secrets: places in a list, switches, and the shell's working directory. */
const harmlessName = new RegExp(
  '(?:next|prev|previous|page|continuation|continue|sync|start|starting|progress|eos|bos|pad|stop)[-_.]?token$|' +
    '^(?:is|has|no|use|requires?|needs?|show|allow)[-_]?(?:password|secret|token|credentials?|cookies?)$',
  'i',
);

export function isSecretName(name: string): boolean {
  return name.length <= 128 && secretName.test(name) && !harmlessName.test(name) && !/^(?:OLD)?PWD$/.test(name);
}

export interface SecretShape {
  readonly rule: string;
  readonly pattern: RegExp;
  /** Number of the group that is the secret; 0 for all of it. */
  readonly group: number;
}

/** Keys with prefixes that their makers chose to be recognised by, tokens, PEM blocks. In order: the first to match wins. */
export const secretShapes: readonly SecretShape[] = [
  shape('pem', /-----BEGIN (?!CERTIFICATE|PUBLIC KEY)[A-Z0-9 ]{1,64}-----[\s\S]*?(?:-----END [A-Z0-9 ]{1,64}-----|$)/g),
  shape('jwt', /\beyJ[\w-]{8,}\.[\w-]{4,}(?:\.[\w-]*){1,3}/g),
  shape('aws-key', /\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b/g),
  shape('github-token', /\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,})/g),
  shape('gitlab-token', /\bgl(?:pat|oas|dt|rt|cbt|ptt|ft|soat|agent)-[\w-]{16,}/g),
  shape('slack-token', /\bxox[abceoprs]-[\w-]{10,}|\bxapp-[\w-]{10,}|hooks\.slack\.com\/services\/[\w/]{20,}/g),
  shape('stripe-key', /\b(?:[srp]k_(?:live|test)_|whsec_)[A-Za-z0-9]{16,}/g),
  shape(
    'api-key',
    /\bsk-[\w-]{16,}|\b(?:hf|npm|dop_v1|doo_v1|shpat|shpss|shppa|lin_api|tvly|gsk|xai|pplx|r8)_?-?[A-Za-z0-9_]{20,}/g,
  ),
  shape('google-key', /\bAIza[\w-]{30,}|\bya29\.[\w-]{20,}|\bGOCSPX-[\w-]{20,}/g),
  shape('registry-token', /\b(?:pypi-AgE|SG\.|hvs\.|hvb\.|dckr_pat_|glsa_|sntrys_|dapi|AGE-SECRET-KEY-1)[\w.-]{20,}/g),
  shape('bot-token', /\b[0-9]{8,10}:AA[\w-]{30,}/g),
  shape('sallyport-token', /\bsp[a-z]_[\w-]{16,}/g),
  shape('url-password', /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s:/@"']{0,128}:([^\s/@"']{1,256})@/gi, 1),
  shape('authorization', /\b(?:bearer|basic|digest|negotiate)\s{1,4}([\w.~+/-]{12,}=*)/gi, 1),
];

function shape(rule: string, pattern: RegExp, group = 0): SecretShape {
  return { rule, pattern, group };
}

/** `NAME=value`, `name: "value"`, also with the quotes of a JSON text that stands in a string. Groups: name, quoted, bare. */
export const assignment =
  /(?<![\w.-])([A-Za-z_][\w.-]{0,63})\\?["']?\s{0,4}(?::=|=>|[:=])\s{0,4}(?:\\?["']((?:[^"'\\\n]|\\[^"'\n]){1,4096})\\?["']|([^\s"'\\,;&}\])]{4,4096}))/g;

const randomCharsMin = 24;
const randomBitsMin = 3.8;

/** True for a value that only a generator writes: long, of mixed kinds of characters, and even in their use. */
export function looksRandom(value: string): boolean {
  if (value.length < randomCharsMin || value.length > 512 || !/^[\w+/=.~-]+$/.test(value)) return false;
  if (!/[a-z]/.test(value) || !/[A-Z]/.test(value) || !/[0-9]/.test(value)) return false;
  const slashes = value.split('/').length - 1;
  return slashes * 16 <= value.length && entropyBits(value) >= randomBitsMin;
}

/** Shannon entropy of one character, in bits. */
function entropyBits(text: string): number {
  const counts = new Map<string, number>();
  for (const char of text) counts.set(char, (counts.get(char) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}

/** Digests and ids are random too, and tell nothing. */
export function isDigestName(name: string): boolean {
  return /(?:digest|hash|sha\d*|checksum|etag|integrity|uuid|id|ids|pin|world|cursor|nexttoken|pagetoken)$/i.test(name);
}
