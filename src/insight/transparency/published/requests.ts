import { ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMaxSize, IsIn, IsOptional, Matches } from 'class-validator';
import { InstitutionQuery } from '../../../foundations/catalogs/public/requests.js';
import { IsTypedCode } from '../../../platform/http/typed-fields.js';
import { List } from '../../../platform/http/list-parameter.js';
import { DIMENSIONS, type Dimension } from '../margins.js';

export const FORMATS = ['json', 'csv'] as const;
export type Format = (typeof FORMATS)[number];

/** Maximum of codes in one query: more than any frozen domain has. */
const MAX_CODES = 200;
const PERIOD = { description: 'Mes `2026-10` o trimestre `2026-Q4`.' };

export class PublishedReportsQuery extends InstitutionQuery {
  @ApiPropertyOptional({
    ...PERIOD,
    description: `${PERIOD.description} Primer periodo; sin él, desde el más antiguo.`,
  })
  @IsOptional()
  @IsTypedCode(1, 10)
  from?: string;

  @ApiPropertyOptional({
    ...PERIOD,
    description: `${PERIOD.description} Último periodo; sin él, hasta el más reciente.`,
  })
  @IsOptional()
  @IsTypedCode(1, 10)
  to?: string;

  @ApiPropertyOptional({
    enum: DIMENSIONS,
    isArray: true,
    description: 'Por qué se agrupa, separado por comas. Sin él, una sola fila.',
    example: 'category,period',
  })
  @List()
  @IsIn(DIMENSIONS, { each: true })
  by: Dimension[] = [];

  @ApiPropertyOptional({
    type: [String],
    description: 'Sólo estas categorías, separadas por comas; también `not_listed` y `not_stated`.',
    example: 'FRAUD,BRIBERY',
  })
  @IsOptional()
  @List()
  @ArrayMaxSize(MAX_CODES)
  @Matches(/^\w{1,40}$/, { each: true })
  category?: string[];

  @ApiPropertyOptional({
    type: [String],
    description: 'Sólo estos territorios (claves INEGI, `other`, `not_stated`), separados por comas.',
    example: '15',
  })
  @IsOptional()
  @List()
  @ArrayMaxSize(MAX_CODES)
  @Matches(/^(\d{2}|\d{5}|other|not_stated)$/, { each: true })
  territory?: string[];

  @ApiPropertyOptional({ enum: FORMATS, default: 'json' })
  @IsOptional()
  @IsIn(FORMATS)
  format: Format = 'json';

  @ApiPropertyOptional({
    enum: ['0', '1'],
    description:
      'Sólo en CSV. `1` antepone la marca de orden de bytes, para que Excel lea los acentos; `0` la omite. Sin él, la llevan las descargas que abre un navegador (`Accept` con `text/html`).',
    example: '1',
  })
  @IsOptional()
  @IsIn(['0', '1'])
  bom?: '0' | '1';
}
