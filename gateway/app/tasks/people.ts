import type { World } from '@sallyport/core/mediate/ports.ts';
import type { Decided } from '@sallyport/core/model/entry.ts';
import { type ApprovalPorts, type ApprovalRoom, createApprovals } from '../../approvals/approvals.ts';
import { createChannel, requireFiles } from '../../approvals/channel.ts';
import type { ApprovalConfig } from '../../approvals/config.ts';
import { createApprovalControl } from '../../approvals/control.ts';
import { createEndorse } from '../../approvals/endorse.ts';
import { createNotifier, type Notifier } from '../../approvals/notifier.ts';
import type { Evidence } from '../../approvals/view.ts';
import { createWho } from '../../approvals/who.ts';
import { createSignIn, type SignIn } from '../../console/sign-in.ts';
import type { PeopleDoor } from '../../transports/mcp/people-door.ts';
import type { Log } from '../host/log.ts';
import type { GatewayRecord } from '../record/record.ts';
import { DecidingOf } from '../views/deciding-of.ts';
import { valuesOf } from '../views/values.ts';
import { factsOf, inputOf, placed, viewOf } from '../views/why.ts';

export interface PeoplePorts extends Omit<ApprovalPorts, 'who' | 'onAsked' | 'world' | 'state' | 'journal'> {
  readonly config: ApprovalConfig;
  readonly record: GatewayRecord;
  readonly world: () => World;
  readonly url: () => string;
  readonly log: Log;
}

/** Everything that has to do with people: their sign-in, the questions put to them, and how they hear of them. */
export interface People {
  readonly room: ApprovalRoom;
  /** What the doors need of it. */
  readonly door: PeopleDoor;
  readonly control: ReturnType<typeof createApprovalControl>;
  readonly notifier: Notifier;
  readonly signIn: SignIn;
}

const lookMillis = 2_000;

export function openPeople(ports: PeoplePorts, opened: AsyncDisposableStack): People {
  const { config, record, now, log, url } = ports;
  const { state, journal } = record;
  const shared = { ...ports, state, journal, world: () => ports.world().digest };
  // The notifier shows what the control shows, and the control answers through the room that tells the notifier.
  const decidingOf = new DecidingOf();
  const room = createApprovals({ ...shared, who: createWho(config), onAsked: approval => notifier.asked(approval) });
  const control = createApprovalControl(
    room,
    { ...shared, endorse: createEndorse(shared) },
    {
      evidenceOf: id => evidenceOf(id, record, ports.world(), decidingOf),
      taskOf: id => state.tasks.get(id)?.task,
    },
  );
  const signIn = createSignIn(now);
  const notifier = createNotifier({
    channels: config.channels.map(channel => {
      requireFiles(channel);
      return createChannel(channel, { now, fetch });
    }),
    approvals: () => state.approvals.values(),
    viewOf: control.view,
    url,
    now,
    linkFor: (person, { id, expiresAt }) => signIn.questionLink(person, id, expiresAt),
    onFailure: (channel, why) => log('error', 'people could not be told of a question', { channel, why }),
  });
  if (config.channels.length > 0) {
    const looking = setInterval(() => void notifier.look(), lookMillis);
    opened.defer(async () => {
      clearInterval(looking);
      await notifier.idle();
    });
  }
  const { settled, isForClient, answeredByClient } = room;
  const pageOf = (approval: string): string => `${url()}/approvals/${approval}`;
  const door = { heldSecondsMax: config.heldSecondsMax, settled, isForClient, answeredByClient, pageOf };
  return { room, door, control, notifier, signIn };
}

async function evidenceOf(
  decision: string,
  record: GatewayRecord,
  world: World,
  decidingOf: DecidingOf,
): Promise<Evidence | undefined> {
  const found = await record.asked(() => record.find(decision));
  if (found.kind !== 'found' || found.entry.kind !== 'decided') return undefined;
  const decided: Decided = found.entry;
  const bodies = await record.bodies(found.entry);
  const reasons = decided.reasons.map(reason => placed(reason, world));
  const facts = factsOf(bodies?.request);
  const input = inputOf(decided, bodies?.arguments);
  const values = valuesOf(decided, facts, input, world, request => decidingOf.of(decided, request, world));
  return { decided, reasons, facts: facts && viewOf(facts), values, arguments: bodies?.arguments };
}
