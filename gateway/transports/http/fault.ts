/** A request that never got as far as a protocol: what was wrong with the HTTP around it. */
export interface HttpFault {
  readonly status: number;
  readonly code: string;
  /** The header, or `request-target`, `body`, `headers`; never a value. */
  readonly field: string;
  readonly why: string;
  /** What whoever sent it can do next. */
  readonly fix: string;
}

export function httpFault(status: number, code: string, field: string, why: string, fix: string): HttpFault {
  return { status, code, field, why, fix };
}

/** On every door: what one agent may have under way is bounded, so that another has room. */
export const overloaded = httpFault(
  503,
  'overloaded',
  'request',
  'this agent has too much under way',
  'wait until some of them are answered, read their answers, and send fewer at a time',
);

/** The body of every plain HTTP refusal: `{"error":{code,field,why,fix}}`. */
export function faultText(fault: HttpFault): string {
  const { code, field, why, fix } = fault;
  return JSON.stringify({ error: { code, field, why, fix } });
}
