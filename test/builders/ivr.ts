import { randomUUID } from 'node:crypto';
import { folioDigits } from '../../src/work/cases/folio-digits.js';
import { CHANNEL_KEY } from '../setup/constants.js';
import type { Answer, CallOptions, Harness, Receipt } from '../setup/harness.js';
import { recording } from './evidence.js';

export const IVR_KEY = `${CHANNEL_KEY}-cnv-phone`;

/** What the tests read of an answer to a voice menu, or of a refusal. */
export interface IvrBody {
  say: string[];
  options: { digit: string; action: string; actionLabel: string; path: string }[];
  language: string | null;
  prompts: Record<string, string[]> | null;
  noticeVersion: string | null;
  token: string;
  expiresAt: string;
  folio: string;
  folioDigits: string;
  accessCode: string;
  mode: string;
  status: string;
  nextDeadline: { metric: string; dueOn: string; days: number } | null;
  newMessages: number;
  openQuestion: boolean;
  awaitsVoice: boolean;
  number: number;
  answered: boolean | null;
  code: string;
  detail: string;
  errors: { field: string; code: string }[];
}

/** A voice menu of a call centre, as it talks to the service. */
export class IvrWork {
  constructor(
    private readonly h: Harness,
    private readonly key = IVR_KEY,
  ) {}

  post(path: string, body: unknown = {}, options: CallOptions = {}): Promise<Answer<IvrBody>> {
    return this.h.call<IvrBody>('POST', `/ivr/${path}`, { key: this.key, body, ...options });
  }

  report(body: object = {}, idempotencyKey: string = randomUUID()): Promise<Answer<IvrBody>> {
    return this.post('reports', { mode: '1', ...body }, { headers: { 'Idempotency-Key': idempotencyKey } });
  }

  open(
    { folio, accessCode }: Pick<Receipt, 'folio' | 'accessCode'>,
    language?: string,
  ): Promise<Answer<IvrBody>> {
    return this.post('sessions', {
      folio: `${folioDigits(folio).replaceAll('-', '')}#`,
      accessCode: `${accessCode.replaceAll('-', '')}#`,
      ...(language === undefined ? {} : { language }),
    });
  }

  withToken(path: string, token: string, body: unknown = {}): Promise<Answer<IvrBody>> {
    return this.post(path, body, { headers: { 'Ivr-Token': token } });
  }

  /** @param path `messages` or `answers` */
  record(
    path: string,
    token: string,
    { bytes = recording(), name = 'nota.wav', more = {} }: RecordedFile = {},
  ): Promise<Answer<IvrBody>> {
    const form = new FormData();
    for (const [field, value] of Object.entries(more)) form.set(field, value);
    form.set('file', new Blob([new Uint8Array(bytes)]), name);
    return this.withToken(path, token, form);
  }
}

export interface RecordedFile {
  bytes?: Buffer;
  name?: string;
  /** Further fields of the form. */
  more?: Record<string, string>;
}
