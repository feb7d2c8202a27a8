import { knowing } from '../../model/knowing.ts';

/**
 * What names and sentences in German, French, Spanish, Italian, Portuguese and Dutch say, in the English word that the rest of
 * this room knows. Ordinary verbs and nouns of work, none of one product or trade. A stem counts with its endings, a word with a `!` only
 * as it stands; none is a form of an English word, so that English is never read as something else. Small words of a language are kept apart and
 * count only in a text that is written in it.
 */
const stems: Readonly<Record<string, string>> = {
  read: 'lesen liest lesbar lire lecture leer leggere lettura lezen ler leitura',
  list: 'auflist liste! listes! lister! listar elenca elenco lijst listagem',
  show: 'anzeig zeig affich mostrar muestr mostra tonen toon visualiz exib',
  view: 'ansehen! einsehen! ver! voir! consultar consulter! consultare! vedere! vedi! bekijk raadpleeg! raadplegen!',
  search: 'suche! suchen! sucht! recherch chercher busca buscar cerca cercare ricerca zoek pesquis',
  find: 'finden! findet! trouver encontr trova vinden',
  get: 'holen! holt! abruf obtenir obten ottieni ophalen',
  check:
    'pruef ueberpruef verificar verificare verifica! comprob controllare controlla! controla! controleer revisar revisa!',
  compare: 'vergleich comparer! comparar confronta vergelijk',
  create: 'anleg erstell erzeug creer crear creare aanmak criar',
  add: 'hinzufueg ergaenz ajout anadir agreg aggiung toevoeg adicion',
  update: 'aktualisier actualiz aggiorn bijwerk atualiz mettreajour',
  change: 'aender veraender modifiez! modificar modifica! cambiar cambia! cambiare wijzig alterar',
  set: 'setze! setzt! setzen! festleg definir establec fijar! fija! fije! fixez! imposta instel',
  maintain: 'pfleg gepfleg',
  move: 'verschieb verleg deplac mover spost verplaats',
  delete: 'loesch entfern supprim effacer borrar borra! eliminar elimina! cancellare verwijder apagar! apaga! excluir!',
  cancel:
    'stornier absag abbestell abmeld kuendig annuler! annulez! annullare anular anula! anule! annuleer cancelar cancela! disdire opzeg',
  send: 'senden! sende! sendet! gesendet! versend versand verschick schick envoy envoi enviar envia envio inviare invia invio verzend stuur',
  save: 'speichern! speichere! speichert! gespeichert! abspeicher guardar guarda! guarde! enregistrer! salvare! salvar! salva! opslaan! opslag! sauvegard gravar!',
  remember: 'erinner merken! recordar! recuerd rappeler! ricordar ricorda! onthoud lembr',
  download: 'herunterlad descarg telecharg scaric baixar! descarreg',
  invite: 'einlad eingelad invitar invita! invitez! invitare! uitnodig convidar! convida! convide!',
  increase: 'erhoeh augmentez! aumentar aumenta! aumente! aumentare! verhoog verhogen!',
  write: 'schreib ecrire redig escrib escrev scrive schrijf',
  reply: 'antwort beantwort repondre reponse contestar! contesta! conteste! responder! responde! rispond antwoord',
  forward: 'weiterleit transferer! transmet reenvi inoltra doorstuur encaminh',
  publish: 'veroeffentlich publier! publicar pubblic publiceer',
  pay: 'bezahl zahlen! zahle! zahlt! ueberweis payez! pagar paga! pague! betaal',
  refund: 'erstatt rembours reembols rimbors terugbetal',
  buy: 'kaufen! kaufe! kauft! einkauf achete comprar compra! acquist koop! kopen!',
  order: 'bestell commandez! pedir pedido ordine! ordini! encarg ordina! commande! commandes! bestel encomend',
  approve: 'freigeb freigab freigegeb genehmig approuv aprob approvare approva! aprovar aprova! goedkeur',
  reject: 'ablehn refuser! refusez! rechaz rifiut afwijz rejeit',
  release: 'freischalt liberer! liberar rilasci vrijgev libera',
  lock: 'sperr verrouill bloquer! bloquear bloquea! bloccar blokkeer',
  unlock: 'entsperr deverrouill desbloqu sblocc deblokkeer',
  authorize: 'autoriz autoris',
  hire: 'contratar! contrata! contrate!',
  voucher: 'gutschein bonachat',
  issue: 'ausstell emitir! emite! emita! emettre! emettez!',
  assign: 'zuweis zuteil asignar! asigna! asigne! attribuer! assegna! toewijz',
  schedule: 'convocar! convoca! convoque!',
  grant: 'gewaehr berechtig accorder! otorg conceder! concede! toeken',
  revoke: 'entzieh widerruf revoqu revoc intrek revog',
  share: 'teilen! teilt! partag compart compartilh condivid delen! deel!',
  run: 'ausfuehr executer! executar ejecut esegui uitvoer',
  start: 'starten! startet! demarr iniciar inicia! avvia',
  stop: 'stoppe! stoppen! stoppt! beend anhalt arreter! detener! parar',
  open: 'oeffne ouvrir ouvre! abrir! abre! abra! apri! aprire!',
  close: 'schliess fermer! fermez! cerrar cierra chiud sluit fechar',
  book: 'buche! buchen! bucht! reserver! reservar reservier prenot boek',
  process: 'umsetz umwandl',
  payment: 'zahlung paiement paiements pago pagos pagamento pagament betaling',
  transfer: 'ueberweisung virement transferencia bonifico overboek overschrijv',
  invoice: 'rechnung facture factura fattura fatture factuur fatura',
  amount: 'betrag montant importe! importo! bedrag valor!',
  price: 'preis! preise! prix! precio prezzo prijs preco',
  quantity: 'menge! mengen! quantite! cantidad quantita hoeveelheid quantidade',
  recipient: 'empfaenger destinatai destinatari ontvanger',
  supplier: 'lieferant fournisseur proveedor fornitore! fornitori! leverancier fornecedor',
  customer: 'kunde! kunden! cliente! clientes! clienti! klant',
  account: 'konto konten kontos compte cuenta conto rekening',
  message: 'nachricht mensaje messaggio bericht mensagem',
  subject: 'betreff objet! asunto oggetto onderwerp assunto',
  attachment: 'anlage! anlagen! anhang anhaenge piecejointe adjunto allegat bijlage anexo',
  document: 'dokument documento! documenti! documentos!',
  file: 'datei dateien fichier archivo archivos bestand bestanden arquivo',
  folder: 'ordner dossier! carpeta cartella',
  address: 'anschrift adresse adressen direccion indirizzo adres endereco',
  password: 'passwort kennwort motdepasse contrasena wachtwoord senha',
  key: 'schluessel chiave sleutel',
  user: 'benutzer utilisateur usuario utente gebruiker',
  appointment: 'termin! termine! termins! rendezvous! cita! citas! appuntament afspraak consulta!',
  task: 'aufgabe tache! taches! tarea compito! attivita taak tarefa',
  comment: 'bemerkung kommentar commentaire comentari commento! opmerking',
  reason: 'grund! begruendung motif! motivo!',
  text: 'texte! texto! testo! tekst',
  report: 'auswertung informe! relazione',
  overview: 'uebersicht apercu resumen riepilogo',
  from: 'von! desde! vanaf!',
  to: 'bis! hasta! fino!',
  place: 'ort! lieu! lugar! luogo!',
  new: 'neuer! neue! neuen! nouveau! nouvelle! nuevo! nueva! nuovo! nuova! nieuw! nieuwe! novo! nova!',
  pending: 'offen ouvert! abierto abierta aperti! aperte!',
  page: 'pagina! paginas! pagine! seite! seiten! webseite! webseiten! paginaweb!',
  agent: 'agente! agentes! agenti! agenten!',
  guest:
    'invitado! invitada! invitados! invitadas! invitati! invitato! convidado! convidados! genodigden! gaeste! gast! gasten!',
  role: 'rol! rolle! rollen! ruolo! ruoli! papel! papeis!',
  permission: 'permiso! permisos! permesso! permessi! permissao berechtigungen! machtiging',
  access: 'zugang! zugriff! acceso! accesos! accesso! accessi! toegang! acesso! acessos!',
  item: 'artikel articulo articolo! artigo',
  position: 'positionen!',
};

