/** Whose data it is, where a house keeps that of several: `tenant:acme`. */
export type TenantLabel = `tenant:${string}`;

/** Of whom nobody could tell, or of more than are told apart: it mixes with everything. */
export const manyTenants: TenantLabel = 'tenant:*';

export const tenantPattern = /^[\p{L}\p{N}][\p{L}\p{N}._-]{0,63}$/u;

/** A name that a result gives its tenant is data: what does not look like one is not known. */
export function tenantLabel(name: string): TenantLabel {
  return tenantPattern.test(name) ? `tenant:${name}` : manyTenants;
}

export function tenantsIn(labels: Iterable<string>): string[] {
  const tenants: string[] = [];
  for (const label of labels) if (label.startsWith('tenant:')) tenants.push(label.slice('tenant:'.length));
  return tenants;
}
