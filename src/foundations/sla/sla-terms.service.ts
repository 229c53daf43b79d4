import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import type { StaffActor } from '../../platform/actor.js';
import { Clock } from '../../platform/clock.js';
import { Database } from '../../platform/database/database.js';
import type { Tx } from '../../platform/database/tx.js';
import { DomainError } from '../../platform/errors.js';
import { invalidField } from '../../platform/http/validation.js';
import { AuditService } from '../audit/audit.service.js';
import { lockInstitution } from '../catalogs/admin/institution-lock.js';
import { assertPeriod } from '../catalogs/admin/support.js';
import { CatalogsReader, findCategory, validOn, type CatalogSnapshot } from '../catalogs/catalogs.reader.js';
import { categoryText } from '../catalogs/labels.js';
import { DEFAULT_TERMS, METRICS } from './deadline.js';
import type { AddTerm, EndTerm, TermView } from './sla-terms.api.js';
import { SlaTermRow } from './sla.entities.js';

/**
 * The terms of an institution. A term is never changed or deleted, because clocks were opened under it. A
 * newer term outranks it.
 */
@Injectable()
export class SlaTermsService {
  constructor(
    private readonly database: Database,
    private readonly catalogs: CatalogsReader,
    private readonly audit: AuditService,
    private readonly clock: Clock,
  ) {}

  /** Returns the terms that were set, newest first within a metric, and the default terms for the rest. */
  async list(actor: StaffActor): Promise<TermView[]> {
    return this.database.tx(actor, async (tx) => {
      const snapshot = await this.catalogs.snapshot(tx, actor.institutionId);
      const today = this.clock.today(snapshot.institution.timeZone);
      const rows = await tx.manager.find(SlaTermRow, {
        where: { institutionId: actor.institutionId },
        order: { validFrom: 'DESC', createdAt: 'DESC', id: 'DESC' },
      });
      const set = rows.map((row) => viewOf(row, snapshot, today));
      return [
        ...set.sort((a, b) => METRICS.indexOf(a.metric) - METRICS.indexOf(b.metric)),
        ...defaultsBeside(set),
      ];
    });
  }

  /** @throws InvalidRequest for a category the institution does not have */
  async add(actor: StaffActor, input: AddTerm): Promise<TermView> {
    const { institutionId } = actor;
    return this.database.tx(actor, async (tx) => {
      await lockInstitution(tx, institutionId);
      const snapshot = await this.catalogs.snapshot(tx, institutionId);
      const today = this.clock.today(snapshot.institution.timeZone);
      const category = input.category ? findCategory(snapshot, { code: input.category }) : undefined;
      if (input.category && !category) {
        throw invalidField(
          'category',
          'NOT_A_VALUE',
          'Tu institución no tiene una categoría con esa clave.',
          'Your institution has no category with this code.',
        );
      }
      const row: SlaTermRow = {
        id: randomUUID(),
        institutionId,
        metric: input.metric,
        categoryId: category?.id ?? null,
        priority: input.priority ?? null,
        businessDays: input.businessDays,
        source: input.source ?? 'propuesta',
        validFrom: input.validFrom ?? today,
        validTo: null,
        createdAt: await this.afterAllOthers(tx, institutionId),
      };
      await tx.insert(SlaTermRow, [row]);
      const view = viewOf(row, snapshot, today);
      await this.audit.record(tx, {
        event: 'SLA_TERM_CREATED',
        about: row.id,
        payload: { ...view, categoryLabel: undefined, inForce: undefined },
      });
      return view;
    });
  }

  /** @throws TERM_UNKNOWN */
  async end(actor: StaffActor, id: string, { validTo }: EndTerm): Promise<TermView> {
    const { institutionId } = actor;
    return this.database.tx(actor, async (tx) => {
      const row = await this.locked(tx, institutionId, id);
      if (validTo !== undefined && validTo !== row.validTo) {
        assertPeriod(row.validFrom, validTo);
        await tx.manager.update(SlaTermRow, { id, institutionId }, { validTo });
        await this.audit.record(tx, {
          event: 'SLA_TERM_CHANGED',
          about: id,
          payload: { id, changes: { validTo: { from: row.validTo, to: validTo } } },
        });
        row.validTo = validTo;
      }
      const snapshot = await this.catalogs.snapshot(tx, institutionId);
      return viewOf(row, snapshot, this.clock.today(snapshot.institution.timeZone));
    });
  }

  /**
   * Returns an instant after all stored terms. When two terms disagree the newer term decides, also when both
   * came within one millisecond.
   */
  private async afterAllOthers(tx: Tx, institutionId: string): Promise<Date> {
    const [row] = await tx.query<{ newest: Date | null }>(
      'select max(created_at) as newest from sla_terms where institution_id = $1',
      [institutionId],
    );
    return new Date(Math.max(this.clock.now().getTime(), (row?.newest?.getTime() ?? 0) + 1));
  }

  private async locked(tx: Tx, institutionId: string, id: string): Promise<SlaTermRow> {
    const row = await tx.manager.findOne(SlaTermRow, {
      where: { id, institutionId },
      lock: { mode: 'pessimistic_write' },
    });
    if (row) return row;
    throw termUnknown();
  }
}

function viewOf(row: SlaTermRow, snapshot: CatalogSnapshot, today: string): TermView {
  const { id, metric, categoryId, priority, businessDays, source, validFrom, validTo } = row;
  const category = categoryId === null ? undefined : findCategory(snapshot, { id: categoryId });
  return {
    id,
    metric,
    category: category?.code ?? null,
    categoryLabel: category ? categoryText(category) : null,
    priority,
    businessDays,
    source,
    validFrom,
    validTo,
    inForce: validOn(row, today),
  };
}

/**
 * Returns the default terms. A default counts for every report until a term without category and priority
 * replaces it.
 */
function defaultsBeside(set: readonly TermView[]): TermView[] {
  return METRICS.map((metric) => ({
    id: null,
    metric,
    category: null,
    categoryLabel: null,
    priority: null,
    ...DEFAULT_TERMS[metric],
    validFrom: null,
    validTo: null,
    inForce: !set.some((term) => term.metric === metric && term.inForce && !term.category && !term.priority),
  }));
}

export function termUnknown(): DomainError {
  return new DomainError('TERM_UNKNOWN', 404, {
    es: 'Ese plazo no existe en tu institución. Consulta GET /admin/sla-terms.',
    en: 'This term does not exist in your institution. See GET /admin/sla-terms.',
  });
}