/** Small words of each language: more of them than of any other say what a text is written in (`isForeign`). */
const small: Readonly<Record<string, string>> = {
  english: `the and of to in is for with on at by from this that it be are was as or an if please all not you your his her their our my they them he she who when what which would should could can has have had there where how am so me do us its`,
  german: `der die das den dem des und ist im zu zum zur mit von vom fuer auf bei nicht bitte ein eine einen einem einer wie was wir uns sie ich aus nach dann auch noch an oder wenn es ueber
     dass am ihr ihre ihren ihrer ihm ihnen sein seine seinen seiner unser unsere unseren mein meine meinen sind wird werden
     kann soll sollen ohne gegen unter vor um als diese diesen dieser dieses er sich`,
  french: `le la les des du et est au aux un une pour avec dans sur par que qui merci nous vous il elle mon ma mes son sa ce cette de en ou je tu si
     sont ne pas plus leur leurs notre nos votre vos ses ces à été chez dont`,
  spanish: `el la los las del y es al un una para con en por que favor nos su sus mi este esta de lo se si como todos
     le les ha han está están hay más sobre sin ese esa eso estos estas nuestro nuestra tu tus mis`,
  italian: `il lo la gli le dei del della e di al alla un una per con in da che ci mio suo questo questa tutti si come i
     nel nella nei nelle dal dalla sul sulla degli dello allo agli ai alle è ha non più sua suoi sue mia nostro nostra loro`,
  portuguese: `o a os as do da dos das e um uma para com em por que favor nos seu sua meu minha este esta de no na ao se como
     pelo pela pelos aos à às nos nas num numa está foi mais ele ela seus suas nosso nossa`,
  dutch: `de het een en van is in voor met op bij niet alstublieft wij ons zijn haar mijn dit dat ook naar uit als aan te
     dan nog maar om deze die wordt worden heeft moet onze jouw hun hem er ze hij bij tot`,
};

