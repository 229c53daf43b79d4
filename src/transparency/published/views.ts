import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { TABLES, type TableName } from '../releases/release.entities.js';

export class ReleaseView {
  @ApiProperty({ enum: TABLES, example: 'reports' }) table!: TableName;

  @ApiProperty({ description: 'Mes o trimestre.', example: '2026-10' }) period!: string;

  @ApiProperty({ type: 'integer', description: 'Versión de las casillas, fijada antes del periodo.', example: 1 })
  version!: number;

  @ApiProperty({ description: 'Privacidad gastada por denuncia; menor = más ruido.', example: 1 }) epsilon!: number;

  @ApiProperty({ format: 'date', example: '2026-11-05' }) publishedOn!: string;
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
    description: 'Margen de ± denuncias: contiene el dato exacto cerca de 95 de cada 100 veces.',
    example: 15.1,
  })
  margin!: number;

  @ApiProperty({
    description: 'Lo que conviene mostrar: el valor desde cero, o que no supera su margen.',
    example: '41',
  })
  display!: string;

  @ApiProperty({ description: 'Si el valor no se distingue del ruido.', example: false }) belowMargin!: boolean;
}

export class PublishedFigure extends PublishedTotal {
  @ApiPropertyOptional({
    description: 'Con `by=category`: clave, `not_listed` (agregada después de fijar las casillas) o `not_stated`.',
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

  @ApiProperty({ enum: TABLES, example: 'reports' }) table!: TableName;

  @ApiProperty({ enum: ['reports'], description: 'Qué se cuenta: denuncias por día de registro.' }) unit!: 'reports';

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
