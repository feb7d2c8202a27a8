import { hash } from 'node:crypto';
import type { Instant } from '@sallyport/core/model/ids.ts';
import type { Role } from '../api/caller.ts';
import type { OpenedSession } from '../api/control.ts';
import type { SignedIn } from '../people/role.ts';
import type { Agreement } from './agreement.ts';
import { type Granted, type GrantRequest, grantedTo } from './grant.ts';
import { newTokenName, type TokenIssuer } from './issuer.ts';
import { OAuthFault } from './oauth-fault.ts';

export interface Codes {
  readonly issue: (agreement: Agreement) => string;
  readonly redeem: (request: GrantRequest) => Promise<Granted>;
}

interface Code {
  readonly agreement: Agreement;
  readonly family: string;
  readonly until: Instant;
  used: boolean;
}

export const codeSecondsMax = 60;
const codesMax = 10_000;

/** Codes live in memory: a restart within their minute means signing in again. */
export interface CodePorts {
  readonly now: () => Instant;
  readonly tokenIssuer: Pick<TokenIssuer, 'revoke'>;
  readonly openSession: (person: SignedIn, role: Role) => OpenedSession;
}

export function createCodes({ now, tokenIssuer, openSession }: CodePorts): Codes {
  const codes = new Map<string, Code>();
  /** All last equally long, so the oldest stand first and the first that still counts is the last to look at. */
  function sweep(): void {
    for (const [text, code] of codes) {
      if (code.until >= now()) return;
      codes.delete(text);
    }
  }
  return {
    issue: agreement => {
      sweep();
      if (codes.size >= codesMax) throw new OAuthFault('temporarily_unavailable', 'too many sign-ins are under way');
      const text = newTokenName('code');
      codes.set(text, { agreement, family: newTokenName('fam'), until: now() + codeSecondsMax * 1000, used: false });
      return text;
    },
    redeem: async ({ form, client, jkt }) => {
      const code = codes.get(form.required('code'));
      if (code === undefined || code.until < now()) throw wrongCode();
      if (code.used) {
        // RFC 6749 §4.1.2: somebody has a copy, so what it gave is taken back.
        await tokenIssuer.revoke(code.family, now() + 31 * 86_400_000);
        throw wrongCode();
      }
      const { agreement } = code;
      code.used = true;
      if (client.clientId !== agreement.clientId) throw wrongCode();
      if (form.required('redirect_uri') !== agreement.redirectUri) throw wrongCode();
      const verifier = form.required('code_verifier');
      if (!/^[A-Za-z0-9._~-]{43,128}$/.test(verifier) || hash('sha256', verifier, 'base64url') !== agreement.challenge)
        throw wrongCode();
      const resource = form.get('resource');
      if (resource !== undefined && resource !== agreement.resource)
        throw new OAuthFault('invalid_target', '`resource` is another than was agreed to');
      const { person } = agreement;
      if (person !== undefined) return { session: openSession(person.signedIn, person.role) };
      return grantedTo(agreement, code.family, jkt);
    },
  };
}

/** Unknown, used, ended, another client's, another verifier: one answer. */
function wrongCode(): OAuthFault {
  return new OAuthFault('invalid_grant', 'the code is not one that this client can redeem');
}
