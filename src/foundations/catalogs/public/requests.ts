import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional } from 'class-validator';
import { IsCode, IsTypedCode } from '../../../platform/http/typed-fields.js';

const INSTITUTION = {
  description: 'Clave de la institución, de `GET /public/institutions`.',
  example: 'CONAVI-DEMO',
};

export class InstitutionQuery {
  @ApiProperty(INSTITUTION)
  @IsTypedCode(1, 40)
  institution!: string;
}

/** Query for catalogues that are the same for every institution. */
export class AnyInstitutionQuery {
  @ApiPropertyOptional(INSTITUTION)
  @IsOptional()
  @IsTypedCode(1, 40)
  institution?: string;
}

export class MunicipalitiesQuery extends AnyInstitutionQuery {
  @ApiPropertyOptional({
    description: 'Clave INEGI de una entidad: dos cifras. Sin ella, todo el país.',
    example: '15',
  })
  @IsOptional()
  @IsCode(/^\d{2}$/)
  state?: string;
}

/** Takes no parameter. A misspelt parameter is refused, as on every route. */
export class NoQuery {}