const endings = new Set(
  `a as am amo an ando ant ants ar are as ata ate ato ada ado e ee ees ement en ende ens ent er era ere eren es et est ez i
   ia iamo ido ieren iert iere ierung ing ion ions ione ioni ir ire is it ite o on ons ont or os r re rs s se st t te ten tes tion
   n ne ner nen nr nummer ung ungen cion ciones cao coes zione zioni ato ata ati ta em eur eurs ore ori edor`
    .split(/\s+/)
    .concat(''),
);

/** Of a stem with endings; a whole word may be one shorter. */
const charsMin = 4;
/** No stem with its ending is as long; a server may write a description in one word. */
const charsMax = 40;
const byStem = new Map<string, string>();
const byWord = new Map<string, string>();
for (const [english, words] of Object.entries(stems))
  for (const word of words.split(' ')) {
    const [table, key] = word.endsWith('!') ? [byWord, word.slice(0, -1)] : [byStem, word];
    if (!table.has(key)) table.set(key, english);
  }

/** The English word for a word of another language; undefined for what is English, or not known. Lower case. */
export const inEnglish = knowing((word): string | undefined => {
  if (word.length < charsMin - 1 || word.length > charsMax) return undefined;
  return (
    lookUp(word.replaceAll('ß', 'ss').replace(/[äöü]/g, umlaut)) ??
    lookUp(unmarked(word)) ??
    lookUp(unmarked(word.replace(enclitics, '$1')))
  );
});

/** `escríbele`, `anúlalo`: Spanish writes the accent where the pronouns behind an imperative need one. */
const enclitics = /^(.*[áéíóú].*?)(?:[mts]e|nos)?(?:l[aeo]s?|me|te|se|nos)$/u;

/** Names of tools and arguments leave out the marks that people write: `titulo` of who speaks of a `título`. */
export function unmarked(word: string): string {
  return word.normalize('NFD').replace(/\p{M}/gu, '');
}

function umlaut(letter: string): string {
  return `${letter.normalize('NFD')[0] ?? ''}e`;
}

