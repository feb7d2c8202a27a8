/** Errors of A2A 1.0 by their code in JSON-RPC, as its HTTP+JSON binding says them (§5.4, §9.5, §11.6). */
export const a2aErrors: Readonly<Record<number, readonly [status: number, name: string, reason: string]>> = {
  [-32001]: [404, 'NOT_FOUND', 'TASK_NOT_FOUND'],
  [-32002]: [400, 'FAILED_PRECONDITION', 'TASK_NOT_CANCELABLE'],
  [-32003]: [400, 'FAILED_PRECONDITION', 'PUSH_NOTIFICATION_NOT_SUPPORTED'],
  [-32004]: [400, 'FAILED_PRECONDITION', 'UNSUPPORTED_OPERATION'],
  [-32005]: [400, 'INVALID_ARGUMENT', 'CONTENT_TYPE_NOT_SUPPORTED'],
  [-32006]: [500, 'INTERNAL', 'INVALID_AGENT_RESPONSE'],
  [-32007]: [400, 'FAILED_PRECONDITION', 'EXTENDED_AGENT_CARD_NOT_CONFIGURED'],
  [-32008]: [400, 'FAILED_PRECONDITION', 'EXTENSION_SUPPORT_REQUIRED'],
};

/** The code of an error that HTTP+JSON names by its reason; undefined: the protocol has no such word. */
export function codeOfReason(reason: string): number | undefined {
  const found = Object.entries(a2aErrors).find(([, [, , word]]) => word === reason);
  return found === undefined ? undefined : Number(found[0]);
}
