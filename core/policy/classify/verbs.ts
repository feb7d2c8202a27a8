import { type Words, wordSet } from './words.ts';

/**
 * What a verb does to the world, by what it leads to: what is bought or paid, who gets access, what is gone, who hears of
 * it, what moves and cannot be called back. `light` verbs say nothing by themselves (make, do, place): their object
 * decides. `run` executes its object; `send` moves it to somebody; `approve` binds in somebody's name; `physical` does
 * to people and things what nobody undoes; `switch` turns something on or off, and matters where that is a guard or a door.
 */
export type VerbKind =
  | 'read'
  | 'compute'
  | 'open'
  | 'write'
  | 'destroy'
  | 'money'
  | 'commit'
  | 'message'
  | 'send'
  | 'admin'
  | 'code'
  | 'run'
  | 'egress'
  | 'copyout'
  | 'approve'
  | 'physical'
  | 'switch'
  | 'light';

/** Words that are verbs wherever they stand in a name. */
const plain: Readonly<Record<VerbKind, string>> = {
  read: `get list read search geocode find fetch retrieve show display view describe lookup check count browse inspect peek
    stat ls cat grep glob diff compare preview explain monitor poll wait sleep enumerate discover identify
    recommend suggest watch ping query select whoami whois is has can does head tail load locate
    ask think navigate goto visit crawl scrape trace probe observe collect gather measure audit screenshot snapshot
    see evaluate interpret examine determine
    obtain look demonstrate`,
  compute: `calculate compute subtract multiply divide sum average round encrypt decrypt validate verify estimate forecast predict classify translate detect extract parse
    analyze analyse summarize summarise scan encode decode hash echo tokenize convert format filter sort rank match
    transcribe gzip compress zip lint simulate score infer`,
  open: 'open',
  write: `create add insert update edit amend modify change set put save store write append patch upsert rename move copy duplicate dismiss
    maintain start stop pause resume close reopen archive unarchive restore mark unmark flag tag untag
    assign unassign attach detach link join leave follow unfollow subscribe unsubscribe star unstar pin
    unpin like unlike reschedule replace merge split import register enroll configure adjust
    increase decrease increment decrement prepend remember memorize login
    logout authenticate confirm accept reject decline acknowledge resolve complete finish generate build
    click type press fill hover scroll drag tap swipe fork clone commit stage rebase
    sync refresh render resize crop upgrade downgrade snooze vote upvote downvote react
    submit allocate provision scale mkdir touch init initialize initialise define
    annotate swap reorder extend renew bookmark dim lower raise heat cool play
    skip rewind compose draft escalate draw paint unzip
    reboot restart enqueue ack migrate transform hide unhide capture adopt apply
    borrow renew lend checkin modulate calibrate tune correct annul fix renumber relabel
    recategorize reclassify reprioritize bump postpone rebook give readdress reroute redirect divert
    bind unbind mount unmount cordon uncordon taint untaint drain handover
    tick untick collate ingest vacate transcode stash tally checkoff enrol reassign redo defer unpack`,
  destroy: `delete remove drop purge destroy erase wipe truncate clear reset terminate kill uninstall unlink rm rmdir
    shred overwrite rollback revert prune flush evict deprovision decommission trash discard cancel void nuke
    obliterate shutdown reimage undo expunge del abort cleanup unpublish unsend deactivate dismantle
    demolish detonate zap scrap zero zeroize deprecate retire sunset unregister deregister unenroll
    unenrol unschedule rescind repeal forfeit cull euthanize euthanise`,
  money: `pay wire buy purchase refund withdraw deposit donate remit reimburse disburse payout topup invest sell
    bid repay prepay tip liquidate compensate indemnify settle payoff chargeback`,
  commit: 'reserve hire',
  message: `reply respond tweet retweet notify announce broadcast forward publish invite dm
    crosspost repost say warn inform syndicate disclose circulate`,
  send: 'send dispatch transmit deliver',
  admin: `grant revoke authorize authorise deauthorize impersonate elevate share unshare ban unban
    suspend unsuspend disarm unlock promote demote rotate delegate whitelist allowlist blacklist blocklist
    quarantine permit chmod chown sudo onboard offboard unblock freeze unfreeze entitle
    bypass override declassify unseal unmask exempt`,
  code: 'exec eval deploy install spawn bash',
  run: 'run rerun execute invoke',
  approve: 'approve sign countersign ratify certify attest sanction preapprove signoff greenlight',
  physical: `prescribe dispense administer inject infuse ignite irradiate sterilize sterilise vaccinate transfuse sedate jettison
    eject depressurize energize deenergize steer brake`,
  switch: `enable disable toggle turn switch mute unmute silence suppress inhibit actuate engage disengage unlatch latch
    isolate`,
  egress: 'upload push curl wget exfiltrate',
  copyout: 'export download dump backup mirror print',
  light: 'make do perform process handle place initiate begin manage trigger launch',
};

/** Words that are as often nouns. They are verbs at the start of a name that has no plain verb, else at its end. */
const doubtful: Readonly<Partial<Record<VerbKind, string>>> = {
  light: 'request',
  commit: 'book order rent',
  money: 'transfer charge invoice trade bill checkout',
  message: 'post comment email mail message text sms call chat contact fax alert',
  admin: 'lock block',
  physical: 'vent flood spray discharge',
  switch: 'arm trip',
  write:
    'log record note report file issue label schedule release tag branch return recall queue index transition track hand new claim lift pack',
  compute: 'test review rate',
  code: 'script shell command terminal',
  egress: 'proxy',
};

/** Verbs of descriptions that say what comes back; in a name they are something else (`return_item`). */
export const returning: Words = wordSet('return provide give tell answer');

/** Nouns that by themselves ask a question: names such as `git_status`, `weather`, `directory_tree`. */
export const askingNouns: Words = wordSet(
  `status info information details detail history statistics stats tree forecast weather schema metadata summary overview
   version health balance availability docs documentation help results log logs quote contents time date whoami
   definition references symbols usage metrics leaderboard reference search
   directions distance inbox`,
);

export interface Verb {
  readonly word: string;
  readonly kind: VerbKind;
}

function table(words: Readonly<Partial<Record<VerbKind, string>>>): ReadonlyMap<string, VerbKind> {
  const kinds = new Map<string, VerbKind>();
  for (const [kind, text] of Object.entries(words) as [VerbKind, string][])
    for (const word of wordSet(text)) if (!kinds.has(word)) kinds.set(word, kind);
  return kinds;
}

export const plainVerbs = table(plain);
export const doubtfulVerbs = table(doubtful);
