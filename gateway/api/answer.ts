import type { ApiError, ApiErrorCode, Done } from './control.ts';

/** What a route answers: JSON at once, or lines of JSON for as long as the client listens. */
export type ApiResponse =
  | { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: string }
  | {
      readonly status: 200;
      readonly headers: Readonly<Record<string, string>>;
      readonly stream: AsyncIterable<string>;
    };

const statusOf: Record<ApiErrorCode, number> = {
  malformed: 400,
  'operator-proof': 401,
  origin: 403,
  role: 403,
  'not-found': 404,
  method: 405,
  ambiguous: 409,
  conflict: 409,
  'too-large': 413,
  'policy-invalid': 422,
  fault: 500,
  unavailable: 503,
};

/** Answers are never anybody else's, and never a page. */
const headers = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };

export function answer(operator: string, status: number, members: object): ApiResponse {
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ v: 1, operator, ...members }),
  };
}

export function failure(operator: string, error: ApiError, more: Readonly<Record<string, string>> = {}): ApiResponse {
  const { code, field, message, fix } = error;
  const response = answer(operator, statusOf[code], { error: { code, field, message, fix } });
  return { ...response, headers: { ...response.headers, ...more } };
}

/** `name` is the member under which the value stands. */
export function done(operator: string, name: string, result: Done<unknown>, status = 200): ApiResponse {
  return result.ok ? answer(operator, status, { [name]: result.value }) : failure(operator, result.error);
}

/** What was made, its members beside the operator's word. */
export function made(operator: string, result: Done<object>): ApiResponse {
  return result.ok ? answer(operator, 201, result.value) : failure(operator, result.error);
}

export function lines(stream: AsyncIterable<string>): ApiResponse {
  return { status: 200, headers: { 'content-type': 'application/x-ndjson', ...headers }, stream };
}
