import { Inject, Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { AuditService } from '../../../foundations/audit/audit.service.js';
import { lockInstitution } from '../../../foundations/catalogs/admin/institution-lock.js';
import { differences } from '../../../foundations/catalogs/admin/support.js';
import type { StaffActor } from '../../../platform/actor.js';
import { Clock } from '../../../platform/clock.js';
import { Database } from '../../../platform/database/database.js';
import { violates } from '../../../platform/database/sql-state.js';
import type { Tx } from '../../../platform/database/tx.js';
import { lookAtNumber, type NumberLook } from '../gateway/graph-number.js';
import { Pace } from '../gateway/pace.js';
import { WHATSAPP_CONFIG, type WhatsAppConfig } from '../whatsapp.config.js';
import { WaNumberRow } from '../whatsapp.entities.js';
import { SealedCredentials } from './credentials.js';
import { Deliveries } from './deliveries.js';
import { numberErrors } from './errors.js';
import { NUMBER_STATES } from './number-states.js';
import { nextState } from './next-state.js';
import { StateRecord } from './state-record.js';
import { Numbers } from './numbers.js';
import type { AddWhatsAppNumber, ChangeWhatsAppNumber } from './requests.js';
import type { AdminWhatsAppNumber, AdminWhatsAppNumbers, WhatsAppNumberCheck } from './views.js';
import { ENVIRONMENT, FREE_MESSAGES } from './whatsapp-number.js';

/**
 * Most numbers of an institution. Each webhook is tried with every app secret of the installation, so their
 * number must have a limit that no single institution can use up for all.
 */
export const NUMBERS_MAX = 10;

/** The columns of a number that a request changes as they are. */
type Plain = Pick<WaNumberRow, 'label' | 'purpose' | 'displayPhone' | 'active' | 'freeMessages'>;
type Change = Partial<WaNumberRow>;
type Followed = Pick<AdminWhatsAppNumber, 'state' | 'stateOn' | 'deliveredAbout'>;

/** Keeps the WhatsApp numbers of an institution. Its trail says what changed, and never a credential. */
@Injectable()
export class NumbersService {
  constructor(
    @Inject(WHATSAPP_CONFIG) private readonly config: WhatsAppConfig,
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly audit: AuditService,
    private readonly credentials: SealedCredentials,
    private readonly states: StateRecord,
    private readonly deliveries: Deliveries,
    private readonly numbers: Numbers,
    private readonly pace: Pace,
  ) {}

  async list(actor: StaffActor): Promise<AdminWhatsAppNumbers> {
    const own = (await this.numbers.now()).active(ENVIRONMENT);
    return this.database.tx(actor, async (tx) => {
      const rows = await tx.rows(WaNumberRow, 'institution_id = $1 order by label, id', [
        actor.institutionId,
      ]);
      const known = await this.known(tx, actor.institutionId);
      const { phoneNumberId, freeMessages } = own ?? {};
      const isOurs = own?.number?.institutionId === actor.institutionId;
      return {
        items: rows.map((row) => ({ ...viewOf(row), ...known(row.id) })),
        environment: isOurs
          ? { phoneNumberId: phoneNumberId!, freeMessages: freeMessages!, ...known(ENVIRONMENT) }
          : null,
      };
    });
  }

  /** @throws WHATSAPP_NUMBER_EXISTS, TOO_MANY_WHATSAPP_NUMBERS */
  async add(actor: StaffActor, input: AddWhatsAppNumber): Promise<AdminWhatsAppNumber> {
    const { label, purpose, phoneNumberId, displayPhone = null, freeMessages = FREE_MESSAGES } = input;
    const { accessToken, appSecret, verifyToken } = input;
    const { institutionId } = actor;
    if (phoneNumberId === this.config.number?.phoneNumberId) throw numberErrors.exists();
    const id = randomUUID();
    const added = await this.database.tx(actor, async (tx) => {
      const day = await this.lock(tx, institutionId);
      await this.assertRoom(tx, institutionId);
      const said = { label, purpose, phoneNumberId, displayPhone, freeMessages };
      const row: WaNumberRow = {
        id,
        institutionId,
        ...said,
        active: true,
        version: 1,
        sealed: this.credentials.seal(id, { accessToken, appSecret, verifyToken }),
        accessTokenOn: day,
        appSecretOn: day,
        previousAppSecretOn: null,
        verifyTokenOn: day,
      };
      await this.insert(tx, row);
      await this.audit.record(tx, { event: 'WHATSAPP_NUMBER_CREATED', about: id, payload: { id, ...said } });
      return row;
    });
    this.numbers.forget();
    return { ...viewOf(added), state: 'unchecked', stateOn: null, deliveredAbout: 0 };
  }

  /**
   * @param ifMatch version that the caller read, when the caller sent one
   * @throws WHATSAPP_NUMBER_NOT_FOUND, STALE_VERSION, WHATSAPP_CREDENTIALS_UNREADABLE,
   *   TOO_MANY_WHATSAPP_NUMBERS
   */
  async change(
    actor: StaffActor,
    id: string,
    input: ChangeWhatsAppNumber,
    ifMatch?: number,
  ): Promise<AdminWhatsAppNumber> {
    const view = await this.database.tx(actor, async (tx) => {
      const day = await this.lock(tx, actor.institutionId);
      const row = await this.find(tx, id);
      if (ifMatch !== undefined && ifMatch !== row.version) throw numberErrors.stale(row.version);
      const { label, purpose, displayPhone, active, freeMessages } = input;
      if (active === true && !row.active) await this.assertRoom(tx, actor.institutionId);
      const plain = { label, purpose, displayPhone, active, freeMessages };
      const { set, changes } = differences<Plain>(row, plain);
      const replaced = this.credentials.replace(row, input, day);
      const change: Change = { ...set, ...replaced.set };
      if (Object.keys(change).length > 0) {
        change.version = row.version + 1;
        await tx.change(WaNumberRow, { id }, change);
        const payload = { id, changes, credentials: replaced.names };
        await this.audit.record(tx, { event: 'WHATSAPP_NUMBER_CHANGED', about: id, payload });
        // What was known belongs to the former credentials.
        if (set.active !== undefined || replaced.names.length > 0) await this.states.forget(tx, id);
      }
      return { ...viewOf({ ...row, ...change }), ...(await this.known(tx, actor.institutionId))(id) };
    });
    this.numbers.forget();
    return view;
  }

  /**
   * Asks Meta for the number, between two transactions.
   * @throws WHATSAPP_NUMBER_NOT_FOUND, WHATSAPP_CREDENTIALS_UNREADABLE
   */
  async check(actor: StaffActor, id: string): Promise<WhatsAppNumberCheck> {
    const row = await this.database.tx(actor, (tx) => this.find(tx, id));
    const look = await this.look(row);
    const { state, displayPhone = null, verifiedName = null } = look;
    const { institutionId } = actor;
    await this.database.tx(actor, async (tx) => {
      const day = await this.lock(tx, institutionId);
      const now = await this.find(tx, id);
      const current = (await this.states.all(tx)).of(id).state;
      // What only messages show ends with a message: a check that ended it would tell, hour by hour, whether
      // somebody was written to.
      const next = nextState(current, state, undefined);
      // That a number no longer works is left to the watch, which tells every administrator.
      const isTold = current === 'connected';
      if (now.active && now.version === row.version && next !== current && !isTold)
        await this.states.note(tx, { number: id, institutionId, state: next, day });
      await this.audit.record(tx, { event: 'WHATSAPP_NUMBER_CHECKED', about: id, payload: { id, state } });
    });
    return { state, advice: NUMBER_STATES[state].advice, displayPhone, verifiedName };
  }

  /** @throws TOO_MANY_WHATSAPP_NUMBERS */
  private async assertRoom(tx: Tx, institutionId: string): Promise<void> {
    const [row] = await tx.query<{ count: number }>(
      'select count(*)::int as count from wa_numbers where institution_id = $1 and active',
      [institutionId],
    );
    if (row!.count >= NUMBERS_MAX) throw numberErrors.tooMany(NUMBERS_MAX);
  }

  /** What follows from looks and messages, by the id of a number. */
  private async known(tx: Tx, institutionId: string): Promise<(id: string) => Followed> {
    const states = await this.states.all(tx);
    const counts = await this.deliveries.rough(tx, institutionId);
    return (id) => ({ ...states.of(id), deliveredAbout: counts.of(id).about });
  }

  private look(row: WaNumberRow): Promise<NumberLook> {
    const credentials = this.credentials.openable(row);
    if (!credentials) throw numberErrors.unreadable();
    const { phoneNumberId } = row;
    const { graphUrl: baseUrl, apiVersion } = this.config;
    const { accessToken } = credentials;
    const timeoutMs = this.pace.graphTimeoutMs;
    return lookAtNumber({ baseUrl, apiVersion, phoneNumberId, accessToken, timeoutMs });
  }

  /** One administrator at a time changes the numbers of an institution. @returns its local day */
  private async lock(tx: Tx, institutionId: string): Promise<string> {
    return this.clock.today((await lockInstitution(tx, institutionId)).timeZone);
  }

  private async find(tx: Tx, id: string): Promise<WaNumberRow> {
    const [row] = await tx.rows(WaNumberRow, 'id = $1', [id]);
    if (!row) throw numberErrors.notFound();
    return row;
  }

  private async insert(tx: Tx, row: WaNumberRow): Promise<void> {
    try {
      await tx.insert(WaNumberRow, [row]);
    } catch (error) {
      // Another institution may have it, whose row nobody here can see.
      throw violates(error, 'wa_numbers_phone_number_id_key') ? numberErrors.exists() : error;
    }
  }
}

function viewOf(row: WaNumberRow): Omit<AdminWhatsAppNumber, keyof Followed> {
  const { id, label, purpose, phoneNumberId, displayPhone, active, freeMessages, version } = row;
  return {
    id,
    label,
    purpose,
    phoneNumberId,
    displayPhone,
    active,
    freeMessages,
    credentials: {
      accessToken: { setOn: row.accessTokenOn },
      appSecret: { setOn: row.appSecretOn },
      previousAppSecret: row.previousAppSecretOn === null ? null : { setOn: row.previousAppSecretOn },
      verifyToken: { setOn: row.verifyTokenOn },
    },
    version,
  };
}
