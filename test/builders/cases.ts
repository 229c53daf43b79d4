import type { Answer, Harness, Receipt } from '../setup/harness.js';

/** The demo accounts of the first institution, by what they do. */
export const DESK = 'mesa@conavi.demo';
export const INVESTIGATOR = 'investigador@conavi.demo';
export const OTHER_INVESTIGATOR = 'investigador2@conavi.demo';
export const HEAD = 'titular@conavi.demo';
export const AUDITOR = 'auditor@conavi.demo';
export const OPERATOR = 'operador@conavi.demo';
export const ADMIN = 'admin@conavi.demo';

/** Area of `INVESTIGATOR` and `HEAD`; reports of fraud are routed there. */
export const AREA = 'OIC';
/** Area of `OTHER_INVESTIGATOR`; it has no head. */
export const OTHER_AREA = 'SUBSIDIOS';

/** What the tests read of a case, a move or a refusal; fields absent from an answer stay undefined. */
export interface CaseBody {
  folio: string;
  status: string;
  statusLabel: string;
  version: number;
  expediente: string | null;
  area: { code: string; label: string };
  category: { code: string; label: string } | null;
  priority: string;
  outcome: string | null;
  assignee: { id: string; name: string; active: boolean } | null;
  awaitingAnswer: boolean;
  reporterWritesUntil: string | null;
  routing: { id: string; label: string; confirmed: boolean } | null;
  deadlines: DeadlineBody[];
  entries: EntryBody[];
  informationRequests: {
    id: string;
    question: string;
    answer: string | null;
    dueOn: string;
    state: string;
  }[];
  moves: string[];
  code: string;
  dueOn: string;
}

export interface DeadlineBody {
  metric: string;
  startedOn: string;
  dueOn: string;
  stage: string;
  stoppedAt: string | null;
}

export interface EntryBody {
  seq: number;
  kind: string;
  author: string;
  by: string | null;
  day: string;
  at: string | null;
  body: Record<string, string>;
  kindLabel: string;
  summary: string;
}

export interface ReporterBody {
  folio: string;
  status: string;
  statusLabel: string;
  receivedOn: string;
  area: { code: string; label: string };
  deadlines: { metric: string; dueOn: string; met: boolean | null }[];
  timeline: { kind: string; day: string }[];
  messages: { from: string; text: string; day: string }[];
  informationRequests: {
    id: string;
    question: string;
    answer: string | null;
    dueOn: string;
    state: string;
  }[];
  outcome?: { outcome: string; text: string; day: string };
  writing: { allowed: boolean; until: string | null; text: string };
  code: string;
}

/** The body of an answer that must have succeeded. */
export function ok<T>({ status, body }: Answer<T>): T {
  if (status >= 400) throw new Error(`answered ${status}: ${JSON.stringify(body)}`);
  return body;
}

/** Works cases as people do, over HTTP; the builder of every state a test needs. */
export class CaseWork {
  constructor(private readonly h: Harness) {}

  /** `POST /cases/{folio}/{move}`. */
  post(email: string, folio: string, move: string, body: unknown, headers?: Record<string, string>) {
    return this.h.as<CaseBody>(email, 'POST', `/cases/${folio}/${move}`, body, headers);
  }

  async read(folio: string, email = AUDITOR): Promise<CaseBody> {
    return ok(await this.h.as<CaseBody>(email, 'GET', `/cases/${folio}`));
  }

  async deadlines(folio: string, email = AUDITOR): Promise<DeadlineBody[]> {
    return ok(await this.h.as<DeadlineBody[]>(email, 'GET', `/cases/${folio}/deadlines`));
  }

  /** The stage of each clock, `metric: stage`; of two clocks of a metric the one that runs. */
  async stages(folio: string): Promise<Record<string, string>> {
    return Object.fromEntries((await this.deadlines(folio)).map(({ metric, stage }) => [metric, stage]));
  }

  /** Events of the audit trail, oldest first. */
  async trail(folio: string): Promise<{ event: string; data: Record<string, unknown> }[]> {
    const path = `/cases/${folio}/audit?limit=100`;
    type Trail = { items: { event: string; data: Record<string, unknown> }[] };
    return ok(await this.h.as<Trail>(AUDITOR, 'GET', path)).items;
  }

  /** A report in the area of `INVESTIGATOR` and `HEAD`. */
  file(report: Record<string, unknown> = {}): Promise<Receipt> {
    return this.h.file({ category: 'FRAUD', ...report });
  }

  async triage(folio: string, change: Record<string, unknown> = {}): Promise<CaseBody> {
    return ok(await this.post(DESK, folio, 'triage', { reason: 'Confirmo lo propuesto.', ...change }));
  }

  async investigate(folio: string, email = INVESTIGATOR): Promise<CaseBody> {
    return ok(await this.post(email, folio, 'investigation', {}));
  }

  async ask(folio: string, businessDays = 5, email = DESK): Promise<string> {
    const body = { question: '¿Qué día ocurrió?', businessDays };
    const asked = await this.h.as<{ id: string }>(
      email,
      'POST',
      `/cases/${folio}/information-requests`,
      body,
    );
    return ok(asked).id;
  }

  async close(folio: string, outcome: string, email = INVESTIGATOR): Promise<CaseBody> {
    return ok(await this.post(email, folio, 'closure', closure(outcome)));
  }

  async transfer(folio: string, area = OTHER_AREA, email = DESK): Promise<CaseBody> {
    return ok(await this.post(email, folio, 'transfers', { area, reason: 'Es materia de otra área.' }));
  }

  /** A new case brought into a state by the acts of people; `closed` was never investigated. */
  async bring(status: string, report: Record<string, unknown> = {}): Promise<Receipt> {
    const receipt = await this.file(report);
    const { folio } = receipt;
    switch (status) {
      case 'received':
        break;
      case 'in_triage':
        ok(await this.post(DESK, folio, 'assignment', { assignee: DESK }));
        break;
      case 'assigned':
        await this.triage(folio);
        break;
      case 'under_investigation':
        await this.triage(folio);
        await this.investigate(folio);
        break;
      case 'awaiting_reporter':
        await this.triage(folio);
        await this.ask(folio);
        break;
      case 'resolved':
        await this.triage(folio);
        await this.investigate(folio);
        await this.close(folio, 'measures_taken');
        break;
      case 'closed':
        await this.close(folio, 'inadmissible', DESK);
        break;
      default:
        throw new Error(`no way into ${status}`);
    }
    return receipt;
  }

  /** The reporter's side of a case. */
  async asReporter<T = ReporterBody>(
    receipt: Pick<Receipt, 'folio' | 'accessCode'>,
    method: string,
    path: string,
    body?: unknown,
  ): Promise<Answer<T>> {
    const token = await this.h.trackingToken(receipt);
    return this.h.call<T>(method, `/tracking/${path}`, { token, body });
  }
}

export function closure(outcome: string): { outcome: string; grounds: string; publicText: string } {
  return {
    outcome,
    grounds: 'Motivación interna del expediente.',
    publicText: 'Revisamos tu denuncia. Gracias por avisar.',
  };
}

/** Moves the clock of a harness; tokens live for minutes and are asked for again. */
export function moveTo(h: Harness, instant: Date | string): void {
  h.clock.set(new Date(instant));
  h.forgetTokens();
}
