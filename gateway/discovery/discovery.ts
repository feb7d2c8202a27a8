import { heldBeside } from '@sallyport/core/catalogue/beside.ts';
import { buildCatalogue, type ServerTerms } from '@sallyport/core/catalogue/build.ts';
import { diffDefinitions } from '@sallyport/core/catalogue/diff.ts';
import type { PinBook } from '@sallyport/core/catalogue/pin-text.ts';
import { accept, type Met, meet, type PinChange, type PinRecord } from '@sallyport/core/catalogue/pins.ts';
import type { Acted } from '@sallyport/core/model/acted.ts';
import type { Sha256 } from '@sallyport/core/model/action.ts';
import type { Pinned } from '@sallyport/core/model/entry.ts';
import type { Instant, ServerId } from '@sallyport/core/model/ids.ts';
import { normalText } from '@sallyport/core/model/json.ts';
import { type Checked, passed, type RefusalCode, refused } from '@sallyport/core/model/refusal.ts';
import { type Catalogue, toolKey } from '@sallyport/core/model/tool.ts';
import type { Listing } from '../upstreams/mcp/list.ts';
import type { RunningUpstreams } from '../upstreams/upstreams.ts';
import type { PinStore } from './pin-store.ts';
import { Reports, type ServerReport } from './reports.ts';
import { Watch } from './watch.ts';

export interface DiscoveryOptions {
  readonly servers: readonly ServerTerms[];
  readonly store: PinStore;
  readonly sha256: Sha256;
  readonly now: () => Instant;
  readonly log: (line: string) => void;
  /** What is to be journalled as a `pinned` entry; the app adds the id. */
  readonly onPinned: (draft: Omit<Pinned, 'id'>) => void;
  /** A new catalogue is in force. */
  readonly onCatalogue: (catalogue: Catalogue) => void;
}

/** What waits for an operator, or was asked about. */
export interface Difference {
  readonly server: ServerId;
  /** A tool's name, `prompt:NAME`, `template:URI` or `instructions`. */
  readonly key: string;
  readonly pinned: string | undefined;
  /** What the operator has to name in order to accept it. */
  readonly offered: string | undefined;
  readonly why: string;
  readonly lines: readonly string[];
}

export interface Accepting {
  readonly server: ServerId;
  readonly key: string;
  readonly pin: string;
}

/**
 * What the configured servers offer, held against what was accepted. The pins are the truth; the catalogue is made from
 * them and from the operator's terms, and is replaced as a whole whenever one of them changes.
 */
export class Discovery {
  readonly #options: DiscoveryOptions;
  readonly #reports = new Reports();
  #book: PinBook;
  #catalogue: Catalogue;
  #saving: Promise<void> = Promise.resolve();
  #beganAt: Instant | undefined;
  #watch: Watch | undefined;

  /** Throws if there are pins and they cannot be read. */
  constructor(options: DiscoveryOptions) {
    this.#options = options;
    this.#book = options.store.load();
    this.#catalogue = buildCatalogue(options.servers, this.#book, options.sha256);
  }

  catalogue(): Catalogue {
    return this.#catalogue;
  }

  /**
   * Looks at every server that was not looked at yet, all at once; or only at those of which nothing was ever accepted.
   * Resolves when each has answered or failed, or after `millisMax`; who is late or down is tried again in the background,
   * and stands in the catalogue with what was accepted of it before.
   */
  async begin(
    upstreams: Pick<RunningUpstreams, 'look'>,
    millisMax: number,
    which: 'all' | 'strangers' = 'all',
  ): Promise<void> {
    const ids = this.#options.servers.map(({ id }) => id).filter(id => which === 'all' || !this.#book.has(id));
    this.#beganAt ??= this.#options.now();
    this.#watch ??= new Watch(upstreams, (server, failure) => this.#looked(server, failure));
    await this.#watch.begin(ids, millisMax);
    this.#beganAt = undefined;
    await this.#saving;
  }

