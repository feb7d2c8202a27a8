import type { CallSignal } from '@sallyport/core/model/call-signal.ts';
import type { ServerId } from '@sallyport/core/model/ids.ts';
import type { JsonObject } from '@sallyport/core/model/json.ts';
import type { Scope } from './names.ts';
import { targetOf } from './targets.ts';
import { requestRows } from './wire/methods.ts';

/**
 * Servers that are met for the first time: until they have told what they offer, nothing can be decided about them.
 * A wait ends whatever comes of the meeting; what was asked is decided then. Undefined where there is nothing to wait for.
 */
export interface Meeting {
  /** Before an action: until this server has answered or failed. The others are not waited for. */
  readonly forCall: (server: ServerId) => Promise<void> | undefined;
  /** Before it is told what there is, of one server or of all: as well, but for a few seconds after the start at most. */
  readonly forList: (server: ServerId | undefined) => Promise<void> | undefined;
  readonly isOver: () => boolean;
}

/** Every server is known. */
export const nobodyToMeet: Meeting = { forCall: () => undefined, forList: () => undefined, isOver: () => true };

/** What a request has to wait for before any of it, its headers included, is held against the catalogue. */
export function meetingFor(
  { method, params }: { readonly method: string; readonly params: JsonObject },
  scope: Scope,
  meeting: Meeting,
): Promise<void> | undefined {
  if (meeting.isOver()) return undefined;
  const row = requestRows.get(method);
  if (row === undefined || row.way === 'refuse' || method === 'ping') return undefined;
  const target = row.way === 'act' ? targetOf(row.method, params, { scope }) : undefined;
  if (target?.ok) return meeting.forCall(target.value.server);
  return meeting.forList(scope.kind === 'one' ? scope.server : undefined);
}

/** Waits until it is over; false if the client has gone by then, and nobody is left to act for. */
export async function outwaited(meeting: Promise<void>, signal: CallSignal): Promise<boolean> {
  if (signal.aborted) return false;
  const { promise: gone, resolve } = Promise.withResolvers<void>();
  const leave = (): void => resolve();
  signal.addEventListener('abort', leave, { once: true });
  await Promise.race([meeting, gone]);
  signal.removeEventListener('abort', leave);
  return !signal.aborted;
}
