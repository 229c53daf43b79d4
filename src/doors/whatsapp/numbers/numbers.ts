import { Inject, Injectable } from '@nestjs/common';
import { CatalogsReader } from '../../../foundations/catalogs/catalogs.reader.js';
import { Clock } from '../../../platform/clock.js';
import { Database } from '../../../platform/database/database.js';
import { Log } from '../../../platform/logging.js';
import { shared } from '../../../platform/shared-look.js';
import { WHATSAPP_CONFIG, type EnvironmentNumber, type WhatsAppConfig } from '../whatsapp.config.js';
import { SealedCredentials } from './credentials.js';
import { KnownNumbers, type ConnectedNumber } from './known-numbers.js';
import { ENVIRONMENT, FREE_MESSAGES, type Purpose, type WhatsAppNumber } from './whatsapp-number.js';

/**
 * Milliseconds for which the numbers are not looked at again. So a new number, a new secret or the end of one
 * is known to every process within about a second.
 */
const AGE = 1_000;

/** A row of `auth_whatsapp_numbers`. Without a number all but the version is null. */
interface Row {
  version: string;
  id: string | null;
  institution_id: string;
  label: string;
  purpose: Purpose;
  phone_number_id: string;
  display_phone: string | null;
  active: boolean;
  free_messages: number | null;
  sealed: Buffer;
}

/**
 * Knows the numbers of all institutions, for the webhook and the sweeps. Both work before anybody is signed
 * in, so one function of the database gives them what they need.
 */
@Injectable()
export class Numbers {
  private version: string | null = null;
  private rows: readonly ConnectedNumber[] = [];
  private known = new KnownNumbers([]);
  private ownInstitution?: string;
  /** When they were last looked at, by the clock of the machine: the service's clock may be moved. */
  private lookedAt = -Infinity;
  /** Changes in this process. A look that was under way meanwhile may not have seen the last one. */
  private changes = 0;

  constructor(
    @Inject(WHATSAPP_CONFIG) private readonly config: WhatsAppConfig,
    private readonly database: Database,
    private readonly catalogs: CatalogsReader,
    private readonly credentials: SealedCredentials,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** The numbers as they were at most a second ago. */
  async now(): Promise<KnownNumbers> {
    if (performance.now() - this.lookedAt >= AGE) await this.look();
    return this.known;
  }

  /** Looks again at the next question. To be called after a change in this process. */
  forget(): void {
    this.changes += 1;
    this.lookedAt = -Infinity;
  }

  private readonly look = shared(async (): Promise<void> => {
    const [at, changes] = [performance.now(), this.changes];
    // The webhook waits for this, and so does whoever reports.
    const rows = await this.database.definer<Row>('auth_whatsapp_numbers', [this.version], 'intake');
    const version = rows[0]!.version;
    const isNew = version !== this.version;
    const { number } = this.config;
    const wasWaiting = number !== undefined && this.ownInstitution === undefined;
    if (wasWaiting) this.ownInstitution = await this.institutionOf(number);
    if (isNew) this.rows = rows.flatMap((row) => this.connected(row));
    if (isNew || wasWaiting || this.known.isEmpty) this.known = new KnownNumbers(this.together());
    this.version = version;
    if (changes === this.changes) this.lookedAt = at;
  });

  /** The number of the environment comes first. It hides a row of the same name at Meta. */
  private together(): ConnectedNumber[] {
    const { number } = this.config;
    if (!number) return [...this.rows];
    const others = this.rows.filter(({ phoneNumberId }) => phoneNumberId !== number.phoneNumberId);
    return [fromEnvironment(number, this.ownInstitution), ...others];
  }

  /**
   * Undefined until an institution of the configured code (or any demo institution, without a code) is set
   * up.
   */
  private async institutionOf({ institution: code }: EnvironmentNumber): Promise<string | undefined> {
    const all = await this.catalogs.institutions('intake');
    return all.find((one) => (code === undefined ? one.demo : one.code === code))?.id;
  }

  /** Nothing for a number whose credentials do not open. The others must go on. */
  private connected(row: Row): ConnectedNumber[] {
    const { id } = row;
    if (id === null) return [];
    try {
      const { accessToken, appSecret, previousAppSecret, verifyToken } = this.credentials.open(
        id,
        row.sealed,
      );
      const number: WhatsAppNumber = {
        id,
        institutionId: row.institution_id,
        label: row.label,
        purpose: row.purpose,
        phoneNumberId: row.phone_number_id,
        displayPhone: row.display_phone,
      };
      const appSecrets = [appSecret, ...(previousAppSecret === undefined ? [] : [previousAppSecret])];
      const { phoneNumberId } = number;
      const { active, free_messages: freeMessages } = row;
      return [{ id, phoneNumberId, active, number, accessToken, appSecrets, verifyToken, freeMessages }];
    } catch {
      // With the day only: in a process that has just begun, a message of a person may cause this look.
      this.log.warning('whatsapp-number-unreadable', { day: this.clock.today('UTC') });
      return [];
    }
  }
}

function fromEnvironment(own: EnvironmentNumber, institutionId: string | undefined): ConnectedNumber {
  const { phoneNumberId, accessToken, appSecrets, verifyToken } = own;
  const number = institutionId === undefined ? undefined : ownNumber(phoneNumberId, institutionId);
  const freeMessages = FREE_MESSAGES;
  return {
    id: ENVIRONMENT,
    phoneNumberId,
    active: true,
    number,
    accessToken,
    appSecrets,
    verifyToken,
    freeMessages,
  };
}

function ownNumber(phoneNumberId: string, institutionId: string): WhatsAppNumber {
  return { id: ENVIRONMENT, institutionId, label: null, purpose: 'both', phoneNumberId, displayPhone: null };
}
