import { Injectable } from '@nestjs/common';
import { AuditService } from '../../audit/audit.service.js';
import type { StaffActor } from '../../platform/actor.js';
import { Database } from '../../platform/database/database.js';
import type { Tx } from '../../platform/database/tx.js';
import { InstitutionRow } from '../catalog.entities.js';
import { CatalogsReader } from '../catalogs.reader.js';
import { lockInstitution } from './institution-lock.js';
import type { ChangeInstitution } from './requests.js';
import { differences } from './support.js';
import type { AdminInstitution } from './views.js';

/** What an institution says of itself. Code, prefix, kind, territory and time zone never change: folios and figures rest on them. */
@Injectable()
export class InstitutionService {
  constructor(
    private readonly database: Database,
    private readonly catalogs: CatalogsReader,
    private readonly audit: AuditService,
  ) {}

  async show(actor: StaffActor): Promise<AdminInstitution> {
    return this.database.tx(actor, (tx) => this.read(tx, actor.institutionId));
  }

  async change(actor: StaffActor, input: ChangeInstitution): Promise<AdminInstitution> {
    const { institutionId } = actor;
    return this.database.tx(actor, async (tx) => {
      await lockInstitution(tx, institutionId);
      const stored = await this.read(tx, institutionId);
      const { name, contactText, webFormUrl } = input;
      const { set, changes } = differences<Pick<AdminInstitution, 'name' | 'contactText' | 'webFormUrl'>>(stored, {
        name,
        contactText,
        webFormUrl,
      });
      if (Object.keys(set).length > 0) {
        await tx.manager.update(InstitutionRow, { id: institutionId }, set);
        await this.audit.record(tx, { event: 'INSTITUTION_CHANGED', about: institutionId, payload: changes });
      }
      return { ...stored, ...set };
    });
  }

  private async read(tx: Tx, institutionId: string): Promise<AdminInstitution> {
    const { institution } = await this.catalogs.snapshot(tx, institutionId);
    const { code, prefix, kind, territory, timeZone, name, contactText, webFormUrl } = institution;
    return { code, prefix, kind, territory, timeZone, name, contactText, webFormUrl };
  }
}
