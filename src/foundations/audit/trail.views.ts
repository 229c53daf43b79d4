import { ApiProperty } from '@nestjs/swagger';
import { isoWithOffset } from '../../platform/clock.js';
import type { Text } from '../../platform/errors.js';
import { ApiCode, ApiText } from '../../platform/http/labels.js';
import type { Fault } from './audit.entities.js';
import { ACTOR_LABELS, EVENT_LABELS, FAULT_LABELS, INTEGRITY_LABELS } from './labels.js';
import { summaryOf, type Vocabulary } from './trail-summary.js';
import type { AuditRecord } from './trail.reader.js';

export type Integrity = keyof typeof INTEGRITY_LABELS;

export class AuditActor {
  @ApiCode(ACTOR_LABELS) kind!: string;
  @ApiProperty({
    type: String,
    nullable: true,
    example: '0b9c2f5e-6f0e-4f3c-9d39-3a4d0f2b8c11',
    description: 'De la cuenta, para `GET /audit?account`; o el nombre de una tarea del sistema.',
  })
  id!: string | null;
  @ApiProperty({
    type: String,
    nullable: true,
    example: 'Mesa de control',
    description: 'El nombre de ese momento; null en entradas de versiones que no lo guardaban.',
  })
  name!: string | null;
  @ApiProperty({
    type: String,
    nullable: true,
    example: 'mesa@conavi.demo',
    description: 'El correo de ese momento: dos personas pueden llamarse igual.',
  })
  email!: string | null;
}

export class AuditItem {
  @ApiProperty({ format: 'uuid' }) id!: string;
  @ApiCode(EVENT_LABELS, { open: true, example: 'CASE_TRIAGED' }) event!: string;
  @ApiProperty({ type: AuditActor }) actor!: AuditActor;
  @ApiProperty({ example: '2026-11-20' }) day!: string;
  @ApiProperty({ type: String, nullable: true, example: '2026-11-20T10:15:00-06:00' }) at!: string | null;
  @ApiProperty({ type: Object }) data!: Record<string, unknown>;
  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'string' },
    description: 'Las personas que nombra `data`, con el nombre y el correo de ese momento.',
    example: { '0b9c2f5e-6f0e-4f3c-9d39-3a4d0f2b8c11': 'Lucía Méndez <lucia.mendez@conavi.demo>' },
  })
  names!: Record<string, string>;
  @ApiText({
    description: 'Qué pasó, en una frase: con nombres en lugar de claves e identificadores.',
    example:
      'Turnó el caso a otra área: de Mesa de control; a Órgano Interno de Control; motivo: Es de su competencia.',
  })
  summary!: Text;
  @ApiCode(INTEGRITY_LABELS, {
    description:
      '`ok`: lo cifrado coincide con su compromiso, con las columnas y con lo guardado. `broken`: alguien cambió algo después.',
  })
  integrity!: Integrity;
  @ApiCode(FAULT_LABELS, { optional: true, description: 'Con `broken`: qué no coincide.' }) fault?: Fault;
}

export class AuditList {
  @ApiProperty({ type: [AuditItem] }) items!: AuditItem[];
  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'string' },
    description:
      'Áreas y categorías que nombran los `data` de esta página, por su clave. Las personas están en cada entrada.',
    example: { '0b9c2f5e-6f0e-4f3c-9d39-3a4d0f2b8c11': 'OBRA' },
  })
  names!: Record<string, string>;
  @ApiProperty({ type: String, nullable: true }) nextCursor!: string | null;
}

export class AuditPage extends AuditList {
  @ApiCode(INTEGRITY_LABELS, {
    description:
      'De la bitácora entera del caso: `broken` también si falta una entrada o si hay algo guardado sin ella.',
  })
  integrity!: Integrity;
  @ApiCode(FAULT_LABELS, {
    isArray: true,
    as: 'faultLabels',
    example: 'missing',
    description:
      'Lo que no coincide en el caso entero: `missing` falta una entrada, `unattested` hay algo sin entrada.',
  })
  faults!: Fault[];
}

/** @param fault what is wrong with the entry or with what it describes */
export function auditItem(
  record: AuditRecord,
  fault: Fault | undefined,
  timeZone: string,
  words: Vocabulary,
): AuditItem {
  const { id, event, actor, day, at, data, names } = record;
  return {
    id,
    event,
    actor: { kind: actor.kind, id: actor.id ?? null, name: actor.name ?? null, email: actor.email ?? null },
    day,
    at: at ? isoWithOffset(at, timeZone) : null,
    data,
    names,
    summary: summaryOf(record, words),
    ...(fault ? { integrity: 'broken', fault } : { integrity: 'ok' }),
  };
}

/**
 * Returns the codes of the areas and categories that entries name.
 * @param codes by id; they never change
 */
export function codesIn(
  records: readonly AuditRecord[],
  codes: ReadonlyMap<string, string>,
): Record<string, string> {
  const names: Record<string, string> = {};
  for (const { data } of records) {
    for (const value of Object.values(data)) {
      const code = typeof value === 'string' ? codes.get(value) : undefined;
      if (code !== undefined) names[value as string] = code;
    }
  }
  return names;
}
