import type { ApprovalId, Instant } from '@sallyport/core/model/ids.ts';
import { type Approval, needsSeveral } from '@sallyport/core/task/approval.ts';
import type { ApprovalView } from '../api/view/approval.ts';
import type { ChannelView } from '../api/view/status.ts';
import type { Channel } from './channel.ts';
import type { NoticeEvent } from './notice.ts';

export interface NotifierPorts {
  /** In the order in which they are tried. */
  readonly channels: readonly Channel[];
  readonly approvals: () => Iterable<Approval>;
  readonly viewOf: (approval: Approval) => Promise<ApprovalView>;
  /** `http://127.0.0.1:7420` */
  readonly url: () => string;
  readonly now: () => Instant;
  /** A link that lets this person answer this question, once. */
  readonly linkFor: (person: string, approval: Approval) => string;
  /** Once for each channel that stops working, and when none took a message. */
  readonly onFailure: (channel: string, why: string) => void;
}

export interface Notifier {
  readonly asked: (approval: Approval) => void;
  /** Sends what is due since the last look: reminders, escalations, ends. */
  readonly look: () => Promise<void>;
  readonly channels: () => readonly ChannelView[];
  /** Resolves once what is being sent has been taken or not. */
  readonly idle: () => Promise<void>;
}

const rememberedMax = 2_000;

/**
 * Tells people about questions. The first channel that takes a message has told them; one that does not is reported and
 * the next one is tried. Nothing here decides anything: the console and the command line show the question in any case.
 */
export function createNotifier(ports: NotifierPorts): Notifier {
  const { channels, now } = ports;
  const states = new Map<string, ChannelView>(channels.map(({ id }) => [id, { id, state: 'unused' }]));
  const told = new Map<ApprovalId, Set<NoticeEvent>>();
  const sending = new Set<Promise<void>>();

  function tell(approval: Approval, event: NoticeEvent): Promise<void> {
    const events = told.get(approval.id) ?? new Set();
    if (channels.length === 0 || events.has(event)) return Promise.resolve();
    told.set(approval.id, events.add(event));
    for (const id of told.keys()) {
      if (told.size <= rememberedMax) break;
      told.delete(id);
    }
    // What could not even be said is said at the next look: before the doors are open there is no page to send people to.
    const sent = deliver(approval, event).catch(() => void events.delete(event));
    sending.add(sent);
    return sent.finally(() => sending.delete(sent));
  }

  async function deliver(approval: Approval, event: NoticeEvent): Promise<void> {
    const view = await ports.viewOf(approval);
    const page = `${ports.url()}/approvals/${approval.id}`;
    for (const channel of channels) {
      try {
        const { person } = channel;
        const opens = person !== undefined && event !== 'expired' && !needsSeveral(approval);
        await channel.send({ event, view, url: opens ? `${page}#${ports.linkFor(person, approval)}` : page });
        states.set(channel.id, { id: channel.id, state: 'ok', at: now() });
        return;
      } catch (thrown) {
        const why = thrown instanceof Error ? thrown.message : 'failed';
        if (states.get(channel.id)?.state !== 'failing') ports.onFailure(channel.id, why);
        states.set(channel.id, { id: channel.id, state: 'failing', at: now(), why });
      }
    }
    ports.onFailure('all channels', `nobody was told about ${approval.id}`);
  }

  return {
    asked: approval => void tell(approval, 'asked'),
    look: async () => {
      const due = [...ports.approvals()].flatMap(approval =>
        eventsDue(approval, now()).map(event => tell(approval, event)),
      );
      await Promise.all(due);
    },
    channels: () => [...states.values()],
    idle: async () => {
      await Promise.all(sending);
    },
  };
}

/** How long after its end a question may still be said to have ended: a restart does not tell old stories. */
const endTellMillisMax = 60_000;

function eventsDue({ state, askedAt, expiresAt, quorums }: Approval, now: Instant): NoticeEvent[] {
  if (state !== 'pending') return [];
  if (now >= expiresAt) return now - expiresAt < endTellMillisMax ? ['expired'] : [];
  return [
    ...(quorums.some(({ escalation }) => escalation !== undefined && now >= escalation.at)
      ? ['escalated' as const]
      : []),
    ...(now >= askedAt + (expiresAt - askedAt) / 2 ? (['reminder'] as const) : []),
  ];
}
