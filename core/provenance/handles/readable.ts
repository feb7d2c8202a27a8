import { type Words, wordSet, wordsOf } from '../../policy/classify/words.ts';

/**
 * Which values of outside stay readable: those whose form leaves no room for words. Numbers of up to 18 digits, with a sign,
 * grouping, a fraction of up to nine digits and a percent sign; dates and times in digits, or with the English names of days
 * and months (RFC 5322 §3.3); UUIDs; 16 to 64 hexadecimal digits with at least four decimal ones; and, where the member is
 * called an identifier, short ids (`INV-2026-0017`) under the rule of `IdPrefixes`. Values that the tool's pinned schema lists
 * are looked up where the schema is read.
 */
export function isReadable(value: string): boolean {
  if (value === '') return true;
  return value.length <= readableCharsMax && forms.some(form => form.test(value));
}

const readableCharsMax = 64;
const zone = '(?:Z|z|UTC|GMT| ?[+-]\\d{2}:?\\d{2})';
const time = `\\d{1,2}:\\d{2}(?::\\d{2}(?:[.,]\\d{1,9})?)?(?: ?[AaPp][Mm])?`;
const day = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)';
const month = '(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)';
const forms: readonly RegExp[] = [
  /^[+-]?(?:\d{1,18}|\d{1,3}(?:[,.' ]\d{3}){1,5})(?:[.,]\d{1,9})?%?$/,
  new RegExp(`^\\d{4}-\\d{2}(?:-\\d{2}(?:[Tt ]${time}${zone}?)?)?$`),
  new RegExp(`^\\d{1,2}[./-]\\d{1,2}[./-]\\d{2,4}(?: ${time}${zone}?)?$`),
  new RegExp(`^${time}${zone}?$`),
  new RegExp(`^(?:${day}, )?\\d{1,2} ${month} \\d{4}(?: ${time}(?: ${zone})?)?$`),
  /^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/,
  /^(?=(?:[a-fA-F]*\d){4})[0-9a-fA-F]{16,64}$/,
];

/** Different beginnings of short ids in one result. Words cannot be made of so few, nor from record to record. */
const idPrefixesMax = 3;

/**
 * `TK-4471`, `msg_17`: at most four letters in front of nothing but digits and `-_./:`. All ids that one place of a result
 * brings have the same beginning, so that they cannot spell a sentence down a list.
 */
export class IdPrefixes {
  readonly #byPlace = new Map<string, string>();

  /** `place`: the path without indexes. */
  allow(value: string, name: string, place: string): boolean {
    const prefix = shortId.exec(value)?.[1];
    if (prefix === undefined || !namesId(name)) return false;
    const known = this.#byPlace.get(place);
    if (known !== undefined) return known === prefix;
    const all = new Set(this.#byPlace.values());
    if (!all.has(prefix) && all.size >= idPrefixesMax) return false;
    this.#byPlace.set(place, prefix);
    return true;
  }
}

const shortId = /^([A-Za-z]{0,4})[-_#:]?\d[\d\-_./:]{0,30}$/;
const idNames: Words = wordSet('id ids uuid guid key keys ref reference number no nr sku code uid');

function namesId(name: string): boolean {
  return idNames.has(wordsOf(name).at(-1) ?? '');
}

/** What members of records are called. None of it tells anybody to do anything, alone or one after another. */
const recordWords: Words = wordSet(`
  id ids uuid guid key ref reference number no nr name names first last full middle nick display user username owner author
  creator from to cc bcc sender recipient recipients email emails mail address addresses phone mobile street city zip postal
  country region state language locale timezone company organization department role roles team members member contact contacts
  account accounts iban currency amount amounts price total subtotal tax net gross balance quantity qty unit units count size
  length width height weight
  date dates time times day month year created updated modified received sent due start end begin at on by expires duration
  subject title body content contents text html snippet preview summary description comment comments note notes message messages
  mail mails thread conversation reply replies attachment attachments file files filename path folder folders url urls uri link links
  mime type types kind status priority category categories tag tags label labels version
  items item list lists results result records record rows row columns column data entries entry values value page pages next
  previous cursor offset limit more has is error errors code codes ok success failed
  event events calendar location room organizer attendees invoice invoices order orders ticket tickets customer customers
  product products project projects task tasks channel channels document documents issue issues payment payments transaction
  transactions vendor supplier read unread flagged starred archived done open closed score rating rank index position`);

/** Names that a reader takes for the form of a record and not for anybody's words. */
export function isRecordName(name: string): boolean {
  const words = wordsOf(name);
  return /^[A-Za-z_]\w{0,47}$/.test(name) && words.length <= 4 && words.every(word => recordWords.has(word));
}
