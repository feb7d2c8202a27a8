import { a2aErrors } from '@sallyport/core/model/a2a-errors.ts';
import { type Refusal, refusalSentence } from '@sallyport/core/model/refusal.ts';
import { errorCodes } from '../mcp/wire/protocol.ts';

/** An error of A2A 1.0 in both bindings (§5.4, §9.5, §11.6): JSON-RPC's code, and HTTP's status with its words. */
export interface A2aError {
  readonly code: number;
  readonly status: number;
  readonly name: string;
  /** `TASK_NOT_FOUND`; absent where the protocol has no word for it. */
  readonly reason?: string;
  readonly message: string;
}

export const taskNotFound: A2aError = {
  ...{ code: -32001, status: 404, name: 'NOT_FOUND', reason: 'TASK_NOT_FOUND' },
  message: 'There is no such task.',
};

export const versionNotSupported: A2aError = {
  ...{ code: -32009, status: 400, name: 'FAILED_PRECONDITION', reason: 'VERSION_NOT_SUPPORTED' },
  message:
    'A2A 1.0 is spoken here; send the header A2A-Version: 1.0. Version 0.3, which is meant where it is absent, is not spoken.',
};

export const methodNotFound: A2aError = {
  ...{ code: -32601, status: 404, name: 'NOT_FOUND' },
  message: 'A2A 1.0 has no such operation.',
};

export function invalid(message: string): A2aError {
  return { code: -32602, status: 400, name: 'INVALID_ARGUMENT', message };
}

export function unreadable(message: string): A2aError {
  return { code: -32700, status: 400, name: 'INVALID_ARGUMENT', message };
}

/** Refused by the gateway: outside the codes that JSON-RPC and A2A keep for themselves. */
const refusedCode = errorCodes.refused;

export function refusedError(refusal: Refusal): A2aError {
  const [status, name] =
    refusal.code === 'unauthenticated'
      ? ([401, 'UNAUTHENTICATED'] as const)
      : notPolicy.has(refusal.code)
        ? ([502, 'UNAVAILABLE'] as const)
        : ([403, 'PERMISSION_DENIED'] as const);
  return { code: refusedCode, status, name, message: refusalSentence(refusal) };
}

const notPolicy: ReadonlySet<string> = new Set([
  'upstream-unavailable',
  'upstream-timeout',
  'indeterminate',
  'withheld',
  'fault',
]);

/**
 * What the other agent answered, in our words: its own name tasks as it knows them, whoever they belong to. They stand in the record.
 * Codes that are about the way between gateway and agent are not passed on.
 */
export function upstreamError(code: number): A2aError {
  if (code === taskNotFound.code) return taskNotFound;
  const [status, name, reason] = a2aErrors[code] ?? [];
  if (status !== undefined && name !== undefined && reason !== undefined)
    return { code, status, name, reason, message: saidOf[code] ?? `The other agent answered ${reason}.` };
  return code === -32602
    ? invalid('The other agent does not take this as it is.')
    : { code: -32603, status: 502, name: 'INTERNAL', message: 'The other agent answered with an error.' };
}

const saidOf: Readonly<Record<number, string>> = {
  [-32002]: 'This task cannot be cancelled any more.',
  [-32003]: 'The other agent does not report to addresses.',
  [-32004]: 'The other agent does not do this, or not to a task in this state.',
  [-32005]: 'The other agent does not take content of this type.',
};

const domain = 'a2a-protocol.org';

function detailsOf({ reason }: A2aError): string {
  if (reason === undefined) return '';
  return `[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"${reason}","domain":"${domain}"}]`;
}

/** The member `error` of a JSON-RPC response. */
export function rpcErrorText(error: A2aError): string {
  const details = detailsOf(error);
  const data = details === '' ? '' : `,"data":${details}`;
  return `{"code":${error.code},"message":${JSON.stringify(error.message)}${data}}`;
}

/** The body of an HTTP+JSON answer (google.rpc.Status, AIP-193). */
export function restErrorText(error: A2aError): string {
  const details = detailsOf(error);
  const more = details === '' ? '' : `,"details":${details}`;
  return `{"error":{"code":${error.status},"status":"${error.name}","message":${JSON.stringify(error.message)}${more}}}`;
}
