import type { Ready, UpstreamReply, Upstreams } from '@sallyport/core/mediate/ports.ts';
import type { CallSignal } from '@sallyport/core/model/call-signal.ts';
import { emptyObject } from '@sallyport/core/model/json.ts';
import { refused } from '@sallyport/core/model/refusal.ts';
import { toolKey } from '@sallyport/core/model/tool.ts';

/** Called once, with what the client says came of its action. */
export type Settle = (reply: UpstreamReply) => void;

/** Where a client's own hands stand in an upstream's place: the line hands an action over, and hears of it when it is done. */
export interface Desk extends Upstreams {
  /** The call of this signal will be handed to `letGo` if the line lets it pass. Returns what takes that back. */
  readonly expect: (signal: CallSignal, letGo: (settle: Settle) => void) => () => void;
}

export function createDesk(): Desk {
  const expected = new WeakMap<CallSignal, (settle: Settle) => void>();
  return {
    expect: (signal, letGo) => {
      expected.set(signal, letGo);
      return () => void expected.delete(signal);
    },
    prepare: async (action, _agent, _task, signal) => {
      const letGo = expected.get(signal);
      const what = toolKey(action.server, action.tool.name);
      if (letGo === undefined)
        return refused({ code: 'upstream-unavailable', what, why: 'only the client itself can do this' });
      return { ok: true, value: handing(letGo) };
    },
  };
}

function handing(letGo: (settle: Settle) => void): Ready {
  return {
    perform: ({ onNotice }) => {
      // The agent may have read what comes of it before anybody reports, if anybody does: labels rise before it is let go.
      onNotice({ method: 'notifications/progress', params: emptyObject });
      const { promise, resolve } = Promise.withResolvers<UpstreamReply>();
      letGo(resolve);
      return promise;
    },
    abandon: () => {},
  };
}