  /**
   * For a server of which nothing was ever accepted: resolves when the first look at it is over, and what it offers, if
   * it answered, is in the catalogue. Undefined for every other: what is accepted of it is known without it.
   */
  firstContact(server: ServerId): Promise<void> | undefined {
    if (this.#book.has(server) && this.#catalogue.servers.has(server)) return undefined;
    return this.#watch?.firstLook(server)?.then(() => this.#saving);
  }

  /** What stood in the way of this server is gone. */
  hurry(server: ServerId): void {
    this.#watch?.hurry(server);
  }

  close(): Promise<void> {
    this.#watch?.stop();
    return this.#saving;
  }

  /** For `UpstreamEvents.listed`. What is new or changed is quarantined by the time this returns. */
  listed(server: ServerId, listing: Listing, whole: boolean): void {
    const known = this.#book.get(server);
    const sighting = { items: listing.items, capabilities: listing.greeting.capabilities, whole };
    const at = known === undefined ? (this.#beganAt ?? this.#options.now()) : this.#options.now();
    this.#reports.listed(server, listing);
    const met = meet(known, sighting, at);
    const told = known !== undefined && normalText(known.capabilities) === normalText(met.pins.capabilities);
    if (met.changes.length > 0 || !told) void this.#adopt(server, met);
  }

  /** The pin that stands accepted for an item of a server; undefined if it is quarantined, withdrawn or unknown. */
  acceptedPin(server: ServerId, key: string): string | undefined {
    const record = this.#book.get(server)?.records.get(key);
    return record === undefined || record.candidate !== undefined || record.withdrawn ? undefined : record.pinned?.pin;
  }

  /** Of one item, or of everything that is quarantined. */
  differences(only?: { readonly server: ServerId; readonly key: string }): readonly Difference[] {
    const held = heldBeside(this.#book);
    return [...this.#book].flatMap(([server, { records }]) =>
      [...records].flatMap(([key, record]) => {
        const beside = held.get(toolKey(server, key));
        const isWanted =
          only === undefined
            ? record.candidate !== undefined || beside !== undefined
            : only.server === server && only.key === key;
        return isWanted ? [differenceOf(server, key, record, beside)] : [];
      }),
    );
  }

  /** All of them exactly as they were looked at, or none. Resolves once that is durable and in force. */
  async accept(wanted: readonly Accepting[], acted: Acted): Promise<Checked<Catalogue>> {
    const met = new Map<ServerId, Met>();
    for (const { server, key, pin } of wanted) {
      const pins = met.get(server)?.pins ?? this.#book.get(server);
      if (pins === undefined)
        return refused({
          code: 'tool-unknown',
          what: `${server}/${key}`,
          why: 'there is no such server, or it was never reached',
        });
      const accepted = accept(pins, key, pin, acted.by, this.#options.now());
      if (!accepted.ok) return refused({ ...accepted.refusal, what: `${server}/${key}` });
      met.set(server, {
        pins: accepted.value.pins,
        changes: [...(met.get(server)?.changes ?? []), ...accepted.value.changes],
      });
    }
    const saved = await Promise.all([...met].map(([server, each]) => this.#adopt(server, each, acted)));
    if (saved.includes(false)) return refused({ code: 'fault', what: 'pins', why: 'the pins could not be written' });
    return passed(this.#catalogue);
  }

  servers(): readonly ServerReport[] {
    return this.#options.servers.map(({ id }) => this.#reports.of(id, this.#book.get(id)));
  }

  /** False if the pins could not be written: then nothing that was loosened comes into force. */
  #adopt(server: ServerId, { pins, changes }: Met, acted?: Acted): Promise<boolean> {
    const before = this.#book;
    this.#book = new Map(before).set(server, pins);
    for (const change of changes) this.#tell({ ...draftOf(server, change), ...acted });
    const loosens = changes.some(({ state }) => state === 'pinned');
    const saved = this.#saving.then(() => this.#save(this.#book));
    this.#saving = saved.then(() => undefined);
    return saved.then(durable => {
      if (!durable && loosens) this.#book = new Map(this.#book).set(server, before.get(server) ?? pins);
      if (durable || !loosens) this.#replace();
      return durable;
    });
  }

  /** A journal that is down is stopping the gateway already; it must not take the connection along that told us. */
  #tell(draft: Omit<Pinned, 'id'>): void {
    try {
      this.#options.onPinned(draft);
    } catch {
      this.#options.log(`server ${draft.server}: a change of its pins could not be journalled`);
    }
  }

  async #save(book: PinBook): Promise<boolean> {
    try {
      await this.#options.store.save(book);
      return true;
    } catch (thrown) {
      this.#options.log(
        `the pins could not be written (${(thrown as NodeJS.ErrnoException).code ?? 'unknown'}); nothing new is accepted`,
      );
      return false;
    }
  }

  #replace(): void {
    this.#catalogue = buildCatalogue(this.#options.servers, this.#book, this.#options.sha256);
    this.#options.onCatalogue(this.#catalogue);
  }

  #looked(server: ServerId, failure: { readonly code: RefusalCode; readonly why: string } | undefined): void {
    if (failure !== undefined) this.#options.log(`server ${server} cannot be reached: ${failure.why}`);
    this.#reports.looked(server, failure?.why);
    if (failure === undefined) this.#options.log(`server ${server} has started`);
  }
}

function differenceOf(
  server: ServerId,
  key: string,
  { pinned, candidate, withdrawn }: PinRecord,
  beside: string | undefined,
): Difference {
  const calm = withdrawn ? 'the server no longer offers it' : 'nothing has changed';
  // Held for what stands beside it: it did not change, and what it says has to be looked at all the same.
  const [before, after] = candidate === undefined ? [undefined, pinned] : [pinned, candidate];
  const isShown = after !== undefined && (candidate !== undefined || beside !== undefined);
  const changed = isShown ? diffDefinitions(before?.definition, after.definition) : [];
  return {
    server,
    key,
    pinned: pinned?.pin,
    offered: (candidate ?? pinned)?.pin,
    why: candidate?.why ?? beside ?? calm,
    lines:
      candidate !== undefined && changed.length === 0
        ? ['it is again what was accepted; accept it to say so']
        : changed,
  };
}

function draftOf(server: ServerId, { key, pin, by, state, why }: PinChange): Omit<Pinned, 'id'> {
  return { kind: 'pinned', server, tool: key, pin, by, state, why };
}
