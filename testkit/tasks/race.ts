import { mediate } from '@sallyport/core/mediate/line.ts';
import type { LinePorts, Ready } from '@sallyport/core/mediate/ports.ts';
import { passed } from '@sallyport/core/model/refusal.ts';
import { theOperator } from '@sallyport/testkit/fakes/the-operator.ts';
import { allow, createFakeWorld, fakeCall, textResult } from '../fakes/ports.ts';
import { fakeOrder } from '../fakes/task.ts';
import type { Random } from '../random.ts';
import { agentA, openRoom, type Room } from '../rooms/tasks.ts';

/** A call of an agent against a person who stops its task at the same time. */
export interface Race {
  /** Milliseconds from the stop to the first byte; negative: the byte was first. Undefined: there was none. */
  readonly firstByteAfter: number | undefined;
  readonly refusal: string | undefined;
}

export interface RaceTrack {
  readonly room: Room;
  readonly run: (random: Random) => Promise<Race>;
}

/** The longest that an upstream takes until it is ready for a call: most calls wait for it when they are stopped. */
const prepareMillisMax = 24;

/**
 * The line over real tasks and kills. `withoutSecondCheck` is the control: what would happen if the task were looked at
 * only once, when the call comes in.
 */
export function openTrack({ withoutSecondCheck = false } = {}): RaceTrack {
  const room = openRoom();
  const fake = createFakeWorld({ evaluate: () => allow });
  const line: LinePorts = {
    ...fake.ports,
    now: room.ports.now,
    newId: room.ports.newId,
    tasks: room.room.tasks,
    journal: room.journal,
  };

  async function run(random: Random): Promise<Race> {
    const opened = await room.control.open(fakeOrder(), theOperator);
    if (!opened.ok || opened.value.token === undefined) throw new Error('no task was opened');
    const { task, token } = opened.value;
    const prepareMillis = random.below(prepareMillisMax + 1);
    const stopMillis = random.below(prepareMillisMax + 1);
    let firstByteAt: number | undefined;
    const ready: Ready = {
      perform: async ({ replyBytesMax }) => {
        firstByteAt = performance.now();
        return textResult('done', replyBytesMax);
      },
      abandon: () => {},
    };
    const call = mediate(fakeCall({ taskToken: token }), {
      ...line,
      authenticate: async () => passed(agentA),
      tasks: withoutSecondCheck ? seenOnce(room) : line.tasks,
      upstreams: {
        prepare: async () => {
          await delay(prepareMillis);
          return passed(ready);
        },
      },
    });
    await delay(stopMillis);
    const stoppedAt = performance.now();
    await room.kills.kill(`task:${task.id}`, 'race', theOperator);
    const reply = await call;
    await room.control.end(task.id, '', theOperator);
    return {
      firstByteAfter: firstByteAt === undefined ? undefined : firstByteAt - stoppedAt,
      refusal: reply.kind === 'refusal' ? reply.refusal.code : undefined,
    };
  }

  return { room, run };
}

/** The task as it stood when the call came in, whatever has happened since, and nobody tells the call of a stop. */
function seenOnce({ room }: Room): LinePorts['tasks'] {
  const { tasks } = room;
  let seen: ReturnType<typeof tasks.standing> | undefined;
  return {
    ...tasks,
    reserve: async (...args) => {
      const reserved = await tasks.reserve(...args);
      if (!reserved.ok) return reserved;
      const { replyBytesMax, spendCents, commit, release } = reserved.value;
      const settled = { commit: commit.bind(reserved.value), release: release.bind(reserved.value) };
      return passed({ replyBytesMax, spendCents, stopped: false, ...settled });
    },
    standing: (...args) => {
      seen ??= tasks.standing(...args);
      return seen;
    },
  };
}

function delay(millis: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, millis));
}
