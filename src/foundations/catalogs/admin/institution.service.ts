import { Injectable } from '@nestjs/common';
import type { StaffActor } from '../../../platform/actor.js';
import { Clock } from '../../../platform/clock.js';
import { Database } from '../../../platform/database/database.js';
import type { Tx } from '../../../platform/database/tx.js';
import { InvalidRequest } from '../../../platform/http/validation.js';
import { AuditService } from '../../audit/audit.service.js';
import { InstitutionRow } from '../catalog.entities.js';
import { CatalogsReader, findArea } from '../catalogs.reader.js';
import { inSeries, seriesOf, templateFaults } from '../expediente-template.js';
import { lockInstitution } from './institution-lock.js';
import type { ChangeInstitution } from './requests.js';
import { differences } from './support.js';
import type { AdminInstitution } from './views.js';

/**
 * What an institution says about itself. Code, prefix, kind, territory and time zone never change, because
 * folios and figures depend on them.
 */
@Injectable()
export class InstitutionService {
  constructor(
    private readonly database: Database,
    private readonly catalogs: CatalogsReader,
    private readonly audit: AuditService,
    private readonly clock: Clock,
  ) {}

  async show(actor: StaffActor): Promise<AdminInstitution> {
    return this.database.tx(actor, (tx) => this.read(tx, actor.institutionId));
  }

  async change(actor: StaffActor, input: ChangeInstitution): Promise<AdminInstitution> {
    const { institutionId } = actor;
    return this.database.tx(actor, async (tx) => {
      await lockInstitution(tx, institutionId);
      const stored = await this.read(tx, institutionId);
      const { name, contactText, webFormUrl, expedienteTemplate } = input;
      assertTemplate(expedienteTemplate);
      const { set, changes } = differences<Changeable>(stored, {
        name,
        contactText,
        webFormUrl,
        expedienteTemplate,
      });
      if (Object.keys(set).length > 0) {
        await tx.manager.update(InstitutionRow, { id: institutionId }, set);
        await this.audit.record(tx, { event: 'INSTITUTION_CHANGED', about: institutionId, payload: changes });
      }
      return this.read(tx, institutionId);
    });
  }

  private async read(tx: Tx, institutionId: string): Promise<AdminInstitution> {
    const { institution, categories, areas } = await this.catalogs.snapshot(tx, institutionId);
    const { code, prefix, kind, territory, timeZone, name, contactText, webFormUrl, expedienteTemplate } =
      institution;
    const series = seriesOf(expedienteTemplate, {
      year: this.clock.today(timeZone).slice(0, 4),
      area: findArea({ areas }, { id: institution.fallbackAreaId })?.code ?? '',
      municipality: territory?.length === 5 ? territory : null,
      type: categories[0]?.shortCode ?? null,
    });
    const expedienteExample = inSeries(series, 1);
    return {
      code,
      prefix,
      kind,
      territory,
      timeZone,
      name,
      contactText,
      webFormUrl,
      expedienteTemplate,
      expedienteExample,
    };
  }
}

type Changeable = Pick<AdminInstitution, 'name' | 'contactText' | 'webFormUrl' | 'expedienteTemplate'>;

function assertTemplate(template: string | undefined): void {
  const faults = template === undefined ? [] : templateFaults(template);
  if (faults.length === 0) return;
  throw new InvalidRequest(
    faults.map(({ es, en }) => ({
      field: 'expedienteTemplate',
      code: 'FORMAT',
      message: { es: `${capital(es)}.`, en: `${capital(en)}.` },
    })),
  );
}

const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);
