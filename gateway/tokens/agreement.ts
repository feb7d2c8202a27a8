import type { AgentId } from '@sallyport/core/model/ids.ts';
import type { Role } from '../api/caller.ts';
import type { SignedIn } from '../people/role.ts';

/** What a person agreed to at the authorization endpoint. */
export interface Agreement {
  readonly clientId: string;
  readonly redirectUri: string;
  /** S256 of the verifier (RFC 7636 §4.2). */
  readonly challenge: string;
  readonly resource: string;
  readonly scope: readonly string[];
  /** The agent that this client is; undefined for the command line, which acts for nobody but its person. */
  readonly agent: AgentId | undefined;
  readonly principal: string;
  /** Who signed in, and where. */
  readonly origin: { readonly issuer: string; readonly subject: string };
  /** A person on the command line, who gets a session and no token. */
  readonly person?: { readonly signedIn: SignedIn; readonly role: Role };
}
