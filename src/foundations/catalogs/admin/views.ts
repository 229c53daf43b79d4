import { ApiProperty } from '@nestjs/swagger';
import { ApiCode } from '../../../platform/http/labels.js';
import type { CalendarRule } from '../business-calendar.js';
import { CALENDAR_RULE_LABELS, KIND_LABELS, PRIORITY_LABELS, territoryName } from '../labels.js';
import type { Priority } from '../priorities.js';

const ID = { format: 'uuid', example: '0b9c2f5e-6f0e-4f3c-9d39-3a4d0f2b8c11' };

export class AdminArea {
  @ApiProperty(ID)
  id!: string;

  @ApiProperty({ example: 'OBRA' })
  code!: string;

  @ApiProperty({ example: 'Supervisión de obra' })
  label!: string;

  @ApiProperty({ type: String, nullable: true, description: 'En inglés.', example: 'Works supervision' })
  labelEn!: string | null;

  @ApiProperty({ description: 'Si recibe lo que ninguna regla reclama.', example: false })
  fallback!: boolean;

  @ApiProperty({ format: 'date', example: '2026-01-01' })
  validFrom!: string;

  @ApiProperty({
    type: String,
    format: 'date',
    nullable: true,
    description: 'Último día, incluido.',
    example: null,
  })
  validTo!: string | null;
}

export class AdminAreas {
  @ApiProperty({
    type: [AdminArea],
    description: 'Todas, también las que terminaron: los casos viejos las nombran.',
  })
  items!: AdminArea[];
}

export class AdminCategory {
  @ApiProperty(ID)
  id!: string;

  @ApiProperty({ example: 'FRAUD' })
  code!: string;

  @ApiProperty({ description: 'En los expedientes.', example: 'FRA' })
  shortCode!: string;

  @ApiProperty({ example: 'Fraude o engaño' })
  label!: string;

  @ApiProperty({ example: 'Fraud' })
  labelEn!: string;

  @ApiProperty({ example: 'Engaños para quedarse con dinero, apoyos o bienes públicos.' })
  description!: string;

  @ApiCode(PRIORITY_LABELS, { example: 'high' })
  priority!: Priority;

  @ApiProperty({ format: 'date', example: '2026-01-01' })
  validFrom!: string;

  @ApiProperty({
    type: String,
    format: 'date',
    nullable: true,
    description: 'Último día, incluido.',
    example: null,
  })
  validTo!: string | null;
}

export class AdminCategories {
  @ApiProperty({ type: [AdminCategory], description: 'Todas, también las que terminaron.' })
  items!: AdminCategory[];
}

export class Closure {
  @ApiProperty(ID)
  id!: string;

  @ApiProperty({ format: 'date', example: '2026-12-21' })
  day!: string;

  @ApiProperty({ example: 'Vacaciones de diciembre' })
  label!: string;
}

export class Closures {
  @ApiProperty({ type: [Closure] })
  items!: Closure[];
}

export class NonWorkingDayView {
  @ApiProperty({ format: 'date', example: '2026-12-25' })
  day!: string;

  @ApiProperty({ example: 'Navidad' })
  label!: string;
}

export class AdminCalendar {
  @ApiCode(CALENDAR_RULE_LABELS)
  rule!: CalendarRule;

  @ApiProperty({ type: 'integer', example: 2026 })
  year!: number;

  @ApiProperty({ type: [Closure], description: 'Cierres propios de la institución en ese año.' })
  closures!: Closure[];

  @ApiProperty({
    type: [NonWorkingDayView],
    description: 'Días inhábiles de la ley y cierres del año; los sábados y domingos comunes no se enumeran.',
  })
  nonWorkingDays!: NonWorkingDayView[];
}

export class AdminInstitution {
  @ApiProperty({ example: 'CONAVI-DEMO' })
  code!: string;

  @ApiProperty({ description: 'Principio de sus folios.', example: 'CNV' })
  prefix!: string;

  @ApiCode(KIND_LABELS)
  kind!: 'federal' | 'state' | 'municipal';

  @ApiCode(territoryName, { nullable: true, description: 'Clave INEGI de su territorio.', example: '15002' })
  territory!: string | null;

  @ApiProperty({
    description: 'Zona horaria (IANA) en la que empiezan y terminan sus días.',
    example: 'America/Mexico_City',
  })
  timeZone!: string;

  @ApiProperty({ example: 'Comisión Nacional de Vivienda (demostración)' })
  name!: string;

  @ApiProperty({ example: 'Atención ciudadana: 800 000 0000, de lunes a viernes de 9 a 18 h.' })
  contactText!: string;

  @ApiProperty({ type: String, nullable: true, example: 'https://ejemplo.gob.mx/denuncias' })
  webFormUrl!: string | null;

  @ApiProperty({ description: 'Forma de los expedientes.', example: '{area}/{type}/{number}/{year}' })
  expedienteTemplate!: string;

  @ApiProperty({ description: 'Un expediente con esa forma, como muestra.', example: 'MESA/OTR/0001/2026' })
  expedienteExample!: string;
}

export class AdminNotice {
  @ApiProperty({ example: '2026-1' })
  version!: string;

  @ApiProperty({ example: 'Tus datos se usan sólo para atender tu denuncia.' })
  text!: string;

  @ApiProperty({ type: String, nullable: true, example: 'https://ejemplo.gob.mx/aviso' })
  url!: string | null;

  @ApiProperty({ format: 'date', example: '2026-01-01' })
  validFrom!: string;

  @ApiProperty({ description: 'Si es el que vale hoy.', example: true })
  inForce!: boolean;
}

export class AdminNotices {
  @ApiProperty({ type: [AdminNotice] })
  items!: AdminNotice[];
}
