import type { ServerId } from '@sallyport/core/model/ids.ts';
import type { Control } from '../../api/control.ts';
import type { Meeting } from '../../transports/mcp/meeting.ts';

export interface FirstContactPorts {
  /** Servers of which nothing was ever accepted, each with the end of the first look at it. */
  readonly strangers: ReadonlyMap<ServerId, Promise<void>>;
  /** Resolves when there is a world, and it knows what the catalogue knows by then. */
  readonly caughtUp: () => Promise<void>;
  /** From now on: how long all of them together are waited for. */
  readonly millisMax: number;
}

export interface FirstContact extends Meeting {
  /** Resolves when all of them have answered or failed, or are late; undefined where there are none. */
  readonly looked: Promise<void> | undefined;
  readonly caughtUp: FirstContactPorts['caughtUp'];
  /** Those that are not met yet: that they answered is not enough, what they offer has to be known to the policies in force as well. */
  readonly ahead: () => readonly ServerId[];
}

/**
 * What is accepted of a server stands in its pins, so that a gateway that has them can decide before the server has
 * started. Of one that is met for the first time it knows nothing: whoever asks for it waits until it is met, and nobody
 * else does. One that fails is met as well: what is asked of it is refused.
 */
export function createFirstContact({ strangers, caughtUp, millisMax }: FirstContactPorts): FirstContact {
  const meetings = new Map<ServerId, Promise<void>>();
  for (const [server, looked] of strangers)
    meetings.set(
      server,
      looked.then(caughtUp).finally(() => meetings.delete(server)),
    );
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, millisMax).unref();
  const whole = Promise.race([Promise.all(meetings.values()), late]).then(() => clearTimeout(timer));
  const looked = Promise.race([Promise.all(strangers.values()), late]).then(() => undefined);
  return {
    caughtUp,
    looked: strangers.size === 0 ? undefined : looked,
    ahead: () => [...meetings.keys()],
    isOver: () => meetings.size === 0,
    forCall: server => meetings.get(server),
    forList: server => {
      if (server === undefined) return meetings.size === 0 ? undefined : whole;
      const meeting = meetings.get(server);
      return meeting === undefined ? undefined : Promise.race([meeting, whole]);
    },
  };
}

/** What an operator asks about tools, or with them, waits as well. How things stand, and stops, never do. */
export function afterMeeting(control: Control, meeting: Pick<FirstContact, 'forList' | 'caughtUp'>): Control {
  const after =
    <A extends unknown[], R>(work: (...order: A) => Promise<R>) =>
    async (...order: A): Promise<R> => {
      await meeting.forList(undefined);
      return await work(...order);
    };
  const { tasks, tools } = control;
  /** Whoever accepted a tool has it when they are told so: policies are read for its new definition first. */
  const accept: Control['tools']['accept'] = async (...order) => {
    const done = await after(tools.accept)(...order);
    if (done.ok) await meeting.caughtUp();
    return done;
  };
  return {
    ...control,
    tasks: { ...tasks, open: after(tasks.open), narrow: after(tasks.narrow) },
    tools: { list: after(tools.list), diff: after(tools.diff), accept },
    setMode: after(control.setMode),
    policy: after(control.policy),
    policyTests: after(control.policyTests),
    activate: after(control.activate),
    attempt: after(control.attempt),
    reach: after(control.reach),
  };
}
