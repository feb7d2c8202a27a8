/**
 * A small model of policies of its own: what a Cedar policy *means*, as data. The reference evaluates it directly, the
 * real engine gets it as text; the two share nothing but this. Kept short on purpose: it is read, not tested.
 */

export type Expression =
  | { readonly kind: 'bool'; readonly value: boolean }
  | { readonly kind: 'long'; readonly value: bigint }
  | { readonly kind: 'string'; readonly value: string }
  /** In ten-thousandths. */
  | { readonly kind: 'decimal'; readonly value: bigint }
  | { readonly kind: 'instant'; readonly value: string }
  | { readonly kind: 'set'; readonly items: readonly Expression[] }
  /** `context.task.kind`, `principal.trust` */
  | { readonly kind: 'get'; readonly from: Base; readonly path: readonly string[] }
  /** A member of whatever the expression is worth; an attribute, if that is an entity of the request. */
  | { readonly kind: 'attribute'; readonly left: Expression; readonly name: string }
  | { readonly kind: 'has'; readonly from: Base; readonly path: readonly string[]; readonly name: string }
  | { readonly kind: 'entity'; readonly name: 'principal' | 'action' | 'resource' }
  | { readonly kind: 'named'; readonly type: string; readonly id: string }
  | { readonly kind: 'in'; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'is'; readonly left: Expression; readonly type: string }
  | { readonly kind: 'not' | 'negative' | 'isEmpty'; readonly of: Expression }
  | { readonly kind: BinaryKind; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'like'; readonly left: Expression; readonly pattern: readonly (string | undefined)[] }
  | { readonly kind: 'if'; readonly test: Expression; readonly yes: Expression; readonly no: Expression };

export type Base = 'context' | 'principal' | 'resource';

export type BinaryKind =
  | 'and'
  | 'or'
  | 'equal'
  | 'unequal'
  | 'less'
  | 'lessOrEqual'
  | 'more'
  | 'moreOrEqual'
  | 'plus'
  | 'minus'
  | 'times'
  | 'contains'
  | 'containsAll'
  | 'containsAny'
  | 'decimalLess'
  | 'decimalMoreOrEqual';

/** One part of a scope. */
export type Limit =
  | { readonly kind: 'any' }
  | { readonly kind: 'is'; readonly type: string; readonly in?: Name }
  | { readonly kind: 'equals'; readonly name: Name }
  | { readonly kind: 'in'; readonly names: readonly Name[] };

export interface Name {
  readonly type: string;
  readonly id: string;
}

export interface ModelPolicy {
  readonly id: string;
  readonly effect: 'permit' | 'forbid';
  readonly principal: Limit;
  readonly action: Limit;
  readonly resource: Limit;
  readonly conditions: readonly { readonly kind: 'when' | 'unless'; readonly body: Expression }[];
}