function lookUp(word: string): string | undefined {
  const whole = byWord.get(word);
  if (whole !== undefined) return whole;
  for (let length = word.length; length >= charsMin; length--) {
    const found = byStem.get(word.slice(0, length));
    if (found !== undefined && endings.has(word.slice(length))) return found;
  }
  return undefined;
}

const smallWords = Object.entries(small).map(([name, words]): readonly [string, ReadonlySet<string>] => [
  name,
  new Set(words.split(/\s+/)),
]);

const english = smallWords.findIndex(([name]) => name === 'english');

/** The languages that have this small word, as `smallWords` numbers them. */
const languagesOf = knowing((word): readonly number[] => {
  const spelled = word.replace(/[äöü]/g, umlaut);
  return smallWords.flatMap(([, set], index) => (set.has(spelled) ? [index] : []));
});

/** Imperatives that stand for nothing elsewhere, or for something else: they count only in a text that is written in the language. */
const orders: Readonly<Record<string, string>> = {
  create: 'leg lege crée crea cria',
  approve: 'gib valide',
  set: 'setz mets pon metti zet',
  remember: 'erinnere merke merk souviens',
  do: 'mach fais haz fai faz maak',
  request: 'hol pide',
  ask: 'frag vraag',
  tell: 'sag dis di',
  notify: 'préviens prévenez avertis avertissez avisa avvisa informiere informa informeer benachrichtige melde meld',
  remind: 'rappelle',
  book: 'buch reserveer',
  send: 'schick envoie manda verstuur',
  write: 'écris écrivez scrivi',
  reply: 'réponds répondez',
  pay: 'zahl paie paye',
  transfer: 'vire transfère transfiere trasferisci transfere',
  refund: 'vergoed',
  buy: 'kauf',
  show: 'zeig',
  search: 'such',
  read: 'les lies',
  take: 'nimm prends',
  enter: 'trag trage',
  register: 'enregistre registra registriere registreer',
  enrol: 'inscris inscrivez inscribe iscrivi inscreve',
  note: 'notiere anota annota noteer',
  schedule: 'planifie planifiez',
  publish: 'publie publica',
  cancel: 'annule annulla',
  remove: 'retire retirez quita togli tira',
  delete: 'efface effacez cancella',
  change: 'modifie cambia muda verander',
  move: 'mueve',
  add: 'füge añade voeg',
  share: 'comparte partilha teile',
  give: 'donne donnez geef',
  accept: 'accepte acepta accetta aceita accepteer',
  reject: 'refuse lehne weiger recusa',
  confirm: 'confirme confirma conferma bestätige bevestig',
  lock: 'bloque blocca bloqueia',
};
const imperatives = new Map<string, string>();
for (const [english, words] of Object.entries(orders))
  for (const word of words.split(' ')) imperatives.set(word, english);

/** As `inEnglish`, for a text that is known to be in another language. */
export function saidInEnglish(word: string): string | undefined {
  return imperatives.get(word) ?? inEnglish(word) ?? behindWhich(word);
}

/** `dile`, `díselo`, `mandagli`: who and what stand behind an order in the same word. */
function behindWhich(word: string): string | undefined {
  const order = unmarked(word.replace(pronouns, ''));
  return order.length > 1 && order.length < word.length ? imperatives.get(order) : undefined;
}

const pronouns = /(?:[mts]e|glie?|nos|ce|ve)?(?:l[aeio]s?|me|te|se|nos|gli|ne|ci|vi)$/u;

/**
 * A text, as lower-case words, is written in one of these languages rather than in English: it has more small words of one, or, where
 * it is short, one, and beside it a word of work that no English is.
 */
export function isForeign(words: readonly string[]): boolean {
  const counts = smallWords.map(() => 0);
  for (const word of words) for (const language of languagesOf(word)) counts[language] = (counts[language] ?? 0) + 1;
  const most = Math.max(...counts);
  // `Borra notas/a.txt.`
  if (most === 0) return inEnglish(words[0] ?? '') !== undefined;
  const best = counts.indexOf(most);
  if (best === english || most > 1) return best !== english;
  return (
    counts[english] === 0 && (imperatives.has(words[0] ?? '') || words.some(word => inEnglish(word) !== undefined))
  );
}
