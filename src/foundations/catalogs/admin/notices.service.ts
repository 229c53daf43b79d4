import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import type { StaffActor } from '../../../platform/actor.js';
import { Clock } from '../../../platform/clock.js';
import { sha256Hex } from '../../../platform/crypto/sha256.js';
import { Database } from '../../../platform/database/database.js';
import type { Tx } from '../../../platform/database/tx.js';
import { AuditService } from '../../audit/audit.service.js';
import { PrivacyNoticeRow } from '../catalog.entities.js';
import { CatalogsReader, type PrivacyNotice } from '../catalogs.reader.js';
import { catalogErrors } from '../errors.js';
import { lockInstitution } from './institution-lock.js';
import type { PublishNotice } from './requests.js';
import type { AdminNotice } from './views.js';

/**
 * Privacy notices by version. A text that people accepted is never changed or deleted. A correction is a new
 * version.
 */
@Injectable()
export class NoticesService {
  constructor(
    private readonly database: Database,
    private readonly catalogs: CatalogsReader,
    private readonly audit: AuditService,
    private readonly clock: Clock,
  ) {}

  /** Returns all versions, newest first. */
  async list(actor: StaffActor): Promise<AdminNotice[]> {
    return this.database.tx(actor, (tx) => this.read(tx, actor.institutionId));
  }

  /** @throws PRIVACY_NOTICE_EXISTS */
  async publish(actor: StaffActor, input: PublishNotice): Promise<AdminNotice> {
    const { institutionId } = actor;
    return this.database.tx(actor, async (tx) => {
      const { timeZone } = await lockInstitution(tx, institutionId);
      const { version, text, url = null, validFrom = this.clock.today(timeZone) } = input;
      if (await tx.manager.existsBy(PrivacyNoticeRow, { institutionId, version })) {
        throw catalogErrors.noticeExists(version);
      }
      const createdAt = this.clock.now();
      const id = randomUUID();
      await tx.insert(PrivacyNoticeRow, [{ id, institutionId, version, text, url, validFrom, createdAt }]);
      // The hash can prove later which text this version had. The text itself would only make the trail
      // larger.
      const textSha256 = sha256Hex(text);
      await this.audit.record(tx, {
        event: 'PRIVACY_NOTICE_PUBLISHED',
        about: id,
        payload: { version, url, validFrom, textSha256 },
      });
      const all = await this.read(tx, institutionId);
      return all.find((notice) => notice.version === version)!;
    });
  }

  private async read(tx: Tx, institutionId: string): Promise<AdminNotice[]> {
    const { notice: current } = await this.catalogs.snapshot(tx, institutionId);
    const rows = await tx.query<PrivacyNotice>(
      `select version, text, url, valid_from::text as "validFrom" from privacy_notices
        where institution_id = $1 order by valid_from desc, created_at desc, id`,
      [institutionId],
    );
    return rows.map((notice) => ({ ...notice, inForce: notice.version === current?.version }));
  }
}
