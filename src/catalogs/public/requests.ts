import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, Matches } from 'class-validator';
import { IsPlainText } from '../../platform/http/validation.js';

const INSTITUTION = { description: 'Clave de la institución, de `GET /public/institutions`.', example: 'CONAVI-DEMO' };

export class InstitutionQuery {
  @ApiProperty(INSTITUTION)
  @IsPlainText(1, 40)
  institution!: string;
}

/** For catalogues that are the same everywhere. */
export class AnyInstitutionQuery {
  @ApiPropertyOptional(INSTITUTION)
  @IsOptional()
  @IsPlainText(1, 40)
  institution?: string;
}

export class MunicipalitiesQuery extends AnyInstitutionQuery {
  @ApiPropertyOptional({
    description: 'Clave INEGI de una entidad: dos cifras. Sin ella, todo el país.',
    example: '15',
  })
  @IsOptional()
  @Matches(/^\d{2}$/)
  state?: string;
}
