import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { KIND_LABELS, territoryName } from '../../../foundations/catalogs/labels.js';
import type { Text } from '../../../platform/errors.js';
import { ApiCode } from '../../../platform/http/labels.js';
import type { Jurisdiction, PeriodKind } from '../release-domain.js';
import type { TableName } from '../releases/release.entities.js';

const PERIOD_LABELS: Readonly<Record<PeriodKind, Text>> = {
  month: { es: 'Mes', en: 'Month' },
  quarter: { es: 'Trimestre', en: 'Quarter' },
};

const TABLE_LABELS: Readonly<Record<TableName, Text>> = {
  reports: { es: 'Denuncias recibidas', en: 'Reports received' },
};

export class ReleaseView {
  @ApiCode(TABLE_LABELS) table!: TableName;

  @ApiProperty({ description: 'Mes o trimestre.', example: '2026-10' }) period!: string;

  @ApiProperty({
    type: 'integer',
    description: 'Versión de las casillas, fijada antes del periodo.',
    example: 1,
  })
  version!: number;

  @ApiProperty({ description: 'Privacidad gastada por denuncia; menor = más ruido.', example: 1 })
  epsilon!: number;

  @ApiProperty({ format: 'date', example: '2026-11-05' }) publishedOn!: string;
}

/** A version of the plan: what each period publishes, from a given day on. It is fixed before that day. */
export class PlanView {
  @ApiCode(TABLE_LABELS) table!: TableName;

  @ApiProperty({ type: 'integer', example: 1 }) version!: number;

  @ApiProperty({
    format: 'date',
    description: 'Primer día del primer periodo que rige.',
    example: '2026-10-01',
  })
  validFrom!: string;

  @ApiProperty({
    format: 'date',
    description: 'Día en que se fijó: después de la primera versión, siempre antes de `validFrom`.',
    example: '2026-09-14',
  })
  createdOn!: string;

  @ApiCode(PERIOD_LABELS, { description: 'Qué dura un periodo; no cambia nunca.' })
  periodKind!: PeriodKind;

  @ApiCode(KIND_LABELS) level!: Jurisdiction['level'];

  @ApiCode(territoryName, {
    nullable: true,
    description: 'Clave INEGI propia; null: federal.',
    example: '15002',
  })
  territory!: string | null;

  @ApiProperty({
    type: [String],
    description: 'Categorías con casilla propia; además hay `not_listed` y `not_stated`.',
    example: ['BRIBERY', 'FRAUD'],
  })
  categories!: string[];

  @ApiProperty({ description: 'Privacidad que gasta cada periodo, por denuncia.', example: 1 })
  epsilon!: number;
}

export class PublishedTotal {
  @ApiProperty({
    type: 'integer',
    description:
      'Suma de casillas publicadas, tal como se sortearon: puede ser negativa. Así las filas suman exactamente el total; recórtala a cero sólo al mostrarla.',
    example: 41,
  })
  value!: number;

  @ApiProperty({
    type: 'integer',
    description: 'Margen de ± denuncias, entero: contiene el dato exacto al menos 95 de cada 100 veces.',
    example: 15,
  })
  margin!: number;

  @ApiProperty({ type: 'integer', description: 'Extremo inferior del margen, desde cero.', example: 26 })
  low!: number;

  @ApiProperty({ type: 'integer', description: 'Extremo superior del margen, desde cero.', example: 56 })
  high!: number;

  @ApiProperty({
    description: 'Lo que conviene mostrar: el valor desde cero, o que no supera su margen.',
    example: '41',
  })
  display!: string;

  @ApiProperty({ description: 'Si el valor no se distingue del ruido.', example: false })
  belowMargin!: boolean;

  @ApiProperty({
    type: 'integer',
    description:
      'Cuántos periodos suma. Son menos que los de la consulta si una categoría no tenía casilla propia en todos: no la compares con otras sin mirarlo.',
    example: 3,
  })
  periodCount!: number;
}

export class PublishedFigure extends PublishedTotal {
  @ApiPropertyOptional({
    description:
      'Con `by=category`: clave, `not_listed` (agregada después de fijar las casillas) o `not_stated`.',
    example: 'FRAUD',
  })
  category?: string;

  @ApiPropertyOptional({ example: 'Fraude o engaño' }) categoryLabel?: string;

  @ApiPropertyOptional({
    description: 'Con `by=territory`: clave INEGI, `other` (fuera del territorio propio) o `not_stated`.',
    example: '15',
  })
  territory?: string;

  @ApiPropertyOptional({ example: 'México' }) territoryLabel?: string;

  @ApiPropertyOptional({ description: 'Con `by=period`.', example: '2026-10' }) period?: string;
}

export class Privacy {
  @ApiProperty({ description: 'La mayor de los periodos sumados.', example: 1 }) epsilon!: number;

  @ApiProperty({ description: 'Qué protege el ruido y hasta dónde, con cifras.' }) statement!: string;
}

export class PublishedReports {
  @ApiProperty({ example: 'CONAVI-DEMO' }) institution!: string;

  @ApiProperty({ enum: ['reports'] satisfies TableName[], example: 'reports' }) table!: TableName;

  @ApiProperty({
    enum: ['reports'],
    description: 'Qué se cuenta: denuncias por día de registro, con la categoría que tenían al registrarse.',
  })
  unit!: 'reports';

  @ApiProperty({ type: Privacy }) privacy!: Privacy;

  @ApiProperty({
    type: [String],
    description: 'Los periodos publicados que se sumaron.',
    example: ['2026-09', '2026-10'],
  })
  periods!: string[];

  @ApiProperty({ type: [PublishedFigure] }) rows!: PublishedFigure[];

  @ApiProperty({ type: PublishedTotal, nullable: true, description: 'null cuando no hay nada publicado.' })
  total!: PublishedTotal | null;
}
