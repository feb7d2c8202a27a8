import type { Caller } from '@sallyport/gateway/api/caller.ts';

/** Whoever holds the operator's key, as the control API knows them. */
export const theOperator: Caller = {
  name: 'operator',
  role: 'admin',
  groups: 'all',
  proof: 'shared-uid',
  expiresAt: undefined,
  ended: undefined,
};

/** Somebody who signed in at the organisation's provider. */
export const emma: Caller = {
  ...theOperator,
  name: 'oidc:emma@example.org',
  groups: [],
  proof: 'oidc',
  person: { issuer: 'https://id.example.org', subject: '248289761001' },
};
