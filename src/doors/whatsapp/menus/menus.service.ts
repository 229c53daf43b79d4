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
import { Channel } from '../channel.js';
import { MenuRow } from '../whatsapp.entities.js';
import { menuErrors } from './errors.js';
import { assertMenu, menuFrom } from './menu-content.js';
import { preview } from './menu-preview.js';
import type { MenuContent, PreviewMenu, PublishMenu } from './menu.request.js';
import type { MenuOverview, MenuPreview, MenuVersion, MenuView } from './menu.views.js';

type Content = Pick<MenuContent, 'languages'>;

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

  async overview(actor: StaffActor): Promise<MenuOverview> {
    return this.database.tx(actor, async (tx) => {
      const versions = await this.versions(tx, actor.institutionId);
      const current = versions.find(({ inForce }) => inForce);
      return { current: current ? await this.whole(tx, actor.institutionId, current) : null, versions };
    });
  }

  /** @throws MENU_VERSION_UNKNOWN */
  async version(actor: StaffActor, version: number): Promise<MenuView> {
    return this.database.tx(actor, async (tx) => {
      const versions = await this.versions(tx, actor.institutionId);
      const found = versions.find((one) => one.version === version);
      if (!found) throw menuErrors.versionUnknown();
      return this.whole(tx, actor.institutionId, found);
    });
  }

  /**
   * Publish the next version.
   * @param ifMatch the newest version that the caller knows
   * @throws InvalidRequest, STALE_VERSION
   */
  async publish(
    actor: StaffActor | SystemActor,
    { languages, validFrom }: PublishMenu,
    ifMatch?: number,
  ): Promise<MenuVersion> {
    assertMenu({ languages });
    const { institutionId } = actor;
    return this.database.tx(actor, async (tx) => {
      const { timeZone } = await lockInstitution(tx, institutionId);
      const [newest] = await tx.query<{ version: number }>(
        'select coalesce(max(version), 0)::int as version from menus where institution_id = $1',
        [institutionId],
      );
      if (ifMatch !== undefined && ifMatch !== newest!.version) throw menuErrors.stale(newest!.version);
      const id = randomUUID();
      const version = newest!.version + 1;
      const from = validFrom ?? this.clock.today(timeZone);
      const content: Content = { languages };
      const publishedAt = this.clock.now();
      await tx.insert(MenuRow, [{ id, institutionId, version, validFrom: from, content, publishedAt }]);
      // The hash can prove later what this version said.
      const contentSha256 = sha256Hex(JSON.stringify(content));
      const payload = {
        version,
        validFrom: from,
        languages: languages.map(({ language }) => language),
        contentSha256,
      };
      await this.audit.record(tx, { event: 'MENU_PUBLISHED', about: id, payload });
      return (await this.versions(tx, institutionId)).find((one) => one.version === version)!;
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
    return preview({ ...this.channel.contextOf(catalog), menu: menuFrom({ languages }) }, messages);
  }

  /** All versions, newest first. */
  private async versions(tx: Tx, institutionId: string): Promise<MenuVersion[]> {
    const { institution } = await this.catalogs.snapshot(tx, institutionId);
    const today = this.clock.today(institution.timeZone);
    const rows = await tx.query<Omit<MenuVersion, 'inForce'>>(
      `select version, valid_from::text as "validFrom",
              jsonb_path_query_array(content, '$.languages[*].language') as languages
         from menus where institution_id = $1 order by version desc`,
      [institutionId],
    );
    const [holds] = rows
      .filter(({ validFrom }) => validFrom <= today)
      .sort((one, other) => other.validFrom.localeCompare(one.validFrom) || other.version - one.version);
    return rows.map((row) => ({ ...row, inForce: row.version === holds?.version }));
  }

  private async whole(tx: Tx, institutionId: string, version: MenuVersion): Promise<MenuView> {
    const [row] = await tx.query<{ content: Content }>(
      'select content from menus where institution_id = $1 and version = $2',
      [institutionId, version.version],
    );
    return { ...version, content: row!.content.languages };
  }
}
