import { MenuCounts } from '../../src/doors/whatsapp/menus/menu-counts.js';
import { CatalogsReader } from '../../src/foundations/catalogs/catalogs.reader.js';
import { formOf } from '../builders/evidence.js';
import { CHANNEL_KEY } from '../setup/constants.js';
import type { Harness, Receipt } from '../setup/harness.js';

/** A demo institution with two cases in two areas and a row of everything an administrator keeps. */
export interface Place {
  code: string;
  domain: string;
  channelKey: string;
  /** Of `investigador@` and `titular@`, and of `investigador2@`. */
  areas: [own: string, other: string];
  own: Receipt;
  other: Receipt;
  /** Of the case in the own area: asked, not answered. */
  informationRequest: string;
  /** An upload of the case in the own area that has begun. */
  upload: string;
  /** By the folio of its case. */
  evidence: Record<string, string>;
  /** Number of a call that has begun. */
  call: string;
  /** Of `titular@`. */
  notice: string;
  rows: Record<
    | 'areas'
    | 'categories'
    | 'closures'
    | 'routing-rules'
    | 'sla-terms'
    | 'accounts'
    | 'channels'
    | 'whatsapp-numbers'
    | 'approvals'
    | 'questions',
    string
  >;
}

const INSTITUTIONS = {
  'conavi.demo': { code: 'CONAVI-DEMO', prefix: 'cnv', areas: ['OIC', 'SUBSIDIOS'] as [string, string] },
  'acolman.demo': {
    code: 'ACOLMAN-DEMO',
    prefix: 'aco',
    areas: ['CONTRALORIA', 'SERVICIOS'] as [string, string],
  },
};
export type Domain = keyof typeof INSTITUTIONS;
export const DOMAINS = Object.keys(INSTITUTIONS) as Domain[];

/** A WhatsApp number of a demo institution, as an administrator adds it. */
export function whatsAppNumber(domain: string): Record<string, string> {
  return {
    label: 'Atención',
    purpose: 'attention',
    phoneNumberId: `20000000000000${DOMAINS.indexOf(domain as Domain) + 1}`,
    accessToken: `access token of ${domain}`.replaceAll(' ', '-'),
    appSecret: `app secret of ${domain}`.replaceAll(' ', '-'),
    verifyToken: `verify token of ${domain}`.replaceAll(' ', '-'),
  };
}

const FILED = new Date('2026-11-03T16:00:00Z');
/** Past the ten business days of a first response, so that there are breaches and notices of them. */
const LATER = new Date('2026-11-30T16:00:00Z');

/** Somebody asks the chat what its menu does not answer. */
async function askTheMenu(h: Harness, code: string): Promise<void> {
  const institutions = await h.app.get(CatalogsReader).institutions();
  const { id } = institutions.find((one) => one.code === code)!;
  const counts = h.app.get(MenuCounts);
  counts.note(id, { what: 'unanswered', question: '¿dan despensas?', language: 'es-MX' });
  await counts.write();
}

/** Fills a demo institution through the API. Leaves the clock at the end of November 2026. */
export async function furnish(h: Harness, domain: Domain): Promise<Place> {
  const { code, prefix, areas } = INSTITUTIONS[domain];
  const as = async <T>(user: string, method: string, path: string, body?: unknown): Promise<T> => {
    const answer = await h.as<T>(`${user}@${domain}`, method, path, body);
    if (answer.status >= 300) throw new Error(`${method} ${path} as ${user}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  h.clock.set(FILED);
  h.forgetTokens();
  const fileInto = async (area: string): Promise<Receipt> => {
    const receipt = await h.file({
      institution: code,
      mode: 'identified',
      reporter: { name: 'Nombre de prueba' },
    });
    await as('mesa', 'POST', `/cases/${receipt.folio}/triage`, { area, reason: 'Es de esa área.' });
    return receipt;
  };
  const own = await fileInto(areas[0]);
  const other = await fileInto(areas[1]);
  const question = { question: '¿En qué oficina ocurrió?', businessDays: 30 };
  const asked = await as<{ id: string }>(
    'titular',
    'POST',
    `/cases/${own.folio}/information-requests`,
    question,
  );
  const evidence: Record<string, string> = {};
  for (const { folio } of [own, other]) {
    const form = formOf({ bytes: Buffer.from('Una prueba.') });
    evidence[folio] = (await as<{ id: string }>('mesa', 'POST', `/cases/${folio}/evidence`, form)).id;
  }
  await askTheMenu(h, code);
  await h.file({ institution: code });
  const waiting = await h.file({ institution: code });
  await as('mesa', 'POST', `/cases/${waiting.folio}/triage`, { area: areas[0], reason: 'Es de esa área.' });

  h.clock.set(LATER);
  h.forgetTokens();
  await h.sweep();
  const { items } = await as<{ items: { id: string }[] }>('titular', 'GET', '/notifications');
  const row = (path: string, body: unknown): Promise<{ id: string }> =>
    as('admin', 'POST', `/admin/${path}`, body);
  const area = await row('areas', { code: 'ARCHIVO', label: 'Archivo' });
  const category = await row('categories', {
    code: 'LOST_FILE',
    label: 'Expediente perdido',
    labelEn: 'Lost file',
    description: 'Un trámite cuyo expediente no aparece.',
  });
  const closures = await row('calendars/closures', { days: [{ day: '2027-03-12', label: 'Aniversario' }] });
  const rule = await row('routing-rules', {
    position: 900,
    label: 'Archivo',
    words: ['archivo'],
    area: 'ARCHIVO',
  });
  const term = await row('sla-terms', { metric: 'triage', category: 'LOST_FILE', businessDays: 4 });
  const account = await row('accounts', {
    email: `archivo@${domain}`,
    name: 'Archivo',
    // Of a role that sees no case: what sees cases takes two people.
    roles: ['operator'],
    areas: ['ARCHIVO'],
  });
  const { approval } = await as<{ approval: { id: string } }>('admin', 'POST', '/admin/accounts', {
    email: `nadie@${domain}`,
    name: 'Nadie',
    roles: ['investigator'],
    areas: [areas[0]],
  });
  await as('auditor', 'POST', `/approvals/${approval.id}/refusal`, { reason: 'Nadie se llama así.' });
  const channel = await row('channels', { channel: 'web', label: 'Portal' });
  const number = await row('whatsapp-numbers', whatsAppNumber(domain));
  const begun = await h.call('POST', '/uploads', {
    token: await h.trackingToken(own),
    headers: { 'Tus-Resumable': '1.0.0', 'Upload-Length': '100' },
  });
  const upload = begun.headers.get('location')!.split('/').at(-1)!;
  const questions = await as<{ items: { id: string }[] }>('admin', 'GET', '/admin/menu/unanswered');
  const { number: call } = await as<{ number: string }>('operador', 'POST', '/phone/calls', {
    language: 'es',
  });
  return {
    code,
    domain,
    channelKey: `${CHANNEL_KEY}-${prefix}-web`,
    areas,
    own,
    other,
    informationRequest: asked.id,
    evidence,
    upload,
    call,
    notice: items[0]!.id,
    rows: {
      areas: area.id,
      categories: category.id,
      closures: /[0-9a-f]{8}-[0-9a-f-]{27}/.exec(JSON.stringify(closures))![0],
      'routing-rules': rule.id,
      'sla-terms': term.id,
      accounts: account.id,
      channels: channel.id,
      'whatsapp-numbers': number.id,
      approvals: approval.id,
      questions: questions.items[0]!.id,
    },
  };
}
