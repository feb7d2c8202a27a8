import { type Words, wordSet } from './words.ts';

/** What an action is done to. A noun counts only beside a verb that changes something. */

export const moneyNouns: Words = wordSet(
  `payment money transaction invoice refund payout fund order purchase bill payroll salary wallet
   nft trade donation deposit withdrawal bet bid crypto cart checkout funds expense
   reimbursement transfer iban remittance voucher giftcard`,
);

/** What lies in them is not bought yet, and is as easily put back. */
export const easilyUndone: Words = wordSet(
  'cart basket wishlist watchlist bookmark favorite favourite label tag star reaction highlight filter selection like',
);

/** What is given to a body stays given. */
export const treatments: Words = wordSet(
  'medication medicine drug dose dosage prescription vaccine infusion anesthesia transfusion',
);

/** Money only where an amount or a means of payment stands beside them. */
export const perhapsMoney: Words = wordSet('loan charge stock position coin coupon discount credit allowance bonus');

/** Before `order` these make another thing of it. */
export const otherOrders: Words = wordSet(
  'work repair maintenance sort sorting court reading job service display column tab play',
);

/** What somebody pays for who books it. */
export const paidBookings: Words = wordSet(
  `hotel flight ticket trip travel cruise rental car taxi ride train accommodation stay holiday vacation package seat
   apartment villa airline bus ferry tour spa`,
);

/** Who is told what to do with an order, and what. */
export const ordered: Words = wordSet('agent subagent assistant task');

/** What is booked without being bought. */
export const freeBookings: Words = wordSet(
  'meeting room appointment slot desk calendar event call demo table memory ip',
);

/** Rights, secrets, people's standing, and the switches that guard them. */
export const adminNouns: Words = wordSet(
  `permission role access credential password passphrase secret user account member membership collaborator admin
   administrator acl firewall security iam mfa 2fa otp passkey certificate cert dns domain owner ownership sso oauth
   saml privilege visibility webhook policy license licence token apikey vault protection sharing consent identity
   tenant employee authorization quota`,
);

/** Words that make a following or preceding `key` a secret: `api_key`, `ssh_key`, `deploy_key`. */
export const keyKinds: Words = wordSet('api ssh access private deploy encryption signing secret gpg master license');

/** Administration of these is a person's own affair only if the verb addresses them: `notify_user`. */
export const personNouns: Words = wordSet(
  'user member employee account admin administrator collaborator owner tenant identity domain',
);

/** Reading one of these hands over the secret itself. */
export const secretNouns: Words = wordSet('secret password passphrase credential apikey env environment dotenv otp');

/** After a secret's name these say that only something about it is read. */
export const aboutSecrets: Words = wordSet(
  'policy strength name names status metadata expiry expiration history score rule rules count url scan leak temperature quality',
);

export const messageNouns: Words = wordSet(
  `message email mail sms tweet post comment reply notification invitation invite announcement chat dm newsletter
   campaign fax notice letter bulletin memo`,
);

/** Reaching other people by adding them to something. */
export const inviteeNouns: Words = wordSet('attendee participant invitee guest');

/** Words that make a thing of the message class a private one. */
export const unsentNouns: Words = wordSet(
  'draft template signature filter folder label rule read unread preference settings',
);

/** What is run rather than stored. */
export const codeNouns: Words = wordSet(
  `workflow pipeline build command code script shell bash python javascript sql notebook cell lambda deployment job
   binary program container action macro test tests playbook terminal repl kernel function process release vm
   migration`,
);

/** What is run and still only asks. */
export const askedRuns: Words = wordSet(
  'search lookup report analysis audit scan check query benchmark diagnostics diagnostic inference',
);

export const openedThings: Words = wordSet(
  `file node page tab document doc image record entry folder directory url link browser web website site view dashboard
   note pdf nodes resource mail email message thread notebook ticket conversation inbox mailbox attachment`,
);

/** `resolve` and `track` are questions about these. */
export const askedThings: Words = wordSet(
  'id name library address host hostname dns path reference shipment package parcel delivery flight location uri url symbol',
);

/** `format` erases these. */
export const disks: Words = wordSet('disk drive volume partition storage sd usb');

export const networkNouns: Words = wordSet(
  'http https url webhook api web webpage website ftp endpoint internet browser',
);

/** What keeps people out, or lets them in. */
export const doors: Words = wordSet(
  'door gate lock barrier turnstile entrance hatch vault safe garage shutter fence airlock',
);

/** What watches, warns or protects: turning it off is how harm begins. */
export const guards: Words = wordSet(
  `alarm siren detector sprinkler breaker interlock camera surveillance firewall antivirus monitoring alert alerting logging audit
   backup protection security encryption safety watchdog limit limits quota guard sensor authentication 2fa mfa`,
);

/** Somebody kept it from going on, until somebody else says that it may. */
export const heldBack: Words = wordSet('quarantine quarantined embargo embargoed custody detention escrow impounded');

/** What turns, heats, flows or drives. */
export const machines: Words = wordSet(
  `valve pump motor engine furnace boiler burner turbine reactor compressor sluice drone robot vehicle elevator lift crane
   conveyor press centrifuge laser generator`,
);

/** `send` to a machine rather than to a person. */
export const machineSignals: Words = wordSet('key keys keystroke signal event input click interrupt tap heartbeat');

/** People's own sessions: signing in is a step that other work needs, not administration. */
export const sessionVerbs: Words = wordSet('login logon signin logout signout authenticate confirm');
