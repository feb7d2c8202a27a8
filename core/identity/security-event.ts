import type { Instant } from '../model/ids.ts';
import { type JsonObject, member, stringMember } from '../model/json.ts';
import { checkAudience, checkIssuer, textClaim } from './claims.ts';
import { type Proven, proven, unproven } from './fault.ts';
import type { Jws } from './jws.ts';

/** What a transmitter told (RFC 8417, CAEP 1.0): one event about one subject. */
export interface SecurityEvent {
  readonly jti: string;
  readonly issuedAt: Instant;
  /** `session-revoked`, `credential-change`; the URI itself where it is none of CAEP's. */
  readonly type: string;
  /** Names of whom it is about: `email:…`, `iss_sub:ISSUER SUBJECT`, `opaque:…`. */
  readonly subjects: readonly string[];
  /** Of `credential-change`. */
  readonly change: string | undefined;
}

export interface SecurityEventRules {
  readonly issuer: string;
  readonly audiences: readonly string[];
}

const securityEventType = 'secevent+jwt';
const caep = 'https://schemas.openid.net/secevent/caep/event-type/';
const subjectsMax = 8;

/** The claims of a security event token whose signature holds. It is no proof of anybody: `sub` and `exp` must not stand there. */
export function readSecurityEvent({ header, claims }: Jws, rules: SecurityEventRules): Proven<SecurityEvent> {
  if (header.typ !== securityEventType) return unproven('token-type', 'it is not a security event token');
  const issuer = checkIssuer(claims, rules.issuer);
  if (!issuer.ok) return issuer;
  const audience = checkAudience(claims, rules.audiences);
  if (!audience.ok) return audience;
  const jti = textClaim(claims, 'jti');
  if (!jti.ok) return jti;
  const iat = member(claims, 'iat');
  if (iat?.kind !== 'number' || !(iat.value >= 0)) return unproven('claim', '`iat` is missing, or no date in seconds');
  for (const name of ['sub', 'exp'])
    if (member(claims, name) !== undefined) return unproven('claim', `\`${name}\` must not stand in a security event`);
  const events = member(claims, 'events');
  if (events?.kind !== 'object' || events.members.size !== 1) return unproven('claim', '`events` must hold one event');
  const [[uri, event] = ['', undefined]] = events.members;
  if (event?.kind !== 'object') return unproven('claim', 'the event must be an object');
  const subjects = subjectsIn(member(claims, 'sub_id'));
  if (subjects === undefined) return unproven('subject', '`sub_id` is missing, or of a format that is not known');
  const type = uri.startsWith(caep) ? uri.slice(caep.length) : uri;
  return proven({
    jti: jti.value,
    issuedAt: iat.value * 1000,
    type,
    subjects,
    change: stringMember(event, 'change_type'),
  });
}

/** RFC 9493: simple formats, and `complex` as all the simple ones in it. */
function subjectsIn(node: ReturnType<typeof member>): readonly string[] | undefined {
  if (node?.kind !== 'object') return undefined;
  if (stringMember(node, 'format') !== 'complex') {
    const one = subjectIn(node);
    return one === undefined ? undefined : [one];
  }
  const parts = [...node.members].filter(([name]) => name !== 'format').map(([, part]) => part);
  const found = parts.map(part => (part.kind === 'object' ? subjectIn(part) : undefined));
  if (found.length === 0 || found.length > subjectsMax) return undefined;
  return found.filter(one => one !== undefined);
}

function subjectIn(node: JsonObject): string | undefined {
  const text = (name: string): string | undefined => stringMember(node, name);
  switch (text('format')) {
    case 'email':
      return text('email') === undefined ? undefined : `email:${text('email')}`;
    case 'iss_sub':
      return text('iss') === undefined || text('sub') === undefined
        ? undefined
        : `iss_sub:${text('iss')} ${text('sub')}`;
    case 'opaque':
      return text('id') === undefined ? undefined : `opaque:${text('id')}`;
    default:
      return undefined;
  }
}
