import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import type { StaffActor } from '../../../platform/actor.js';
import { Clock } from '../../../platform/clock.js';
import { Database } from '../../../platform/database/database.js';
import { Events } from '../../../platform/events.js';
import { AuditService } from '../../audit/audit.service.js';
import { AreaRow, InstitutionRow } from '../catalog.entities.js';
import { CatalogsReader, validOn, type Area } from '../catalogs.reader.js';
import { catalogErrors } from '../errors.js';
import { RoutingChanged } from '../events.js';
import { lockInstitution } from './institution-lock.js';
import type { AddArea, ChangeArea } from './requests.js';
import { assertPeriod, differences } from './support.js';
import type { AdminArea } from './views.js';

/**
 * The areas of an institution. An area is never deleted, because old cases name it. An ended area takes no
 * new cases.
 */
@Injectable()
export class AreasService {
  constructor(
    private readonly database: Database,
    private readonly catalogs: CatalogsReader,
    private readonly audit: AuditService,
    private readonly events: Events,
    private readonly clock: Clock,
  ) {}

  async list(actor: StaffActor): Promise<AdminArea[]> {
    const { areas, institution } = await this.database.tx(actor, (tx) =>
      this.catalogs.snapshot(tx, actor.institutionId),
    );
    return areas.map((area) => viewOf(area, institution.fallbackAreaId));
  }

  /** @throws AREA_EXISTS */
  async add(actor: StaffActor, input: AddArea): Promise<AdminArea> {
    const { institutionId } = actor;
    return this.database.tx(actor, async (tx) => {
      const { timeZone, fallbackAreaId } = await lockInstitution(tx, institutionId);
      const { code, label, labelEn = null, validFrom = this.clock.today(timeZone), validTo = null } = input;
      assertPeriod(validFrom, validTo);
      if (await tx.manager.existsBy(AreaRow, { institutionId, code })) throw catalogErrors.areaExists(code);
      const area = { id: randomUUID(), code, label, labelEn, validFrom, validTo };
      await tx.insert(AreaRow, [{ ...area, institutionId }]);
      await this.audit.record(tx, { event: 'AREA_CREATED', about: area.id, payload: area });
      return viewOf(area, fallbackAreaId);
    });
  }

  /** @throws AREA_UNKNOWN, FALLBACK_AREA */
  async change(actor: StaffActor, id: string, input: ChangeArea): Promise<AdminArea> {
    const { institutionId } = actor;
    return this.database.tx(actor, async (tx) => {
      const { timeZone, fallbackAreaId } = await lockInstitution(tx, institutionId);
      const stored = await tx.manager.findOneBy(AreaRow, { id, institutionId });
      if (!stored) throw catalogErrors.areaUnknown();
      const { set, changes } = differences<Pick<AreaRow, 'label' | 'labelEn' | 'validTo'>>(stored, {
        label: input.label,
        labelEn: input.labelEn,
        validTo: input.validTo,
      });
      const area = { ...stored, ...set };
      assertPeriod(area.validFrom, set.validTo);

      const becomesFallback = input.fallback === true && id !== fallbackAreaId;
      if (becomesFallback || id === fallbackAreaId) {
        if (area.validTo !== null || !validOn(area, this.clock.today(timeZone)))
          throw catalogErrors.fallbackArea();
      }
      if (Object.keys(set).length > 0) await tx.manager.update(AreaRow, { id, institutionId }, set);
      if (becomesFallback) {
        await tx.manager.update(InstitutionRow, { id: institutionId }, { fallbackAreaId: id });
        changes.fallback = { from: fallbackAreaId, to: id };
        await this.events.tell(tx, RoutingChanged, { institutionId });
      }
      if (Object.keys(changes).length > 0) {
        await this.audit.record(tx, {
          event: 'AREA_CHANGED',
          about: id,
          payload: { id, code: area.code, changes },
        });
      }
      return viewOf(area, becomesFallback ? id : fallbackAreaId);
    });
  }
}

function viewOf(
  { id, code, label, labelEn, validFrom, validTo }: Area,
  fallbackAreaId: string | null,
): AdminArea {
  return { id, code, label, labelEn, fallback: id === fallbackAreaId, validFrom, validTo };
}
