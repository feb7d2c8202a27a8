import { knowing } from '../model/knowing.ts';
import { doubtfulVerbs, plainVerbs, type VerbKind } from '../policy/classify/verbs.ts';
import { stemsOf } from '../policy/classify/words.ts';

/**
 * Words of ordinary English that ask for the same kind of act, and words that name the same kind of thing. Groups overlap:
 * `add` makes something and lets somebody in. No word stands here because of one product or one domain.
 */
const actWords = {
  tell: `send email e-mail mail message text sms write tell notify inform ping dm reply respond answer forward remind
    contact alert warn thank congratulate invite deliver dispatch fax let ask escalate acknowledge say page confirm release call phone ring request inquire enquire`,
  publish: 'post publish announce tweet share broadcast upload release comment write submit push put',
  pay: 'pay send transfer wire refund reimburse settle charge tip donate deposit withdraw remit bill top compensate',
  buy: 'buy order purchase book reserve rent subscribe need want request requisition hire',
  remove: `delete remove clear erase drop cancel discard purge wipe clean trash revoke unsubscribe uninstall terminate
    close stop end kill empty deactivate disable dismiss void withdraw rid unassign detach leave archive reset shut
    decommission`,
  make: `create add make set schedule book plan draft write generate open start register enter put insert append log
    record save file note upload build prepare issue raise submit request attach place need want compose document
    import duplicate copy clone new enrol enroll sign arrange organise organize reserve store keep`,
  change: `change update edit modify adjust set fix correct rename move reschedule postpone shift switch increase
    decrease raise lower extend mark tag label assign reassign complete finish close reopen resolve approve reject
    confirm accept decline replace turn enable disable activate merge transfer swap reduce prioritise prioritize bring
    push put restore renew convert flag pin link check amend resize scale upgrade downgrade acknowledge ack mute silence
    snooze archive star rate hold release point direct adjust lift block unblock lock apply correct pause resume unlock escalate edit sort reset rotate delay
    improve revise refine rework rewrite reword rephrase polish tidy shorten expand enrich simplify`,
  admit: `share invite grant give add allow let permit access onboard assign authorise authorize promote include attach
    enrol enroll join subscribe unlock put license`,
  run: `run execute deploy launch restart start reboot stop scale rollback roll trigger build install restore test
    migrate apply kick rerun resume pause ship release redeploy turn bring invoke scale try`,
  read: `visit go open check look read browse click follow navigate see view fetch retrieve find search show list get
    return load download access summarise summarize`,
} as const;

export type Act = keyof typeof actWords;

const acts = Object.keys(actWords) as readonly Act[];

const actsByWord = new Map<string, Set<Act>>();
for (const act of acts)
  for (const word of actWords[act].split(/\s+/))
    actsByWord.set(word, (actsByWord.get(word) ?? new Set<Act>()).add(act));

/** Words that are as often nouns: they ask for something only where a verb can stand. */
export const doubtfulActs = new Set(
  `email e-mail mail message text sms page post comment share charge tip bill order book rent request return note file
   record log draft plan issue tag label flag link check access test release hold rate star document copy record set
   start end stop close open need want contact fax alert answer reply top place access upload update change move top
   transfer refund deposit order call point block lock lift direct queue index track hand phone ring reset new schedule clone import sign build ship push star mute license`.split(
    /\s+/,
  ),
);

/** What verbs ask for that stand in no group above: by what they do to the world. */
const actsByKind: Readonly<Partial<Record<VerbKind, readonly Act[]>>> = {
  read: ['read'],
  write: ['make', 'change'],
  destroy: ['remove'],
  money: ['pay', 'buy'],
  commit: ['buy', 'make'],
  message: ['tell', 'publish'],
  send: ['tell', 'pay'],
  admin: ['admit', 'change'],
  approve: ['change'],
  code: ['run'],
  run: ['run'],
  physical: ['run', 'make'],
  switch: ['change'],
};

export const actsOf = knowing((word): ReadonlySet<Act> | undefined => {
  const stems = verbStemsOf(word);
  for (const stem of stems) {
    const found = actsByWord.get(stem);
    if (found !== undefined) return found;
  }
  for (const stem of stems) {
    const found = actsByKind[plainVerbs.get(stem) ?? doubtfulVerbs.get(stem) ?? 'light'];
    if (found !== undefined) return new Set(found);
  }
  return undefined;
});

/** `cancelled`, `moving`, `applies` → what they are forms of. */
export const verbStemsOf = knowing((word): readonly string[] => {
  const stems = [...stemsOf(word)];
  if (word.endsWith('ed') && word.length > 4) {
    const base = word.slice(0, -2);
    stems.push(base, `${base}e`);
    if (base.at(-1) === base.at(-2)) stems.push(base.slice(0, -1));
    if (word.endsWith('ied')) stems.push(`${word.slice(0, -3)}y`);
  }
  const irregular = {
    sent: 'send',
    paid: 'pay',
    bought: 'buy',
    written: 'write',
    told: 'tell',
    put: 'put',
    taken: 'take',
    made: 'make',
    given: 'give',
    brought: 'bring',
    withdrawn: 'withdraw',
    sold: 'sell',
    chosen: 'choose',
  }[word];
  if (irregular !== undefined) stems.push(irregular);
  return stems;
});

const things = [
  'appointment visit slot session meeting event booking call calendar reservation schedule interview shift lunch dinner',
  'message text sms mail email e-mail dm letter note notification reply inbox portal chat reminder answer response',
  'money euro dollar pound cent eur usd gbp chf payment transaction bill invoice rent fee refund transfer amount copay deposit charge subscription salary expense vat price',
  'file document doc folder report spreadsheet sheet page drive attachment paper list minutes plan form pdf presentation',
  'user person member colleague people team teammate employee staff guest attendee participant contact client customer patient everyone somebody friend',
  'ticket issue case incident request bug complaint task todo to-do item story card',
  'channel room group slack space thread conversation',
  'page article site website web webpage blog link url post wiki',
  'instance server vm machine node host box cluster container pod service deployment app application',
  'order purchase requisition cart po basket',
  'password passphrase pin credential login secret key token',
  'address street city phone number contact detail details profile info information data record account',
  'task todo to-do reminder action job',
  'product item article part stock sku goods material inventory',
  'repository repo branch code commit pull merge pr project',
  'record entry row line field value',
  'flight trip travel hotel ticket journey ride taxi',
  'permission access role right rights share sharing',
  'snapshot backup image copy',
  'disk volume storage bucket',
  'supplier vendor seller company partner',
  'article knowledge kb faq guide documentation answer page',
] as const;

const thingsByWord = new Map<string, Set<number>>();
for (const [index, group] of things.entries())
  for (const word of group.split(/\s+/)) thingsByWord.set(word, (thingsByWord.get(word) ?? new Set()).add(index));

const groupsOf = knowing(word => new Set(stemsOf(word).flatMap(stem => [...(thingsByWord.get(stem) ?? [])])));

/** Two words name the same kind of thing: the same word in some form, or of one group. */
export function isSameThing(one: string, other: string): boolean {
  const others = stemsOf(other);
  if (stemsOf(one).some(stem => stem.length > 2 && others.includes(stem))) return true;
  for (const group of groupsOf(one)) if (groupsOf(other).has(group)) return true;
  return false;
}
