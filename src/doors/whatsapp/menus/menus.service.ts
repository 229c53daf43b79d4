import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { AuditService } from '../../../foundations/audit/audit.service.js';
import { lockInstitution } from '../../../foundations/catalogs/admin/institution-lock.js';
import { CatalogsReader } from '../../../foundations/catalogs/catalogs.reader.js';
import type { StaffActor, SystemActor } from '../../../platform/actor.js';
import { Clock } from '../../../platform/clock.js';
import { sha256Hex } from '../../../platform/crypto/sha256.js';
import { Database } from '../../../platform/database/database.js';
import type { Tx } from '../../../platform/database/tx.js';
import { invalidField, unknownValue } from '../../../platform/http/validation.js';
import { Channel } from '../channel.js';
import { MenuRow, WaNumberRow } from '../whatsapp.entities.js';
import { menuErrors } from './errors.js';
import { assertMenu, menuFrom } from './menu-content.js';
import { preview } from './menu-preview.js';
import type { MenuContent, PreviewMenu, PublishMenu } from './menu.request.js';
import type { MenuOverview, MenuPreview, MenuVersion, MenuView } from './menu.views.js';

type Content = Pick<MenuContent, 'languages'>;
/** The institution, or one number of it. */
interface Whose {
  institutionId: string;
  numberId: string | null;
}
const BEFORE_TODAY = invalidField(
  'validFrom',
  'BEFORE_TODAY',
  'No puede ser anterior a hoy.',
  'It cannot be before today.',
);
const WHOSE = 'where institution_id = $1 and number_id is not distinct from $2::uuid';

/** Menus by version. What somebody was answered is never changed: a correction is a new version. */
@Injectable()
export class MenusService {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly catalogs: CatalogsReader,
    private readonly audit: AuditService,
    private readonly channel: Channel,
  ) {}

  /** @param number whose menu; absent: that of the institution @throws InvalidRequest */
  async overview(actor: StaffActor, number?: string): Promise<MenuOverview> {
    return this.database.tx(actor, async (tx) => {
      const whose = await this.whose(tx, actor, number);
      const versions = await this.versions(tx, whose);
      const current = versions.find(({ inForce }) => inForce);
      return { current: current ? await this.whole(tx, whose, current) : null, versions };
    });
  }

  /** @throws InvalidRequest, MENU_VERSION_UNKNOWN */
  async version(actor: StaffActor, version: number, number?: string): Promise<MenuView> {
    return this.database.tx(actor, async (tx) => {
      const whose = await this.whose(tx, actor, number);
      const found = (await this.versions(tx, whose)).find((one) => one.version === version);
      if (!found) throw menuErrors.versionUnknown();
      return this.whole(tx, whose, found);
    });
  }

  /**
   * Publish the next version.
   * @param ifMatch the newest version that the caller knows
   * @throws InvalidRequest, STALE_VERSION
   */
  async publish(
    actor: StaffActor | SystemActor,
    { languages, validFrom, number }: PublishMenu,
    ifMatch?: number,
  ): Promise<MenuVersion> {
    assertMenu({ languages });
    const { institutionId } = actor;
    return this.database.tx(actor, async (tx) => {
      const { timeZone } = await lockInstitution(tx, institutionId);
      const whose = await this.whose(tx, actor, number);
      const [newest] = await tx.query<{ version: number }>(
        `select coalesce(max(version), 0)::int as version from menus ${WHOSE}`,
        [institutionId, whose.numberId],
      );
      if (ifMatch !== undefined && ifMatch !== newest!.version) throw menuErrors.stale(newest!.version);
      const id = randomUUID();
      const version = newest!.version + 1;
      const today = this.clock.today(timeZone);
      const from = validFrom ?? today;
      // What was answered on a day that is over stays as it was.
      if (actor.kind === 'staff' && from < today) throw BEFORE_TODAY;
      const content: Content = { languages };
      const publishedAt = this.clock.now();
      await tx.insert(MenuRow, [{ id, ...whose, version, validFrom: from, content, publishedAt }]);
      // The hash can prove later what this version said.
      const contentSha256 = sha256Hex(JSON.stringify(content));
      const payload = {
        number: whose.numberId,
        version,
        validFrom: from,
        languages: languages.map(({ language }) => language),
        contentSha256,
      };
      await this.audit.record(tx, { event: 'MENU_PUBLISHED', about: id, payload });
      return (await this.versions(tx, whose)).find((one) => one.version === version)!;
    });
  }

  /** Publish the first version, unless there is one. Safe to repeat. */
  async publishFirst(actor: SystemActor, input: PublishMenu): Promise<void> {
    const has = await this.database.tx(actor, (tx) =>
      tx.manager.existsBy(MenuRow, { institutionId: actor.institutionId }),
    );
    if (!has) await this.publish(actor, input, 0);
  }

  /** What the chat would answer with this menu. @throws InvalidRequest */
  async preview(actor: StaffActor, { languages, messages = ['hola'] }: PreviewMenu): Promise<MenuPreview> {
    assertMenu({ languages });
    const catalog = await this.catalogs.snapshotOf(actor.institutionId);
    return preview(this.channel.contextOf(catalog, { menu: menuFrom({ languages }) }), messages);
  }

  /** @throws InvalidRequest when the institution has no such number */
  private async whose(
    tx: Tx,
    { institutionId }: StaffActor | SystemActor,
    number: string | undefined,
  ): Promise<Whose> {
    if (number === undefined) return { institutionId, numberId: null };
    const isOwn = await tx.manager.existsBy(WaNumberRow, { institutionId, id: number });
    if (!isOwn) throw unknownValue('number', 'GET /admin/whatsapp-numbers');
    return { institutionId, numberId: number };
  }

  /** All versions, newest first. */
  private async versions(tx: Tx, { institutionId, numberId }: Whose): Promise<MenuVersion[]> {
    const { institution } = await this.catalogs.snapshot(tx, institutionId);
    const today = this.clock.today(institution.timeZone);
    const rows = await tx.query<Omit<MenuVersion, 'inForce'>>(
      `select version, valid_from::text as "validFrom",
              jsonb_path_query_array(content::jsonb, '$.languages[*].language') as languages
         from menus ${WHOSE} order by version desc`,
      [institutionId, numberId],
    );
    const [holds] = rows
      .filter(({ validFrom }) => validFrom <= today)
      .sort((one, other) => other.validFrom.localeCompare(one.validFrom) || other.version - one.version);
    return rows.map((row) => ({ ...row, inForce: row.version === holds?.version }));
  }

  private async whole(tx: Tx, { institutionId, numberId }: Whose, version: MenuVersion): Promise<MenuView> {
    const [row] = await tx.query<{ content: Content }>(
      `select content from menus ${WHOSE} and version = $3`,
      [institutionId, numberId, version.version],
    );
    return { ...version, content: row!.content.languages };
  }
}
