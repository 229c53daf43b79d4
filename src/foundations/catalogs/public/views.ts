import { ApiProperty } from '@nestjs/swagger';
import { ApiCode } from '../../../platform/http/labels.js';
import { FAULT_KIND_LABELS, KIND_LABELS, territoryName } from '../labels.js';

export class PublicInstitution {
  @ApiProperty({ description: 'Clave que piden las demás rutas públicas.', example: 'CONAVI-DEMO' })
  code!: string;

  @ApiProperty({ example: 'Comisión Nacional de Vivienda (demostración)' })
  name!: string;

  @ApiCode(KIND_LABELS)
  kind!: 'federal' | 'state' | 'municipal';

  @ApiCode(territoryName, {
    nullable: true,
    description: 'Clave INEGI de su territorio: entidad o municipio; null en la federación.',
    example: '15002',
  })
  territory!: string | null;

  @ApiProperty({
    description: 'Dónde más encontrar ayuda.',
    example: 'También puedes llamar al 800 000 0000 de lunes a viernes.',
  })
  contactText!: string;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'Dónde denunciar y dar seguimiento en la web, si la institución tiene una página.',
    example: 'https://ejemplo.gob.mx/denuncias',
  })
  webFormUrl!: string | null;

  @ApiProperty({ description: 'Si es de demostración y nadie atiende lo que reciba.', example: true })
  demo!: boolean;
}

export class CodeAndLabel {
  @ApiProperty({ description: 'Clave estable, para programas.', example: 'under_investigation' })
  code!: string;

  @ApiProperty({ description: 'Texto para personas, en el idioma pedido.', example: 'En investigación' })
  label!: string;
}

export class PublicArea {
  @ApiProperty({ example: 'OIC' })
  code!: string;

  @ApiProperty({ example: 'Órgano Interno de Control' })
  label!: string;
}

export class PublicCategory {
  @ApiProperty({ description: 'La clave que va en `category` de una denuncia.', example: 'FRAUD' })
  code!: string;

  @ApiProperty({ example: 'Fraude o engaño' })
  label!: string;

  @ApiProperty({
    description: 'Explicación breve, siempre en español.',
    example: 'Engaños para quedarse con dinero, apoyos o bienes públicos.',
  })
  description!: string;
}

export class PublicState {
  @ApiProperty({ example: '15' })
  key!: string;

  @ApiProperty({ example: 'México' })
  name!: string;
}

export class PublicMunicipality {
  @ApiProperty({ description: 'Clave INEGI: cinco cifras, como texto.', example: '15002' })
  key!: string;

  @ApiProperty({ example: 'Acolman' })
  name!: string;

  @ApiProperty({ type: PublicState })
  state!: PublicState;
}

export class PublicFault {
  @ApiProperty({ description: 'Artículo de la LGRA.', example: '52' })
  article!: string;

  @ApiCode(FAULT_KIND_LABELS, { example: 'grave' })
  kind!: 'no_grave' | 'grave' | 'particulares';

  @ApiProperty({ example: 'Cohecho' })
  name!: string;
}

export class PublicPrivacyNotice {
  @ApiProperty({ description: 'La versión que se acepta en `privacyNotice.version`.', example: '2026-1' })
  version!: string;

  @ApiProperty({ example: 'Tus datos se usan sólo para atender tu denuncia.' })
  text!: string;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'Aviso integral.',
    example: 'https://ejemplo.gob.mx/aviso',
  })
  url!: string | null;

  @ApiProperty({ format: 'date', example: '2026-01-01' })
  validFrom!: string;
}
