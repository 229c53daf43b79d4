import { ApiProperty } from '@nestjs/swagger';
import { LANGUAGE_LABELS, STATUS_LABELS } from '../../foundations/catalogs/labels.js';
import { METRIC_LABELS } from '../../foundations/sla/labels.js';
import { ApiCode } from '../../platform/http/labels.js';
import type { Language } from '../../platform/http/language.js';
import { MODE_LABELS } from '../../work/cases/labels.js';
import { ACTION_LABELS, type Action, type Choice } from './speech/menus.js';

const EXAMPLE_TOKEN = 'dai_AbC…';

export class IvrChoice implements Choice {
  @ApiProperty({ example: '1', description: 'La tecla.' }) digit!: string;
  @ApiCode(ACTION_LABELS, { example: 'report' }) action!: Action;
  @ApiProperty({ example: '/ivr/reports', description: 'A qué ruta seguir, debajo de `/api/v1`.' })
  path!: string;
}

/** What every answer to a voice menu holds. */
export class IvrAnswer {
  @ApiProperty({
    type: [String],
    example: ['Para español, marque uno.', 'For English, press two.'],
    description: 'Frases sin marcas, con números y fechas en palabras, para leerse en orden.',
  })
  say!: string[];

  @ApiProperty({ type: [IvrChoice], description: 'Qué teclas valen ahora.' })
  options!: IvrChoice[];
}

/** What is said before each thing that the caller types or says. */
export class IvrPrompts {
  @ApiProperty({ type: [String], description: 'Antes de la modalidad.' }) modes!: string[];
  @ApiProperty({ type: [String], description: 'Antes del aviso de privacidad.' }) notice!: string[];
  @ApiProperty({ type: [String], description: 'Antes del teléfono.' }) phone!: string[];
  @ApiProperty({ type: [String], description: 'Antes del folio.' }) folio!: string[];
  @ApiProperty({ type: [String], description: 'Antes de la clave.' }) accessCode!: string[];
  @ApiProperty({ type: [String], description: 'Antes del relato.' }) account!: string[];
  @ApiProperty({ type: [String], description: 'Antes de un mensaje o una respuesta.' }) message!: string[];
}

export class IvrMenu extends IvrAnswer {
  @ApiCode(LANGUAGE_LABELS, { nullable: true, description: 'Null mientras no se eligió.' })
  language!: Language | null;

  @ApiProperty({ type: IvrPrompts, nullable: true, description: 'Null mientras no se eligió el idioma.' })
  prompts!: IvrPrompts | null;

  @ApiProperty({
    type: String,
    nullable: true,
    example: '2026-1',
    description: 'Versión del aviso de privacidad vigente; su texto, en `GET /public/privacy-notice`.',
  })
  noticeVersion!: string | null;
}

export class IvrFolio extends IvrAnswer {
  @ApiProperty({ example: '2884-8343-9839-674', description: 'El folio en cifras, en su forma.' })
  folioDigits!: string;
}

export class IvrSessionOpened extends IvrAnswer {
  @ApiProperty({
    example: EXAMPLE_TOKEN,
    description: 'Va en `Ivr-Token`. Vale diez minutos, con esta clave de canal.',
  })
  token!: string;
  @ApiProperty({ example: '2026-11-20T16:10:00Z' }) expiresAt!: string;
}

export class IvrReceipt extends IvrAnswer {
  @ApiProperty({ example: 'CNV-2026-7K3M-Q9TZ-4' }) folio!: string;
  @ApiProperty({ example: '2884-8343-9839-674' }) folioDigits!: string;
  @ApiProperty({ example: '4821-0937-5566-1204', description: 'Clave de consulta; sólo aparece aquí.' })
  accessCode!: string;
  @ApiCode(MODE_LABELS) mode!: string;
  @ApiProperty({ example: '2026-11-20' }) receivedOn!: string;
  @ApiProperty({
    type: String,
    nullable: true,
    example: EXAMPLE_TOKEN,
    description:
      'Para mandar la grabación. Null cuando se repite una solicitud y la clave ya se cambió, o cuando abrirlo tardaría: entonces se entra con folio y clave.',
  })
  token!: string | null;
  @ApiProperty({ type: String, nullable: true, example: '2026-11-20T16:10:00Z' }) expiresAt!: string | null;
}

export class IvrDeadline {
  @ApiCode(METRIC_LABELS) metric!: string;
  @ApiProperty({ example: '2026-11-25' }) dueOn!: string;
  @ApiProperty({ example: 5, description: 'Días naturales que faltan.' }) days!: number;
}

export class IvrState extends IvrAnswer {
  @ApiCode(STATUS_LABELS) status!: string;
  @ApiProperty({ type: IvrDeadline, nullable: true, description: 'El plazo que termina primero.' })
  nextDeadline!: IvrDeadline | null;
  @ApiProperty({
    example: 1,
    description: 'Mensajes del personal que siguen a lo último que la persona envió.',
  })
  newMessages!: number;
  @ApiProperty({ example: false, description: 'Si hay una pregunta sin contestar.' }) openQuestion!: boolean;
  @ApiProperty({ example: false, description: 'Si falta la grabación del relato.' }) awaitsVoice!: boolean;
}

export class IvrKept extends IvrAnswer {
  @ApiProperty({ example: 2, description: 'Número entre los archivos de la persona.' }) number!: number;
  @ApiProperty({
    type: Boolean,
    nullable: true,
    example: null,
    description: 'De una respuesta: si contestó la pregunta; `false` cuando ya no estaba abierta.',
  })
  answered!: boolean | null;
}

export class IvrCode extends IvrAnswer {
  @ApiProperty({
    example: '4821-0937-5566-1204',
    description: 'La clave nueva. La anterior ya no vale, y con este token sólo se repite esta respuesta.',
  })
  accessCode!: string;
}
