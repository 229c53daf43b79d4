import { applyDecorators } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Equals, IsOptional } from 'class-validator';
import { IsCode, IsDay, IsHttpsUrl, IsName } from '../../../platform/http/typed-fields.js';
import { IsPlainText } from '../../../platform/http/validation.js';
import { CODE, CODE_DOC, FROM_DOC, IfGiven, TO_DOC } from './support.js';

function AreaLabelEn(example: string): PropertyDecorator {
  return applyDecorators(
    ApiPropertyOptional({
      type: String,
      nullable: true,
      minLength: 1,
      maxLength: 120,
      description: 'En inglés; null = se muestra el nombre en español.',
      example,
    }),
    IsOptional(),
    IsName(1, 120),
  );
}

export class AddArea {
  @ApiProperty({ description: CODE_DOC, example: 'ARCHIVO' })
  @IsCode(CODE)
  code!: string;

  @ApiProperty({ minLength: 1, maxLength: 120, example: 'Archivo' })
  @IsName(1, 120)
  label!: string;

  @AreaLabelEn('Archive')
  labelEn?: string | null;

  @ApiPropertyOptional({ format: 'date', description: FROM_DOC, example: '2026-11-20' })
  @IfGiven()
  @IsDay()
  validFrom?: string;

  @ApiPropertyOptional({ type: String, format: 'date', nullable: true, description: TO_DOC, example: null })
  @IsOptional()
  @IsDay()
  validTo?: string | null;
}

export class ChangeArea {
  @ApiPropertyOptional({ minLength: 1, maxLength: 120, example: 'Supervisión de obra' })
  @IfGiven()
  @IsName(1, 120)
  label?: string;

  @AreaLabelEn('Works supervision')
  labelEn?: string | null;

  @ApiPropertyOptional({ type: String, format: 'date', nullable: true, description: TO_DOC })
  @IsOptional()
  @IsDay()
  validTo?: string | null;

  @ApiPropertyOptional({
    enum: [true],
    description: 'La nombra área de respaldo, en lugar de la que lo era.',
  })
  @IfGiven()
  @Equals(true)
  fallback?: true;
}

export class ChangeInstitution {
  @ApiPropertyOptional({ minLength: 1, maxLength: 200, example: 'Comisión de Vivienda (demostración)' })
  @IfGiven()
  @IsName(1, 200)
  name?: string;

  @ApiPropertyOptional({
    minLength: 1,
    maxLength: 1000,
    description:
      'Dónde más encontrar ayuda: teléfonos y horarios, en palabras sencillas. WhatsApp lo da a quien no trae una denuncia.',
    example: 'Atención ciudadana: 800 000 0000, de lunes a viernes de 9 a 18 h.',
  })
  @IfGiven()
  @IsPlainText(1, 1000)
  contactText?: string;

  @ApiPropertyOptional({
    type: String,
    nullable: true,
    description: 'Dirección https de la página para denunciar y dar seguimiento; null la quita.',
    example: 'https://ejemplo.gob.mx/denuncias',
  })
  @IsOptional()
  @IsHttpsUrl()
  webFormUrl?: string | null;

  @ApiPropertyOptional({
    description:
      'Forma de los expedientes que se den desde ahora; los que ya existen no cambian. Entre llaves: `number` (consecutivo, una vez y entre separadores) y `year`, ambos obligatorios, y `area`, `type` (clave corta de la categoría) y `municipality`. `number` cuenta sin huecos dentro de lo demás.',
    example: '{area}/{type}/{number}/{year}',
  })
  @IfGiven()
  @IsPlainText(1, 200)
  expedienteTemplate?: string;
}

export class PublishNotice {
  @ApiProperty({ description: 'Letras, cifras, punto y guion, hasta 40.', example: '2027-1' })
  @IsCode(/^[A-Za-z0-9][A-Za-z0-9.-]{0,39}$/)
  version!: string;

  @ApiProperty({
    minLength: 1,
    maxLength: 20000,
    description: 'Aviso simplificado, en palabras sencillas.',
    example: 'Tus datos se usan sólo para atender tu denuncia.',
  })
  @IsPlainText(1, 20_000)
  text!: string;

  @ApiPropertyOptional({
    type: String,
    nullable: true,
    description: 'Dirección https del aviso integral.',
    example: 'https://ejemplo.gob.mx/aviso',
  })
  @IsOptional()
  @IsHttpsUrl()
  url?: string | null;

  @ApiPropertyOptional({ format: 'date', description: FROM_DOC, example: '2027-01-01' })
  @IfGiven()
  @IsDay()
  validFrom?: string;
}
